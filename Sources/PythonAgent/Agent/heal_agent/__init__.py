"""The Python side of Selfheal: answers questions about Python with Python itself.

The package is pure standard library and runs on Python 3.9 to 3.14. `server` speaks the wire protocol (PROTOCOL.md beside
the package); everything that runs code of the program under repair happens in forked children, never in this process.
"""

PROTOCOL_VERSION = 1
