"""One event of each kind and shape, as the log has always stored it."""

import datetime as dt
from dataclasses import replace

from arena.backends import Speaker
from arena.event_kinds import (
    Away,
    Back,
    Belief,
    BeliefAsked,
    Body,
    Claim,
    Claimed,
    Claims,
    Ended,
    Exit,
    GaveUp,
    Held,
    Help,
    Left,
    MachineCall,
    Message,
    MessageRange,
    Paused,
    Purpose,
    Ready,
    Reminded,
    Resumed,
    Revealed,
    Round,
    Sealed,
    Shown,
    Slip,
    SlipKind,
    Started,
    Subject,
    Summary,
    SummaryPoint,
    Tag,
    TimeUp,
    Typed,
    Unsealed,
    Verdict,
    Withheld,
)
from arena.rules import EndReason, TimerKind

AT = dt.datetime(2026, 11, 22, 22, 42, 10, 123000, tzinfo=dt.UTC)
BERLIN = AT.astimezone(dt.timezone(dt.timedelta(hours=1)))


def kind_of(value: object) -> str | None:
    """What a test of a body is called."""
    return str(value.kind) if isinstance(value, Body) else None


_CALL = MachineCall(
    profile="sam",
    purpose=Purpose.REPLY,
    backend="openai",
    model="m-1",
    parameters={"temperature": 1.0, "stop": ["a"]},
    prompt_sha256="p",
    n_turns=3,
    latency_ms=12,
    tokens_in=7,
    tokens_out=None,
    cost_usd=0.5,
    request_id=None,
    outcome="ok",
    error="",
)
_CALL_STORED = (
    '"backend":"openai","cost_usd":0.5,{due}"error":"","latency_ms":12,"model":"m-1","n_turns":3,'
    '"outcome":"ok","parameters":{{"stop":["a"],"temperature":1.0}},"profile":"sam",'
    '"prompt_sha256":"p","purpose":"{purpose}",{read}"request_id":null,{shown}"tokens_in":7,'
    '"tokens_out":null'
)
_SHOWN = Shown(
    persona_sha256="h",
    turns_from=4,
    turns_upto=9,
    answered=8,
    claims=None,
    summary="e1",
    calendar_sha256=None,
    advice="",
    canary=True,
    now=BERLIN,
    zone="Europe/Berlin",
    tokens=None,
)
_SHOWN_STORED = (
    '"shown":{"advice":"","answered":8,"calendar_sha256":null,"canary":true,"claims":null,'
    '"now":"2026-11-22T23:42:10.123+01:00","persona_sha256":"h","summary":"e1","tokens":null,'
    '"turns_from":4,"turns_upto":9,"zone":"Europe/Berlin"},'
)
_SLIP = Slip(
    message=1, at=3, kind=SlipKind.TRANSPOSITION, meant="their", wrote="thier", corrected=True
)
_CLAIM = Claim(
    id=1,
    subject=Subject.PETS,
    claim="i have a cat",
    said_at=AT,
    seq=9,
    refs=("e9",),
    lasting=True,
    supersedes=None,
)
_CLAIM_STORED = (
    '{"claim":"i have a cat","id":1,"lasting":true,"refs":["e9"],'
    '"said_at":"2026-11-22T22:42:10.123+00:00","seq":9,"subject":"pets","supersedes":null}'
)
_CLAIMS = Claims(v=1, first=4, upto=9, n_refused=2, claims=(_CLAIM,))
_SUMMARY = Summary(
    v=1,
    first=4,
    upto=9,
    n_refused=0,
    text="Sun: hi",
    refs=("e4",),
    points=(SummaryPoint(by=Speaker.ME, text="hi", at=AT, seq=4, ref="e4"),),
)
_SPENT = replace(_CALL, tokens_out=3)
_UNPRICED = replace(_CALL, tokens_in=None, cost_usd=None)
_OF_THE_CALL = '"tokens_in":7,"tokens_out":3,"upto":9,"v":1}'

STORED: tuple[tuple[Body, str], ...] = (
    (
        Sealed(seal="s", study="demo", study_sha256="d", consent_sha256="c"),
        '{"consent_sha256":"c","seal":"s","study":"demo","study_sha256":"d"}',
    ),
    (
        Sealed(seal="s", study="demo", study_sha256="d", consent_sha256="c", source_sha256="t"),
        '{"consent_sha256":"c","seal":"s","source_sha256":"t","study":"demo","study_sha256":"d"}',
    ),
    (Claimed(participant="p-1"), '{"participant":"p-1"}'),
    (Claimed(participant="p-1", again=True), '{"again":true,"participant":"p-1"}'),
    (
        Claimed(participant="a-1", agent="openai/gpt-4.1"),
        '{"agent":"openai/gpt-4.1","participant":"a-1"}',
    ),
    (Claimed(reissued=True), '{"reissued":true}'),
    (Ready(consent_sha256="c"), '{"consent_sha256":"c"}'),
    (Started(), "{}"),
    (Message(text="hé"), '{"text":"hé"}'),
    (Message(text="hé", held="e1"), '{"held":"e1","text":"hé"}'),
    (Held(text="hé"), '{"text":"hé"}'),
    (
        Held(text="hé", written_at=AT),
        '{"text":"hé","written_at":"2026-11-22T22:42:10.123+00:00"}',
    ),
    (Round(ends_at=AT), '{"ends_at":"2026-11-22T22:42:10.123000+00:00"}'),
    (Round(ends_at=AT.replace(microsecond=0)), '{"ends_at":"2026-11-22T22:42:10+00:00"}'),
    (Round(ends_at=None), '{"ends_at":null}'),
    (Belief(p=1.0), '{"p":1.0}'),
    (BeliefAsked(), "{}"),
    (Tag(event="e1", strategies=("b", "a")), '{"event":"e1","strategies":["b","a"]}'),
    (Tag(event="e1", strategies=()), '{"event":"e1","strategies":[]}'),
    (
        Verdict(human="A", confidence=0.75, reason="why"),
        '{"confidence":0.75,"human":"A","reason":"why"}',
    ),
    (
        Verdict(human=False, confidence=1.0, reason=""),
        '{"confidence":1.0,"human":false,"reason":""}',
    ),
    (Left(), "{}"),
    (Left(withdrawn=True, erased=False), '{"erased":false,"withdrawn":true}'),
    (Left(withdrawn=True, erased=True), '{"erased":true,"withdrawn":true}'),
    (Paused(host="ada", why="fire"), '{"host":"ada","why":"fire"}'),
    (Paused(why="machine_down: timeout"), '{"why":"machine_down: timeout"}'),
    (Resumed(host="ada", why=""), '{"host":"ada","why":""}'),
    (TimeUp(), "{}"),
    (Ended(reason=EndReason.TIME_UP), '{"reason":"time_up"}'),
    (Ended(reason=EndReason.DROPPED_OUT, by="A"), '{"by":"A","reason":"dropped_out"}'),
    (
        Ended(reason=EndReason.TECHNICAL, host="ada", why=""),
        '{"host":"ada","reason":"technical","why":""}',
    ),
    (Revealed(assignment="{}", nonce="n"), '{"assignment":"{}","nonce":"n"}'),
    (Unsealed(host="ada", why="Safety"), '{"host":"ada","why":"Safety"}'),
    (_CALL, "{" + _CALL_STORED.format(due="", purpose="reply", read="", shown="") + "}"),
    (
        replace(_CALL, evaded=True, cut=True),
        "{"
        + _CALL_STORED.format(due="", purpose="reply", read="", shown="")
        .replace('"cost_usd":0.5,', '"cost_usd":0.5,"cut":true,')
        .replace('"error":"",', '"error":"","evaded":true,')
        + "}",
    ),
    (
        replace(_CALL, shown=_SHOWN, due_at=AT, tokens_cached=5, drawn_at=AT),
        "{"
        + _CALL_STORED.format(
            due='"drawn_at":"2026-11-22T22:42:10.123+00:00",'
            '"due_at":"2026-11-22T22:42:10.123+00:00",',
            purpose="reply",
            read="",
            shown=_SHOWN_STORED + '"tokens_cached":5,',
        )
        + "}",
    ),
    (
        replace(_CALL, shown=replace(_SHOWN, ends_at=AT), slips=(_SLIP,)),
        "{"
        + _CALL_STORED.format(
            due="",
            purpose="reply",
            read="",
            shown='"shown":{"advice":"","answered":8,"calendar_sha256":null,"canary":true,'
            '"claims":null,"ends_at":"2026-11-22T22:42:10.123+00:00",'
            '"now":"2026-11-22T23:42:10.123+01:00","persona_sha256":"h","summary":"e1",'
            '"tokens":null,"turns_from":4,"turns_upto":9,"zone":"Europe/Berlin"},'
            '"slips":[{"at":3,"corrected":true,"kind":"transposition","meant":"their","message":1,'
            '"wrote":"thier"}],',
        )
        + "}",
    ),
    (
        replace(_CALL, purpose=Purpose.EXTRACT, read=MessageRange(first=4, upto=9)),
        "{"
        + _CALL_STORED.format(
            due="", purpose="extract", read='"read":{"first":4,"upto":9},', shown=""
        )
        + "}",
    ),
    (
        Typed(
            message=7,
            chars=80,
            keys=0,
            pastes=1,
            pasted_chars=80,
            away=1,
            away_ms=9000,
            writing_ms=300,
            pause_p50_ms=None,
            pause_p90_ms=None,
        ),
        '{"away":1,"away_ms":9000,"chars":80,"keys":0,"message":7,"pasted_chars":80,"pastes":1,'
        '"pause_p50_ms":null,"pause_p90_ms":null,"writing_ms":300}',
    ),
    (Withheld(why="empty", upto=7), '{"upto":7,"why":"empty"}'),
    (
        GaveUp(timer_kind=TimerKind.REPLY, timer="reply:x", attempts=12, error="KeyError"),
        '{"attempts":12,"error":"KeyError","kind":"reply","timer":"reply:x"}',
    ),
    (
        _CLAIMS.made_by(_SPENT),
        f'{{"claims":[{_CLAIM_STORED}],"cost_usd":0.5,"from":4,"model":"m-1","n_refused":2,'
        f'"prompt_sha256":"p",{_OF_THE_CALL}',
    ),
    (
        replace(_CLAIMS, claims=()).made_by(_UNPRICED),
        '{"claims":[],"cost_usd":null,"from":4,"model":"m-1","n_refused":2,"prompt_sha256":"p",'
        '"tokens_in":null,"tokens_out":null,"upto":9,"v":1}',
    ),
    (
        Claims(v=1, first=4, upto=9, n_refused=0, claims=(), skipped=True),
        '{"claims":[],"from":4,"n_refused":0,"skipped":true,"upto":9,"v":1}',
    ),
    (
        _SUMMARY.made_by(_SPENT),
        '{"cost_usd":0.5,"from":4,"model":"m-1","n_refused":0,"points":[{"at":'
        '"2026-11-22T22:42:10.123+00:00","by":"me","ref":"e4","seq":4,"text":"hi"}],'
        f'"prompt_sha256":"p","refs":["e4"],"text":"Sun: hi",{_OF_THE_CALL}',
    ),
    (Reminded(which=2, channel="e-mail"), '{"channel":"e-mail","which":2}'),
    (Away(until=BERLIN), '{"until":"2026-11-22T23:42:10.123+01:00"}'),
    (Back(), "{}"),
    (Help(text="I feel unwell."), '{"text":"I feel unwell."}'),
    (Exit(answers={"cues": "Its commas."}), '{"answers":{"cues":"Its commas."}}'),
)
