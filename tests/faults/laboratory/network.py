"""A network of one's own from which the server can be dialled, whose cable can be pulled.

A cable that is pulled sends nothing: both ends believe in their connections for a long time, and
what was under way arrives when it is plugged in again.
"""

import contextlib
import ctypes
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.faults.laboratory.servers import Unavailable

_CLONE_NEWNET = 0x4000_0000
_libc = ctypes.CDLL(None, use_errno=True)


class Network:
    """A network namespace at the other end of a cable (a pair of virtual interfaces)."""

    def __init__(self) -> None:
        self.name = f"lab{secrets.token_hex(3)}"
        here, there = (f"{self.name}{end}" for end in "ab")
        block = f"10.{secrets.randbelow(64) + 160}.{secrets.randbelow(256)}"
        self.address, self._cable = f"{block}.1", there
        _ip("netns", "add", self.name)
        _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", self.name)
        _ip("address", "add", f"{self.address}/30", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", self.name, "address", "add", f"{block}.2/30", "dev", there)
        self.plug_in()

    def plug_in(self) -> None:
        _ip("-n", self.name, "link", "set", self._cable, "up")

    def pull(self) -> None:
        _ip("-n", self.name, "link", "set", self._cable, "down")

    def dial(self, port: int) -> socket.socket:
        """A socket in that network, on its way to the server."""
        with _inside(self.name):
            made = socket.socket()
        made.setblocking(False)
        made.connect_ex((self.address, port))
        return made

    def remove(self) -> None:
        _ip("netns", "delete", self.name)


@contextlib.contextmanager
def network() -> Iterator[Network]:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise Unavailable(
            "Half-open sockets need root and `ip` (iproute2), for a network of their own."
        )
    try:
        made = Network()
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"No network could be made: {error.stderr.strip()}") from None
    try:
        yield made
    finally:
        made.remove()


@contextlib.contextmanager
def _inside(name: str) -> Iterator[None]:
    """Have this thread be in a network; its sockets stay in the one they were made in."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(Path("/var/run/netns") / name, os.O_RDONLY)
    try:
        _enter(there)
        yield
    finally:
        _enter(home)
        os.close(home)
        os.close(there)


def _enter(network: int) -> None:
    if _libc.setns(network, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
