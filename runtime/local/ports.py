"""TCP ports of this machine, on which nobody from outside can knock."""

from __future__ import annotations

import socket

from runtime.errors import SetupError

HOST = "127.0.0.1"


def check_port(port: int, what_for: str, variable: str) -> None:
    """Raises SetupError where another program holds a port; the message names the variable to change."""
    with socket.socket() as probe:
        # Without it a port that a stopped server held a moment ago would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise SetupError(
                f"Port {port} for {what_for} is reserved for root; set {variable} to a higher one."
            ) from error
        except OSError as error:
            raise SetupError(
                f"Port {port} for {what_for} is taken by another program; set {variable} to a free one."
            ) from error


def free_port() -> int:
    """A port that nobody holds at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
