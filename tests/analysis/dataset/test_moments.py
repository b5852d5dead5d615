"""Moments as records write and read them."""

import datetime as dt

import pytest

from analysis.dataset.moments import iso_ms, read_ms, since_1970_ms

T0 = dt.datetime(2026, 11, 22, 22, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("microsecond", [0, 1, 999])
def test_moment_is_cut_to_the_millisecond(microsecond: int) -> None:
    moment = T0.replace(microsecond=123_000 + microsecond)
    cut = since_1970_ms(moment)
    assert dt.datetime.fromtimestamp(cut / 1000, dt.UTC) == T0 + dt.timedelta(milliseconds=123)
    assert read_ms(iso_ms(moment)) == cut == read_ms(moment.isoformat(timespec="milliseconds"))


def test_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        read_ms("2026-11-22T22:00:00.000")
