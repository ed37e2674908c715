"""Sums the verdicts of both test runners; fails for failures and for skips that nobody allowed.

The last line is alone on its line: N passed, N failed, N skipped
"""

import argparse
import json
import os
import re
import sys


def swift_verdicts(path):
    """Reads the event stream of Swift Testing: (verdict, detail) by test."""
    verdicts, names, details = {}, {}, {}
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                record = json.loads(line)
            except ValueError:
                continue  # the last line of a run that was killed
            payload = record.get("payload", {})
            if record.get("kind") == "test":
                if payload.get("kind") == "function":
                    names[payload["id"]] = payload.get("displayName") or payload.get("name")
                continue
            test, kind = payload.get("testID"), payload.get("kind")
            if test not in names:
                if kind == "issueRecorded" and is_failure(payload):
                    verdicts[f"(outside any test) {len(verdicts)}"] = ("failed", message_of(payload))
                continue
            if kind == "testStarted":
                verdicts[test] = ("failed", "it did not come to its end")
            elif kind == "testSkipped":
                verdicts[test] = ("skipped", message_of(payload))
            elif kind == "issueRecorded" and is_failure(payload):
                details.setdefault(test, []).append(message_of(payload))
            elif kind == "testEnded":
                found = details.get(test)
                verdicts[test] = ("failed", "\n".join(found)) if found else ("passed", "")
    return {names.get(test, test): verdict for test, verdict in unique(verdicts, names).items()}


def unique(verdicts, names):
    """Two tests may share a display name: the later ones keep their whole id."""
    seen = set()
    for test in list(verdicts):
        name = names.get(test, test)
        if name in seen:
            names[test] = f"{name} ({test})"
        seen.add(name)
    return verdicts


def is_failure(payload):
    issue = payload.get("issue", {})
    return not issue.get("isKnown") and issue.get("isFailure", True)


def message_of(payload):
    texts = [part.get("text", "") for part in payload.get("messages", [])]
    place = payload.get("issue", {}).get("sourceLocation", {})
    where = f"{place.get('fileID', '')}:{place.get('line', '')}: " if place else ""
    return where + "\n    ".join(text for text in texts if text)


def python_verdicts(name, path):
    """The interpreter's version, and its verdicts; tests on another than the default one say so in their name."""
    if not os.path.exists(path):
        return "", {}
    with open(path, encoding="utf-8") as file:
        told = json.load(file)
    suffix = "" if name == "default" else f" (Python {name})"
    return told["version"], {test + suffix: tuple(verdict) for test, verdict in told["verdicts"].items()}


def allowed_skips(path):
    """Reads `name | reason` lines; a reason must be there, and `*` in a name stands for any text."""
    allowed = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            name, bar, reason = line.partition("|")
            if not bar or not reason.strip():
                sys.exit(f"{path}:{number}: a skip needs its reason: name | reason")
            allowed[name.strip()] = reason.strip()
    return allowed


def is_allowed(name, allowed):
    return name in allowed or any("*" in one and matches(one, name) for one in allowed)


def matches(pattern, name):
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skips", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--swift", nargs=2, required=True, metavar=("EVENTS", "STATUS"))
    parser.add_argument("--python", nargs=3, default=[], action="append", metavar=("NAME", "VERDICTS", "STATUS"))
    options = parser.parse_args()
    allowed = allowed_skips(options.skips)
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    runners = [
        ("Swift", swift_verdicts(options.swift[0]), int(options.swift[1])),
    ]
    versions = []
    for name, path, status in options.python:
        version, verdicts = python_verdicts(name, path)
        runners.append((f"Python {version or name}", verdicts, int(status)))
        versions.append(f"{version or name}: {len(verdicts)}")
    for runner, verdicts, status in runners:
        failed = 0
        for name, (verdict, detail) in sorted(verdicts.items()):
            if verdict == "skipped" and not is_allowed(name, allowed):
                print(f"SKIPPED without leave: {name}: {detail} (see {options.skips})")
                verdict = "failed"
            elif verdict == "failed":
                print(f"FAILED: {name}\n    {detail.rstrip()}")
            failed += verdict == "failed"
            totals[verdict] += 1
        if status != 0 and failed == 0:
            print(f"FAILED: the tests in {runner} ended with status {status}; see {options.log}")
            totals["failed"] += 1
    if versions:
        print("tests of the agent by interpreter: " + ", ".join(versions))
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**totals))
    return 1 if totals["failed"] or not totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
