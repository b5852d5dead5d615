"""The forms of a long room's settings page: where and when mail may come, and time away."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from typing import cast

from django import forms

from arena.web.forms import ArenaForm

_LEFT_OUT = ("Etc/", "SystemV/", "posix/", "right/")


def time_zones() -> list[str]:
    """Every zone of the IANA database that is named after a place, and UTC."""
    return ["UTC", *sorted(name for name in zoneinfo.available_timezones() if _is_place(name))]


def _is_place(name: str) -> bool:
    return "/" in name and not name.startswith(_LEFT_OUT)


class SettingsForm(ArenaForm):
    """A person's address for reminders, time zone and quiet hours."""

    email = forms.EmailField(
        label="E-mail address for reminders (optional)",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "invalid": "This is not an e-mail address. Check it, or leave the field empty.",
            "max_length": "This address has more than 254 characters. Use a shorter one.",
        },
    )
    time_zone = forms.ChoiceField(
        label="Your time zone",
        required=False,
        error_messages={
            "invalid_choice": "%(value)s is not a known time zone. Choose one from the list."
        },
    )
    quiet_from = forms.TimeField(
        label="Send me nothing from",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "This is not a time of day. Write it as 22:00."},
    )
    quiet_to = forms.TimeField(
        label="until",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "This is not a time of day. Write it as 08:00."},
    )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, initial: dict[str, object]
    ) -> None:
        super().__init__(data, initial=initial, prefix="settings")
        names = [(name, name.replace("_", " ")) for name in time_zones()]
        zone = cast(forms.ChoiceField, self.fields["time_zone"])
        zone.choices = [("", "Not chosen"), *names]
        for name in ("quiet_from", "quiet_to"):
            self.fields[name].error_messages["required"] = "A time of day is missing."

    def clean(self) -> dict[str, object]:
        super().clean()
        found = self.cleaned_data
        if found.get("email") and not found.get("time_zone") and "time_zone" not in self.errors:
            self.add_error(
                "time_zone", "Choose your time zone, so that no reminder comes in your night."
            )
        return found

    @property
    def quiet_hours(self) -> str:
        begins, ends = self.cleaned_data["quiet_from"], self.cleaned_data["quiet_to"]
        return f"{begins:%H:%M}-{ends:%H:%M}"


class AwayForm(ArenaForm):
    """When a person's time away ends, in their own time zone."""

    # Not a DateTimeField: that would read the local time in the server's zone.
    until = forms.CharField(
        label="I am away until",
        widget=forms.TextInput(attrs={"type": "datetime-local"}),
        error_messages={"required": "No moment is given. Say when you will be back."},
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        zone: zoneinfo.ZoneInfo,
        now: dt.datetime,
        latest: dt.datetime,
    ) -> None:
        super().__init__(data, prefix="away")
        self._zone, self._now, self._latest = zone, now, latest
        span = {"min": now, "max": latest}
        for name, moment in span.items():
            self.fields["until"].widget.attrs[name] = f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"

    def clean_until(self) -> dt.datetime:
        try:
            wall = dt.datetime.fromisoformat(self.cleaned_data["until"]).replace(tzinfo=self._zone)
            until = wall.astimezone(dt.UTC)
        except (ValueError, OverflowError):
            raise forms.ValidationError(
                "This is not a date with a time. Write it as 2027-05-01T08:00."
            ) from None
        if until <= self._now:
            raise forms.ValidationError("This moment is in the past. Give a later one.")
        if until > self._latest:
            last = self._latest.astimezone(self._zone)
            raise forms.ValidationError(
                f"That is longer than you may be away. The latest you can be back is {last:%H:%M} "
                f"on {last.day} {last:%B %Y}."
            )
        return until
