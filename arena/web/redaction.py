"""Keeps invitation tokens out of the server's own log: more people read it than may join rooms."""

import logging
import re

_TOKEN = re.compile(r"(/(?:join|return)/)[^/\s]+")


class WithoutTokens(logging.Filter):
    """Write `/join/…` where a record would name a link to a seat; let every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if "/join/" in said or "/return/" in said:
            record.msg, record.args = _TOKEN.sub(r"\1…", said), ()
        return True


#: What uvicorn logs, with a traceback, for a text frame that is not UTF-8.
_BROKEN_FRAME = "Invalid UTF-8 sequence received from client."


class WithoutClientNoise(logging.Filter):
    """Write a client's broken frame as one quiet line: no traceback of it helps anybody."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.msg == _BROKEN_FRAME:
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.exc_info = record.exc_text = None
        return True
