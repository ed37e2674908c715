"""Runs a command on a terminal of its own: pty_session.py ANSWER COMMAND… Prints its output; its status is the command's.

The answer is typed when the question comes; without one the terminal only watches.
"""

import os
import pty
import select
import sys
import time


def main():
    answer, command = sys.argv[1], sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        os.execv(command[0], command)
    seen, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the last holder of the other side is gone
            break
        if not data:
            break
        seen += data
        if answer and seen.endswith(b"[y/n] "):
            os.write(terminal, answer.encode() + b"\n")
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.stdout.write(seen.decode(errors="replace"))
    return status


if __name__ == "__main__":
    sys.exit(main())
