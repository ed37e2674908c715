"""Findings per 1,000 lines that each static diagnosis rule gives on code known to work.

    python3 Benchmarks/diagnosis_noise.py [FOLDER…] [--show RULE] [--limit N]

Without folders: the standard library of the running interpreter, its test folders left out.
"""

from __future__ import annotations

import argparse
import collections
import os
import sys
import sysconfig
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Sources" / "PythonAgent" / "Agent"))

from heal_agent.diagnose import diagnose  # noqa: E402

_LEFT_OUT = {"test", "tests", "site-packages", "__pycache__", "lib2to3", "idle_test", "turtledemo", "bad"}


def python_files(folder: Path):
    """Paths of the Python files below a folder, tests and caches left out."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in _LEFT_OUT and not f.startswith("."))
        for name in sorted(names):
            if name.endswith(".py"):
                yield Path(root) / name


def measure(folder: Path, show: str, limit: int) -> None:
    """Prints the rates of one folder, rule by rule."""
    counts: collections.Counter = collections.Counter()
    lines = files = 0
    started = time.process_time()
    for path in list(python_files(folder))[:limit]:
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        files += 1
        lines += text.count("\n")
        for item in diagnose({path.name: text}, None, []):
            counts[item["rule"], item["confidence"]] += 1
            if show and item["rule"].startswith(show):
                print(f"  {path}:{item['range'][0]}: {item['rule']} {item['confidence']}: {item['message']}")
    seconds = time.process_time() - started
    thousand = max(lines, 1) / 1000
    print(f"{folder}: {files} files, {lines:,} lines, {seconds:.1f} CPU s ({seconds / thousand:.3f} s per 1,000 lines)")
    for (rule, confidence), count in sorted(counts.items(), key=lambda c: -c[1]):
        print(f"  {rule:34} {confidence:7} {count:5}  {count / thousand:.3f} per 1,000 lines")
    for confidence in ("high", "medium", "low"):
        total = sum(c for (_, sure), c in counts.items() if sure == confidence)
        print(f"  all {confidence:38} {total:5}  {total / thousand:.3f} per 1,000 lines")


def main() -> None:
    """Measures the folders named, else the standard library."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--show", default="", help="print the findings of rules that start with this")
    parser.add_argument("--limit", type=int, default=1_000_000, help="files per folder")
    arguments = parser.parse_args()
    for folder in arguments.folders or [Path(sysconfig.get_paths()["stdlib"])]:
        measure(folder, arguments.show, arguments.limit)


if __name__ == "__main__":
    main()
