"""Commands of a seat: read as documented, or refused with a code."""

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena import errors
from arena.protocol import commands, frames
from arena.protocol.commands import parse
from arena.protocol.fields import ProtocolError
from tests.kit.paths import ROOT

CODES = {
    "protocol.too_big",
    "protocol.encoding",
    "protocol.json",
    "protocol.shape",
    "protocol.unknown_command",
    "protocol.missing",
    "protocol.type",
    "protocol.range",
    "protocol.text",
}


@pytest.mark.parametrize(
    ("frame", "command"),
    [
        ('{"do":"sync","after":null}', commands.Sync(after=None)),
        ('{"do":"sync","after":"e1"}', commands.Sync(after="e1")),
        ('{"do":"history","before":"e1","limit":100}', commands.History(before="e1", limit=100)),
        (
            '{"do":"history","after":"e1","limit":1,"pane":"B","id":"h1"}',
            commands.History(after="e1", limit=1, pane="B", id="h1"),
        ),
        (
            '{"do":"history","at":"2026-11-22T23:42:10+01:00","limit":1,"pane":null}',
            commands.History(at=dt.datetime(2026, 11, 22, 22, 42, 10, tzinfo=dt.UTC), limit=1),
        ),
        ('{"do":"read","id":"1","event":"e1"}', commands.MarkRead(id="1", event="e1")),
        ('{"do":"ready","id":"1","consent":"ab"}', commands.DeclareReady(id="1", consent="ab")),
        (
            '{"do":"say","id":"1","pane":"A","text":"h\\u00e9"}',
            commands.Say(id="1", pane="A", text="hé"),
        ),
        ('{"do":"say","id":"1","text":""}', commands.Say(id="1", pane=None, text="")),
        ('{"do":"say","id":"1","pane":null,"text":"x"}', commands.Say(id="1", pane=None, text="x")),
        ('{"do":"belief","id":"1","p":1}', commands.ReportBelief(id="1", p=1.0)),
        (
            '{"do":"tag","id":"1","event":"e","strategies":["a","b","a"]}',
            commands.TagMessage(id="1", event="e", strategies=("a", "b")),
        ),
        (
            '{"do":"verdict","id":"1","human":false,"confidence":0.5,"reason":""}',
            commands.GiveVerdict(id="1", human=False, confidence=0.5, reason=""),
        ),
        (
            '{"do":"verdict","id":"1","human":"B","confidence":1,"reason":"r"}',
            commands.GiveVerdict(id="1", human="B", confidence=1.0, reason="r"),
        ),
        ('{"do":"leave","id":"1"}', commands.Leave(id="1")),
        ('{"do":"ping"}', commands.Ping()),
        (b'{"do":"ping","later":{"a":[1]}}', commands.Ping()),
        (
            '{"do":"say","id":"1","text":"x","typed":{"keys":1,"pastes":0,"pasted_chars":0,"away":2,'
            '"away_ms":900,"writing_ms":0,"pause_p50_ms":null,"pause_p90_ms":4}}',
            commands.Say(
                id="1",
                pane=None,
                text="x",
                typed=commands.HowTyped(
                    keys=1,
                    pastes=0,
                    pasted_chars=0,
                    away=2,
                    away_ms=900,
                    writing_ms=0,
                    pause_p50_ms=None,
                    pause_p90_ms=4,
                ),
            ),
        ),
        (
            '{"do":"say","id":"1","text":"\\ud83d\\ude00"}',
            commands.Say(id="1", pane=None, text="😀"),
        ),
    ],
)
def test_parse_reads_every_command(frame: str | bytes, command: commands.Command) -> None:
    assert parse(frame) == command


@pytest.mark.parametrize(
    ("frame", "code", "re"),
    [
        ("", "protocol.json", None),
        ("{", "protocol.json", None),
        ('{"do":"belief","id":"1","p":NaN}', "protocol.json", None),
        ('{"do":"belief","id":"1","p":-Infinity}', "protocol.json", None),
        ('{"do":"belief","id":"1","p":' + "9" * 5000 + "}", "protocol.json", None),
        (b'\xff{"do":"ping"}', "protocol.encoding", None),
        ("[" * 10_000, "protocol.shape", None),
        ('{"a":' * 3000, "protocol.shape", None),
        ("[]", "protocol.shape", None),
        ('"sync"', "protocol.shape", None),
        ("null", "protocol.shape", None),
        ('{"do":"ping","do":"ping"}', "protocol.shape", None),
        ('{"do":"say","id":"1","text":"' + "x" * 17_000 + '"}', "protocol.too_big", None),
        ("\u20ac" * 6000, "protocol.too_big", None),
        ('{"id":"1"}', "protocol.missing", "1"),
        ('{"do":"sya","id":"1"}', "protocol.unknown_command", "1"),
        ('{"do":7,"id":"1"}', "protocol.type", "1"),
        ('{"do":"sync"}', "protocol.missing", None),
        ('{"do":"sync","after":""}', "protocol.range", None),
        ('{"do":"history","before":"e","limit":true}', "protocol.type", None),
        ('{"do":"history","before":"e","limit":1.0}', "protocol.type", None),
        ('{"do":"history","before":"e","limit":201}', "protocol.range", None),
        ('{"do":"history","before":null,"limit":1}', "protocol.type", None),
        ('{"do":"history","limit":1,"id":"1"}', "protocol.missing", "1"),
        ('{"do":"history","before":"e","after":"e","limit":1}', "protocol.shape", None),
        ('{"do":"history","at":"2026-11-22","limit":1}', "protocol.range", None),
        ('{"do":"history","at":"2026-11-22T22:42:10","limit":1}', "protocol.range", None),
        ('{"do":"history","at":"0001-01-01T00:00:00+14:00","limit":1}', "protocol.range", None),
        ('{"do":"history","at":1,"limit":1}', "protocol.type", None),
        ('{"do":"history","before":"e","limit":1,"pane":1}', "protocol.type", None),
        ('{"do":"read","id":"1"}', "protocol.missing", "1"),
        ('{"do":"say","text":"x"}', "protocol.missing", None),
        ('{"do":"say","id":"","text":"x"}', "protocol.range", None),
        ('{"do":"say","id":7,"text":"x"}', "protocol.type", None),
        ('{"do":"say","id":"' + "i" * 65 + '","text":"x"}', "protocol.range", None),
        ('{"do":"say","id":"a\\u0007","text":"x"}', "protocol.text", None),
        ('{"do":"say","id":"\\ud800","text":"x"}', "protocol.text", None),
        ('{"do":"say","id":"1","text":"\\ud800"}', "protocol.text", "1"),
        ('{"do":"say","id":"1","text":"a\\u0000"}', "protocol.text", "1"),
        ('{"do":"say","id":"1","text":null}', "protocol.type", "1"),
        ('{"do":"say","id":"1","text":"x","typed":[1]}', "protocol.type", "1"),
        ('{"do":"say","id":"1","text":"x","typed":{}}', "protocol.missing", "1"),
        ('{"do":"say","id":"1","text":"x","typed":{"keys":-1}}', "protocol.range", "1"),
        ('{"do":"say","id":"1","text":"x","typed":{"keys":1e9}}', "protocol.type", "1"),
        ('{"do":"say","id":"1","text":"x","typed":{"keys":1000000001}}', "protocol.range", "1"),
        ('{"do":"say","id":"1","text":"x","typed":{"keys":"hello"}}', "protocol.type", "1"),
        ('{"do":"say","id":"1","pane":["A"],"text":"x"}', "protocol.type", "1"),
        ('{"do":"belief","id":"1","p":true}', "protocol.type", "1"),
        ('{"do":"belief","id":"1","p":"0.5"}', "protocol.type", "1"),
        ('{"do":"belief","id":"1","p":1e999}', "protocol.range", "1"),
        ('{"do":"belief","id":"1","p":' + "9" * 4000 + "}", "protocol.range", "1"),
        ('{"do":"belief","id":"1","p":-0.1}', "protocol.range", "1"),
        ('{"do":"tag","id":"1","event":"e","strategies":"a"}', "protocol.type", "1"),
        ('{"do":"tag","id":"1","event":"e","strategies":[1]}', "protocol.type", "1"),
        (
            json.dumps({"do": "tag", "id": "1", "event": "e", "strategies": ["a"] * 65}),
            "protocol.range",
            "1",
        ),
        ('{"do":"verdict","id":"1","human":"C","confidence":1,"reason":""}', "protocol.range", "1"),
        ('{"do":"verdict","id":"1","human":1,"confidence":1,"reason":""}', "protocol.type", "1"),
        ('{"do":"verdict","id":"1","human":"A","confidence":0,"reason":""}', "protocol.range", "1"),
        ('{"do":"verdict","id":"1","human":"A","confidence":1}', "protocol.missing", "1"),
    ],
)  # fmt: skip
def test_parse_refuses_with_a_code(frame: str | bytes, code: str, re: str | None) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse(frame)
    assert (refused.value.code, refused.value.re) == (code, re)


def test_unknown_command_names_the_known_ones() -> None:
    with pytest.raises(ProtocolError) as refused:
        parse('{"do":"sya","id":"1"}')
    assert str(refused.value) == (
        "Unknown command 'sya'. Known commands: sync, history, ready, say, belief, tag, read, "
        "verdict, leave, ping."
    )


def test_messages_echo_little_and_only_ascii() -> None:
    frame = json.dumps({"do": "\u202e\U0001f600" + "x" * 9000, "id": "1"})
    with pytest.raises(ProtocolError) as refused:
        parse(frame)
    assert str(refused.value).isascii()
    assert len(str(refused.value)) < 250


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["id", "after", "before", "limit", "consent", "pane", "text", "p", "event", "strategies",
     "human", "confidence", "reason"]
)  # fmt: skip


@settings(max_examples=1000, derandomize=True)
@given(
    st.sampled_from(commands.COMMANDS) | st.text(max_size=8),
    st.dictionaries(KEYS, JSON_VALUES, max_size=6),
)
def test_parse_of_any_object_is_a_command_or_a_refusal(do: str, body: dict[str, object]) -> None:
    try:
        parse(json.dumps({**body, "do": do}))
    except ProtocolError as refused:
        assert refused.code in CODES
        frames.encode(frames.error(refused.re, refused.code, str(refused))).encode()


@settings(max_examples=500, derandomize=True)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_parse_of_any_noise_is_refused(noise: bytes | str) -> None:
    with pytest.raises(ProtocolError):
        parse(noise)


def _codes(base: type[errors.ArenaError]) -> set[str]:
    return {base.code}.union(*map(_codes, base.__subclasses__()))


def test_every_code_a_socket_may_meet_is_documented() -> None:
    page = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    own = {
        cls.code
        for cls in vars(errors).values()
        if isinstance(cls, type) and issubclass(cls, errors.ArenaError)
    }
    wanted = own | _codes(ProtocolError)
    assert wanted >= CODES
    missing = {code for code in wanted if f"`{code}`" not in page}
    assert missing <= {"arena.error", "protocol.error"}  # the bases, which nobody raises
    assert all(f'"do":"{command}"' in page for command in commands.COMMANDS)
