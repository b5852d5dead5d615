"""What is stored: studies, rooms, seats, the append-only log and the timers. No behaviour.

Everything that happened in a room is an `Event`; the phase and times on `Room` and the marks on
`Seat` are projections of it, written in the same transaction by `arena.events` alone.
"""

import datetime as dt
import functools
import json

from django.conf import settings
from django.db import models
from django.db.models import Q

from arena.rules import EndReason, EventKind, Format, Kind, Phase, SeatName, TimerKind


def _choices(values: type) -> list[tuple[str, str]]:
    return [(value, value) for value in values]  # type: ignore[attr-defined]


class Study(models.Model):
    """One preregistered design. `config` is the canonical JSON of every value; it never changes."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    format = models.CharField(max_length=16, choices=_choices(Format))
    simulated = models.BooleanField()
    source = models.TextField()
    config = models.TextField()
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "studies"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.slug


class MachineProfile(models.Model):
    """A frozen, hashed way of playing a witness; `spec` is canonical JSON."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="machines")
    name = models.CharField(max_length=80)
    spec = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "name"], name="profile_name")]

    def __str__(self) -> str:
        return f"{self.study}/{self.name}"


class MachineTrial(models.Model):
    """That a machine was asked outside any room, and whether it answered as a room would show.

    It belongs to what the profile says, not to a study: a file is tried before its study is there.
    """

    profile_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    ok = models.BooleanField()
    latency_ms = models.PositiveIntegerField(null=True)
    sentence = models.TextField()  # why it did not answer, and what to do
    report = models.TextField()  # JSON of the whole trial

    class Meta:
        indexes = [models.Index(fields=["profile_sha256", "at"], name="trial_of_profile")]

    def __str__(self) -> str:
        return f"{self.profile_sha256[:16]} at {self.at:%Y-%m-%d %H:%M}"


class Participant(models.Model):
    """A person, known by a random code only."""

    code = models.CharField(max_length=16, unique=True)
    created_at = models.DateTimeField()
    #: Where reminders go; only `--identified` exports hold it.
    email = models.EmailField(blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    quiet_hours = models.CharField(max_length=11, blank=True)

    def __str__(self) -> str:
        return self.code


class Room(models.Model):
    """One interrogation. What opens its seal is in `SealedAssignment`."""

    # Its own index would say nothing that `room_page` does not.
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="rooms", db_index=False)
    code = models.CharField(max_length=16, unique=True)
    study_sha256 = models.CharField(max_length=64)
    consent_sha256 = models.CharField(max_length=64)
    phase = models.CharField(max_length=8, choices=_choices(Phase), default=Phase.LOBBY)
    end_reason = models.CharField(max_length=16, choices=_choices(EndReason), blank=True)
    ended_by = models.CharField(max_length=12, choices=_choices(SeatName), blank=True)
    seal = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    round_began_at = models.DateTimeField(null=True)
    round_ends_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    paused_ms = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    last_seq = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64)
    last_at = models.DateTimeField(null=True)
    #: Counts every commit that touched the room or its seats: what is kept of a room in memory is
    #: true as long as this is what it was.
    version = models.PositiveBigIntegerField(default=0)
    #: Counts the changes of its seats alone.
    seats_version = models.PositiveBigIntegerField(default=0)
    #: Counted as the log is written, so that no page has to read a log to show them.
    n_messages = models.PositiveIntegerField(default=0)
    n_asked_a = models.PositiveIntegerField(default=0)  # messages of the interrogator in pane A
    n_asked_b = models.PositiveIntegerField(default=0)
    last_message_at = models.DateTimeField(null=True)
    interrogator_active_at = models.DateTimeField(null=True)
    help_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["study", "id"], name="room_page"),
            models.Index(fields=["study", "phase", "id"], name="room_phase"),
            models.Index(
                fields=["study", "id"], condition=Q(help_at__isnull=False), name="room_help"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def start(self) -> dt.datetime:
        """When a room that has gone live did so."""
        if self.started_at is None:
            raise ValueError(f"Room {self.code} has not started.")
        return self.started_at

    @functools.cached_property
    def sealed(self) -> "SealedAssignment":
        """What opens the seal: for machines and for the log, never for a page of an open room."""
        return SealedAssignment.objects.get(room_id=self.id)


class SealedAssignment(models.Model):
    """Who sits where in a room, and the nonce that opens its seal.

    Apart from the room, and without a relation to it: no filter, order or search of rooms, whoever
    makes it up, has a name that leads here.
    """

    room_id = models.BigIntegerField(primary_key=True)
    assignment = models.TextField()
    nonce = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"sealed assignment {self.room_id}"


class Seat(models.Model):
    """A place in a room. `stand_in` marks the person invited where the draw seated a machine.

    `agent` names the program that took a person's place; a seat that one has played stays its.
    """

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="seats")
    name = models.CharField(max_length=12, choices=_choices(SeatName))
    kind = models.CharField(max_length=8, choices=_choices(Kind))
    stand_in = models.BooleanField(default=False)
    participant = models.ForeignKey(Participant, null=True, on_delete=models.PROTECT)
    profile = models.ForeignKey(MachineProfile, null=True, on_delete=models.PROTECT)
    agent = models.CharField(max_length=120, null=True)
    token_seed = models.CharField(max_length=64, blank=True)
    token_hash = models.CharField(max_length=64, null=True, unique=True)
    claim_hash = models.CharField(max_length=64, blank=True)
    claimed_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    return_hash = models.CharField(max_length=64, null=True, unique=True)
    away_until = models.DateTimeField(null=True)
    away_ms = models.BigIntegerField(default=0)
    #: The seq up to which its holder has read each pane; null where nothing was ever marked.
    read_a = models.PositiveIntegerField(null=True)
    read_b = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "name", "stand_in"], name="seat_name")
        ]

    def __str__(self) -> str:
        return f"{self.room}/{self.label}"

    @property
    def person(self) -> Participant:
        """Who has claimed this seat."""
        if self.participant is None:
            raise ValueError(f"Nobody has claimed seat {self}.")
        return self.participant

    @property
    def is_interrogator(self) -> bool:
        return self.name == SeatName.INTERROGATOR

    @property
    def label(self) -> str:
        """What this seat is called to its holder and to hosts: never A or B."""
        return "interrogator" if self.is_interrogator else "witness"

    @property
    def actor(self) -> str:
        """How the log names the occupant of this seat."""
        return "stand_in" if self.stand_in else self.name


class Event(models.Model):
    """An append-only fact of a room. Only `arena.events` creates one; triggers refuse the rest."""

    #: Without an index of its own: those below begin with it, and each costs every event a page.
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    public_id = models.CharField(max_length=24, unique=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=_choices(EventKind))
    seat = models.CharField(max_length=12, blank=True)
    pane = models.CharField(max_length=1, blank=True)
    body = models.TextField(null=True)
    salt = models.CharField(max_length=32, null=True)
    body_sha256 = models.CharField(max_length=64)
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    command_id = models.CharField(max_length=80, null=True)

    class Meta:
        ordering = ["room_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="event_seq"),
            models.UniqueConstraint(
                fields=["room", "seat", "command_id"],
                condition=Q(command_id__isnull=False),
                name="event_command",
            ),
        ]
        indexes = [
            models.Index(fields=["room", "kind", "seq"], name="event_kind"),
            # A conversation is paged through alone, however much is said in the other. A query
            # says the condition in these words (`queries.seeing.IN_A_PANE`), or it is not used.
            models.Index(fields=["room", "pane", "seq"], condition=~Q(pane=""), name="event_pane"),
            # Few: what a page or a kept export shows must not hold words that were erased since.
            models.Index(
                fields=["room", "kind"], condition=Q(body__isnull=True), name="event_erased"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def data(self) -> dict[str, object]:
        """The body as JSON values; empty where it was erased."""
        return json.loads(self.body) if self.body is not None else {}


class Timer(models.Model):
    """A future act. `wake_at` is when a loop next considers it: its due time or a lease's end.

    `prepared` marks one that no longer needs a model, so that it never queues behind those that do;
    `n_spread` counts the outages after which it was rescheduled.
    """

    #: Only the open ones are ever looked up by room.
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="timers", db_index=False)
    seat = models.ForeignKey(Seat, null=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=16, choices=_choices(TimerKind))
    key = models.CharField(max_length=80, unique=True)
    due_at = models.DateTimeField()
    wake_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    prepared = models.BooleanField(default=False)
    n_spread = models.PositiveIntegerField(default=0)
    payload = models.TextField(default="{}")
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=24, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["wake_at"], condition=Q(done_at__isnull=True), name="timer_open"),
            models.Index(fields=["room"], condition=Q(done_at__isnull=True), name="timer_room"),
        ]

    def __str__(self) -> str:
        return self.key


class MachineHealth(models.Model):
    """How the calls of a machine profile went: counted from the log, and countable from it anew.

    The figures are JSON of `arena.health.Figures`: of all rooms, and of those that have ended.
    """

    profile = models.OneToOneField(
        MachineProfile, primary_key=True, on_delete=models.PROTECT, related_name="health"
    )
    all_rooms = models.TextField(default="{}")
    ended_rooms = models.TextField(default="{}")
    last_good_at = models.DateTimeField(null=True)
    #: Of calls for a reply: failures since the last that was answered, and when the first was.
    n_failed_in_a_row = models.PositiveIntegerField(default=0)
    first_failed_at = models.DateTimeField(null=True)
    unanswered_at = models.DateTimeField(null=True)
    #: The last failure or silence: when, of which kind, and what to do about it.
    troubled_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=40, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    #: Since when it fails as far as hosts are told, and when they last were.
    failing_since = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.profile)


class FailedReply(models.Model):
    """That the last call for a seat's reply failed, so that the next is a retry."""

    seat = models.OneToOneField(Seat, primary_key=True, on_delete=models.PROTECT)

    class Meta:
        verbose_name_plural = "failed replies"

    def __str__(self) -> str:
        return str(self.seat)


class CountedEvents(models.Model):
    """Up to which event the log is counted in `MachineHealth`: one row."""

    event_id = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "counted events"

    def __str__(self) -> str:
        return str(self.event_id)


class Alert(models.Model):
    """A word to hosts about a failing machine, due at `wake_at` on one channel."""

    profile = models.ForeignKey(MachineProfile, on_delete=models.PROTECT, related_name="alerts")
    channel = models.CharField(max_length=8)
    state = models.CharField(max_length=16)
    failure = models.CharField(max_length=40)
    since_at = models.DateTimeField()
    message = models.TextField()
    created_at = models.DateTimeField()
    wake_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=24, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["wake_at"], condition=Q(done_at__isnull=True), name="alert_open")
        ]

    def __str__(self) -> str:
        return f"{self.profile}: {self.state}"
