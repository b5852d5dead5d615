"""A reminder says nothing of the room but its way back: the same words to every seat."""

import re
from email.message import Message

from django.core import mail
from django.core.mail import EmailMessage

from arena.services import seat_settings
from tests.kit.long_rooms import LongRoom, ago, begun, on

LINK = re.compile(r"http://[^/\s]+/(room|return)/([^/\s]+)/")


def letter(room: LongRoom, seat: str) -> EmailMessage:
    [found] = [each for each in mail.outbox if each.to == [room.addresses[seat]]]
    return found


def masked(text: str, room: LongRoom) -> str:
    """A mail without its links, addresses and moments."""
    text = LINK.sub(r"LINK-\1", text.replace(room.code, "CODE"))
    for address in room.addresses.values():
        text = text.replace(address, "ADDRESS")
    return re.sub(r"\w+day \d+ \w+, \d\d:\d\d", "MOMENT", text)


async def _reminded(**options: str) -> LongRoom:
    room = await begun(hours=25, **options)
    await room.look_now("reminder")
    return room


async def test_words_are_the_same_for_every_seat_and_every_draw() -> None:
    bodies, heads = set(), set()
    for options in (
        {},
        {},
        {},
        {},
        {"format": "two_party", "human_share": "1"},
    ):
        room = await _reminded(**options)
        for seat in room.people:
            sent = letter(room, seat.actor)
            bodies.add(masked(sent.body, room).replace(room.live.made.study.title, "TITLE"))
            heads.add(_heads(sent.message(), room))
    assert len(bodies) == 1 and len(heads) == 1
    [body] = bodies
    assert not re.search(r"interrogator|witness|machine|pane|\b[AB]\b", body)


def _heads(message: Message, room: LongRoom) -> str:
    left_out = {"date", "message-id"}
    kept = [f"{k}: {v}" for k, v in message.items() if k.lower() not in left_out]
    return masked("\n".join(kept), room)


async def test_mail_says_what_is_asked_and_nothing_that_was_said() -> None:
    room = await begun(hours=60)
    with ago(hours=50):
        await room.live.ask("my secret is a blue door", pane="A")
    await room.look_now("reminder")
    sent = letter(room, "interrogator")
    assert "blue door" not in sent.body + sent.subject
    assert "at least every 2 days" in sent.body and "You last wrote on" in sent.body
    assert room.live.made.study.title not in sent.subject
    witness = letter(room, room.live.witness.actor)
    assert "you have not written yet" in witness.body
    links = LINK.findall(sent.body)
    assert [kind for kind, _ in links] == ["room", "return", "room"]


async def test_each_reminder_brings_a_new_link_and_the_old_one_ends() -> None:
    room = await begun(hours=60)
    with ago(hours=30):
        await room.look_now("reminder")
    await room.look_now("reminder")
    mine = [each for each in mail.outbox if each.to == [room.addresses["interrogator"]]]
    first, second = (LINK.findall(each.body)[1][1] for each in mine)
    assert first != second and len(second) == 43
    stored = await on(room.live.asker, lambda seat: seat.return_hash)
    assert second not in stored and len(stored) == 64


async def test_moments_are_told_by_the_clock_of_their_reader() -> None:
    room = await begun(hours=25)
    address = room.addresses["interrogator"]
    await on(
        room.live.asker,
        seat_settings.store_settings,
        email=address,
        time_zone="Asia/Tokyo",
        quiet_hours="",
    )
    await room.look_now("reminder")
    assert "(Asia/Tokyo)" in letter(room, "interrogator").body
