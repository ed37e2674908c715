"""Names every CPython from 3.9 to 3.14 on this machine: `3.9 /path/of/the/real/binary`, one for each minor version.

usage: find-pythons.py [--without 3.11]
Looks for python3.X on PATH, and in the folders of pyenv.
"""

import glob
import os
import subprocess
import sys

OLDEST, NEWEST = 9, 14
ASK = ("import os, platform, sys; print(platform.python_implementation(), '%d.%d' % sys.version_info[:2],"
       " os.path.realpath(getattr(sys, '_base_executable', '') or sys.executable))")


def candidates():
    folders = os.environ.get("PATH", "").split(os.pathsep)
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for minor in range(OLDEST, NEWEST + 1):
        name = "python3.%d" % minor
        yield from (os.path.join(folder, name) for folder in folders)
        # The newest of a minor version first.
        yield from sorted(glob.glob(os.path.join(pyenv, "versions", "3.%d.*" % minor, "bin", name)), key=patch, reverse=True)


def patch(path):
    number = path.split(os.sep)[-3].split(".")[2]
    return int(number) if number.isdigit() else -1


def real(path):
    """Version and real binary behind a path; None for a shim that leads nowhere and for another implementation."""
    try:
        answer = subprocess.run([path, "-I", "-c", ASK], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = answer.stdout.split(maxsplit=2)
    return (words[1], words[2].strip()) if answer.returncode == 0 and words[:1] == ["CPython"] else None


def main():
    without = set(sys.argv[2:]) if sys.argv[1:2] == ["--without"] else set()
    found = {}
    for path in candidates():
        version = os.path.basename(path)[len("python"):]
        if version in without or version in found or not os.access(path, os.X_OK):
            continue
        seen = real(path)
        if seen is not None and seen[0] == version:
            found[version] = seen[1]
    for version, path in found.items():
        print(version, path)


if __name__ == "__main__":
    main()
