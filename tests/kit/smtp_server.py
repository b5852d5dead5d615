"""A mail server on a real port that refuses, or drops its line, when a test tells it to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it took. `refuses` is who is refused once before a mail to them is taken."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *, refuses: str = "", drops_after_taking: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.refuses, self.drops_after_taking = refuses, drops_after_taking
        self.taken: list[EmailMessage] = []

    def taken_for(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.taken if letter["To"] == address]

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Line(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._answer("220 here")
        while line := self.rfile.readline():
            match line.decode().split()[0].upper():
                case "EHLO" | "HELO" | "MAIL" | "NOOP":
                    self._answer("250 yes")
                case "RCPT" if self.server.refuses and self.server.refuses in line.decode():
                    self.server.refuses = ""
                    self._answer("450 come back later")
                case "RCPT" | "RSET":
                    self._answer("250 yes")
                case "DATA":
                    self._answer("354 go on")
                    if not self._take():
                        return
                case "QUIT":
                    self._answer("221 bye")
                    return
                case _:
                    self._answer("502 no")

    def _take(self) -> bool:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.taken.append(cast(EmailMessage, letter))
        if self.server.drops_after_taking:
            return False
        self._answer("250 taken")
        return True

    def _answer(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server(*, refuses: str = "", drops_after_taking: bool = False) -> Iterator[MailServer]:
    with MailServer(refuses=refuses, drops_after_taking=drops_after_taking) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
