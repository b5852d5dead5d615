"""Live time is exact to the millisecond."""

from analysis.dataset.live_clock import LiveClock

T0 = 1_795_384_800_000  # ms since 1970


def test_live_clock_is_exact_to_the_millisecond() -> None:
    live = LiveClock()
    assert live.elapsed_ms(T0) is None
    for kind, ms in (("started", 0), ("paused", 1_001), ("resumed", 5_003), ("paused", 90_000_007)):
        live.hear(kind, T0 + ms)
    later = T0 + 90_000_007 + 90 * 86_400_000
    assert live.elapsed_ms(later) == 90_000_007 - (5_003 - 1_001)
    assert live.paused_ms(later) == 4_002 + 90 * 86_400_000
    assert live.resumed_ms == 4_002
