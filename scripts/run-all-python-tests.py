"""Runs the agent's own tests on every interpreter, three at a time: they wait a third of their time.

usage: run-all-python-tests.py FOLDER TARGETS [NAME PYTHON]…

The first interpreter is the default one. Of each one TARGETS/python-tests-NAME.json, .log and .status are left.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

# What hardly depends on the interpreter's version runs on the default one.
INDEPENDENT = ["test_agent_compare", "test_closeness", "test_concurrency_fixtures", "test_selection", "test_stubs", "test_synthesis"]
# What takes long runs on the oldest and the newest one besides.
LONG = ["test_agent_isolation", "test_agent_observe", "test_edits", "test_recording", "test_schedule_asyncio", "test_schedule_packages",
        "test_schedule_reference"]


def left_out(index, count):
    """The modules that an interpreter leaves out; all but the first are sorted by version."""
    if index == 0:
        return []
    return INDEPENDENT + (LONG if 1 < index < count - 1 else [])


def compiled_agent(targets, pythons):
    """A copy of the agent that each interpreter has compiled, as heal installs it: tests start it some thousand times."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Sources", "PythonAgent", "Agent")
    copy = os.path.join(targets, "agent")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for python in pythons:
        subprocess.run([python, "-I", "-S", "-m", "compileall", "-q", copy], stdin=subprocess.DEVNULL, check=False)
    return copy


def run(folder, targets, agent, name, python, modules):
    """Runs one interpreter's tests; without a status nobody counts them as passed."""
    target = os.path.join(targets, "python-tests-" + name)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run-python-tests.py")
    with open(target + ".log", "w", encoding="utf-8") as log:
        status = subprocess.run(
            [python, script, folder, target + ".json", *modules],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "HEAL_TEST_AGENT": agent},
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        ).returncode
    with open(target + ".status", "w", encoding="utf-8") as file:
        file.write(f"{status}\n")


def main():
    folder, targets, *rest = sys.argv[1:]
    pairs = list(zip(rest[::2], rest[1::2]))
    agent = compiled_agent(targets, [python for _, python in pairs])
    with ThreadPoolExecutor(3) as pool:
        runs = [
            (left_out(index, len(pairs)), name, python) for index, (name, python) in enumerate(pairs)
        ]
        runs.sort(key=lambda one: len(one[0]))
        for done in [pool.submit(run, folder, targets, agent, name, python, modules) for modules, name, python in runs]:
            done.result()


if __name__ == "__main__":
    main()
