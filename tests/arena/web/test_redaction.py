"""What no line of the server's own log tells."""

import logging

from arena.web.redaction import WithoutTokens


def test_log_never_names_a_way_back() -> None:
    args = ("Not Found", "/return/abc/")
    record = logging.LogRecord("django.request", 30, __file__, 1, "%s: %s", args, None)
    assert WithoutTokens().filter(record)
    assert record.getMessage() == "Not Found: /return/…/"
