"""How many injected syntax errors are repaired, and how many to the original program, by kind.

    python3 Benchmarks/syntax_repair.py [--per-kind N] [--seed S] [--show KIND]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Dict, Iterable, List, Tuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "Sources" / "PythonAgent" / "Agent"), str(ROOT / "Tests" / "PythonAgentPyTests")]

from heal_agent.syntax import repair_text  # noqa: E402
from syntax_injection import same, samples, several  # noqa: E402


def measure(title: str, cases: Iterable[Tuple[str, str, str]], by_kind: bool, show: str) -> None:
    """Prints the shares for a row of cases."""
    table: Dict[str, List[Tuple[bool, bool, bool]]] = {}
    times: List[float] = []
    for kind, original, text in cases:
        started = time.process_time()
        found = repair_text(text, 5)
        times.append(time.process_time() - started)
        first = bool(found) and same(found[0].patch.apply(text), original)
        some = any(same(r.patch.apply(text), original) for r in found)
        table.setdefault(kind if by_kind else title, []).append((bool(found), first, some))
        if show and show in kind and not first:
            print("=" * 30, kind, "in the list" if some else "NOT in the list")
            print(_difference(text, original))
            for repair in found[:3]:
                print("--", round(repair.score, 2), [e.reason for e in repair.patch.edits])
                print(_difference(repair.patch.apply(text), original))
    for kind, rows in table.items():
        total = len(rows)
        print(f"{kind:28} {total:4}  repaired {_share(rows, 0)}  first is the original {_share(rows, 1)}  one of five {_share(rows, 2)}")
    everything = [row for rows in table.values() for row in rows]
    print(f"{title:28} {len(everything):4}  repaired {_share(everything, 0)}  first is the original {_share(everything, 1)}  one of five {_share(everything, 2)}"
          f"  median {statistics.median(times) * 1000:.1f} ms, worst {max(times) * 1000:.0f} ms")  # fmt: skip


def _share(rows: List[Tuple[bool, bool, bool]], column: int) -> str:
    return f"{100 * sum(row[column] for row in rows) / max(len(rows), 1):5.1f}%"


def _difference(a: str, b: str) -> str:
    pairs = [(x, y) for x, y in zip(a.split("\n"), b.split("\n")) if x != y]
    return "\n".join(f"   {x}\n      | {y}" for x, y in pairs[:3])


def main() -> None:
    """Measures one error, then two, three and four at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-kind", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", default="")
    arguments = parser.parse_args()
    measure("one error", samples(arguments.per_kind, arguments.seed), True, arguments.show)
    for errors in (2, 3, 4):
        measure(f"{errors} errors", several(60, errors, arguments.seed), False, "")


if __name__ == "__main__":
    main()
