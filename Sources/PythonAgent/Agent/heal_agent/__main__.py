"""Starts the agent: `python -I heal_agent/__main__.py --in FD --out FD`, both descriptors inherited."""

import sys

# What an interpreter has loaded before a program starts; whatever the agent adds is hidden from the program later.
_AT_START = frozenset(sys.modules)


def _locate_package() -> None:
    """Imports the package from beside this file, and leaves no trace of its folder on `sys.path`."""
    import os

    package = os.path.dirname(os.path.abspath(__file__))
    parent = os.path.dirname(package)
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") not in (package, parent)]
    sys.path.insert(0, parent)
    try:
        import heal_agent  # noqa: F401
    finally:
        sys.path.remove(parent)


def main() -> int:
    if sys.version_info < (3, 9):
        sys.stderr.write("the agent needs Python 3.9 or later, this is %s\n" % sys.version.split()[0])
        return 3
    _locate_package()
    from heal_agent import bootstrap
    from heal_agent.errors import Detach

    try:
        return bootstrap.serve(sys.argv[1:], _AT_START)
    except Detach as detached:
        task = detached.task
    # Outside the handler: a program must not see the agent's exception as the context of its own.
    while True:
        try:
            return task()
        except Detach as detached:
            task = detached.task


if __name__ == "__main__":
    sys.exit(main())
