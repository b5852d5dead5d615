"""The line between a page and the server, for tests to cut, to mend and to hold up."""

import json
import re

from playwright.sync_api import Page, WebSocketRoute


class Line:
    """Every socket that a page opens passes through here. Make it before the page is opened."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._routes: list[WebSocketRoute] = []
        self._is_cut = False
        #: How many sockets the page has opened.
        self.n_opened = 0
        #: Set to break the connection once, between a message's storing and its acknowledgement.
        self.loses_ack = False
        self._held: list[tuple[WebSocketRoute, str]] | None = None
        page.route_web_socket(re.compile("/ws/room/"), self._open)

    def cut(self) -> None:
        """Break the connection, and every attempt at a new one."""
        self._is_cut = True
        for route in self._routes:
            route.close()
        self._routes = []

    def mend(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    def hold(self) -> None:
        """Let nothing of what the server says arrive."""
        self._held = []

    def release(self) -> None:
        """Deliver what was held up, and what comes from now on."""
        held, self._held = self._held or [], None
        for route, frame in held:
            route.send(frame)

    def _open(self, route: WebSocketRoute) -> None:
        self.n_opened += 1
        if self._is_cut:
            route.close()
            return
        server = route.connect_to_server()
        server.on_message(lambda frame: self._arrive(route, str(frame)))
        self._routes.append(route)

    def _arrive(self, route: WebSocketRoute, frame: str) -> None:
        if self.loses_ack and json.loads(frame)["is"] == "ack":
            self.loses_ack = False
            route.close()
        elif self._held is not None:
            self._held.append((route, frame))
        elif route in self._routes:
            route.send(frame)
