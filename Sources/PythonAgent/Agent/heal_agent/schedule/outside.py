"""What of asyncio waits for something outside of the program: no schedule controls that, so it ends a run, which says what it was."""

from __future__ import annotations

from typing import Any, Dict

from .primitives import Run

_KINDS = {
    "sockets": ("create_connection create_server create_datagram_endpoint create_unix_connection create_unix_server connect_accepted_socket "
                "sock_recv sock_recv_into sock_recvfrom sock_recvfrom_into sock_sendall sock_sendto sock_connect sock_accept sock_sendfile "
                "sendfile start_tls getaddrinfo getnameinfo"),
    "processes": "subprocess_exec subprocess_shell",
    "pipes": "connect_read_pipe connect_write_pipe add_reader add_writer",
}
NAMES: "Dict[str, str]" = {name: kind for kind, names in _KINDS.items() for name in names.split()}
"""Methods of an event loop, and what they are about."""


def refusing(name: str) -> Any:
    """A method that ends the run as one that could not be controlled."""
    def refuse(self: Any, *args: Any, **named: Any) -> Any:
        run = Run.scheduler
        run.limit("asyncio's %s (%s) at %s" % (name, NAMES[name], Run.sites.where()))
        run.end("limit")

    refuse.__name__ = refuse.__qualname__ = name
    return refuse
