"""What people may send in a form, with errors in full sentences. Forms decide nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User

from arena.rules import Phase
from arena.studies.design import Answer, ExitQuestion

KEEP = "keep"
ERASE = "erase"


def _too_long(limit: int) -> str:
    return f"This text has %(show_value)s characters, but {limit} fit. Please shorten it."


class ArenaForm(forms.Form):
    """Marks invalid fields for screen readers; the browser's own validation is off."""

    required_css_class = "required"
    error_css_class = "has-error"
    use_required_attribute = False


class HelpForm(ArenaForm):
    """A request for help. Saying why is never demanded."""

    text = forms.CharField(
        label="What would help you? (optional)",
        help_text="Only the people who run this study read it. Up to 2,000 characters.",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": _too_long(2000)},
    )


class WithdrawForm(ArenaForm):
    """Leave, and keep one's words in the study or have them erased."""

    choice = forms.ChoiceField(
        label="What should happen to what you wrote?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Nothing is chosen yet. Say what should happen to what you wrote.",
            "invalid_choice": "This choice does not exist here. Choose one of those shown.",
        },
    )
    sure = forms.BooleanField(
        label="I understand that this cannot be undone.",
        error_messages={
            "required": "The box is not ticked. Tick it to confirm that this cannot be undone."
        },
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, has_ended: bool) -> None:
        super().__init__(data)
        erase = (ERASE, "Erase my words")
        field = cast(forms.ChoiceField, self.fields["choice"])
        field.choices = [erase] if has_ended else [(KEEP, "Keep my words"), erase]
        if has_ended:
            field.initial = ERASE

    @property
    def wants_erasure(self) -> bool:
        return bool(self.cleaned_data["choice"] == ERASE)


class ReasonForm(ArenaForm):
    """A host's reason for acting on a room; it goes into the room's log."""

    reason = forms.CharField(
        label="Reason",
        help_text="Stored in the room's log.",
        max_length=500,
        error_messages={
            "required": "No reason is given. Write in a few words why you do this.",
            "max_length": _too_long(500),
        },
    )


class SureReasonForm(ReasonForm):
    """A reason, and a tick, for what cannot be taken back."""

    sure = forms.BooleanField(
        label="I understand that this cannot be undone.",
        error_messages={
            "required": "The box is not ticked. Tick it to confirm that this cannot be undone."
        },
    )


class RoomFilterForm(ArenaForm):
    """Which rooms of a study a host wants to see; nonsense in the address shows all rooms."""

    q = forms.CharField(label="Room code", required=False, max_length=16)
    phase = forms.ChoiceField(
        label="Phase",
        required=False,
        choices=[("", "All phases"), *((phase.value, phase.value.capitalize()) for phase in Phase)],
    )
    asked_for_help = forms.BooleanField(label="Asked for help", required=False)

    def wanted(self) -> dict[str, Any]:
        """What was asked for, as `rooms_of` takes it; nothing where it makes no sense."""
        if not self.is_bound or not self.is_valid():
            return {}
        asked = dict(self.cleaned_data)
        return {"code": asked.pop("q"), **asked}


class SignInForm(AuthenticationForm):
    """A host's name and password."""

    error_messages = {
        "invalid_login": (
            "This name and password do not belong together. Check both; capital letters matter."
        ),
        "inactive": "This account is closed. Ask whoever runs this site to open it again.",
        "no_host": "This account is not a host's. Ask whoever runs this site to make it one.",
        "too_many": (
            "There were too many attempts with this name. Wait 15 minutes and then try again."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        required = {
            "username": "The name is missing. Write the name of your account.",
            "password": "The password is missing. Write the password of your account.",
        }
        for name, message in required.items():
            self.fields[name].error_messages["required"] = message

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if not user.is_staff:
            raise forms.ValidationError(self.error_messages["no_host"], code="no_host")


class ExitForm(ArenaForm):
    """The study's exit questions for one seat; every answer is voluntary."""

    def __init__(
        self, data: Mapping[str, object] | None = None, *, questions: Iterable[ExitQuestion]
    ) -> None:
        super().__init__(data, prefix="exit")
        for question in questions:
            self.fields[question.id] = _exit_field(question)

    def answers(self) -> dict[str, str]:
        """What was answered, by question id; a question left open has no entry."""
        return {name: value for name, value in self.cleaned_data.items() if value}


def _exit_field(question: ExitQuestion) -> forms.Field:
    if question.answer == Answer.TEXT:
        return forms.CharField(
            label=question.text,
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 4}),
            error_messages={"max_length": _too_long(4000)},
        )
    return forms.ChoiceField(
        label=question.text,
        required=False,
        choices=_choices(question),
        widget=forms.RadioSelect,
        error_messages={
            "invalid_choice": "%(value)s is not one of the answers. Choose one of those shown."
        },
    )


def _choices(question: ExitQuestion) -> list[tuple[str, str]]:
    if question.answer == Answer.CHOICE:
        return [(choice, choice) for choice in question.choices]
    ends = {1: f" ({question.low})", question.points: f" ({question.high})"}
    return [(str(n), f"{n}{ends.get(n, '')}") for n in range(1, question.points + 1)]
