"""The limit: a plain ASGI application that parses, acknowledges and fans out, and stores nothing.

What is left is the cost of five frames a message, which no server of this kind can undercut.
"""

import json
from collections import defaultdict
from typing import Any

_rooms: dict[str, list[Any]] = defaultdict(list)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    members = _rooms[scope["path"]]
    members.append(send)
    n = 0
    while (message := await receive())["type"] == "websocket.receive":
        said = json.loads(message["text"])
        n += 1
        event = {"is": "event", "id": f"e{n}", "kind": "message", "text": said["text"]}
        frame = {"type": "websocket.send", "text": _text(event)}
        for member in members:
            await member(frame)
        ack = {"is": "ack", "re": said["id"], "event": f"e{n}"}
        await send({"type": "websocket.send", "text": _text(ack)})
    members.remove(send)


def _text(frame: dict[str, object]) -> str:
    return json.dumps(frame, separators=(",", ":"))
