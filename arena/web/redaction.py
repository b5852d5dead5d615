"""Keeps invitation tokens out of the server's log, whose readers may not join the rooms."""

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
    """Log a client's broken frame as one line without a traceback, which would help nobody."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.msg == _BROKEN_FRAME:
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.exc_info = record.exc_text = None
        return True
