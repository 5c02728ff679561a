"""Which inspections of the programme are meant, and who may see them there."""

from dataclasses import asdict, dataclass

from django.db.models.functions import ExtractYear

from accounts.permissions import Permission
from accounts.roles import ROLES
from inspections.access import inspections_of
from inspections.errors import Refused
from inspections.models import Inspection, Membership, PinnedStandards, State


@dataclass(frozen=True)
class Chosen:
    """A choice among inspections; what is None or "" chooses nothing.

    `year` is that in which fieldwork began, `standards` a code, or one with its version, such as "youth-2018/1", and `state` a
    state of an inspection.
    """

    year: int | None = None
    standards: str = ""
    state: str = ""

    @property
    def as_data(self):
        """What is chosen by, as JSON takes it."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def words(self):
        """The choice in words: "Fieldwork in 2019, standards youth-2018 version 1, at “Published”"."""
        parts = []
        if self.year:
            parts.append(f"fieldwork in {self.year}")
        if self.standards:
            code, _, version = self.standards.partition("/")
            parts.append(f"standards {code}{f' version {version}' if version else ''}")
        if self.state:
            parts.append(f"at “{State(self.state).label}”")
        words = ", ".join(parts) or "all inspections"
        return words[0].upper() + words[1:]

    def among(self, inspections):
        """Return those of a queryset of inspections that are chosen."""
        if self.year:
            inspections = inspections.filter(fieldwork_started__year=self.year)
        if self.standards:
            code, _, version = self.standards.partition("/")
            inspections = inspections.filter(standards__code=code)
            if version:
                inspections = inspections.filter(standards__version=version)
        if self.state:
            inspections = inspections.filter(lifecycle__state=self.state)
        return inspections


@dataclass(frozen=True)
class Choices:
    """What there is to choose from, each as (code, words)."""

    years: list
    standards: list
    states: list


def choices_among(inspections):
    """Return the `Choices` that these inspections give. Two queries."""
    years = inspections.exclude(fieldwork_started=None).order_by().values_list(ExtractYear("fieldwork_started"))
    pinned = PinnedStandards.objects.filter(pk__in=inspections.order_by().values("standards"))
    return Choices(
        years=[(str(year), str(year)) for (year,) in sorted(years.distinct(), reverse=True)],
        standards=[
            (f"{code}/{version}", f"{code} version {version}")
            for code, version in pinned.order_by("code", "version").values_list("code", "version")
        ],
        states=list(State.choices),
    )


def check_may_see(person):
    """Raise Refused, with a sentence, unless a person may see the programme and take it out."""
    if person.is_active and person.may(Permission.VIEW_PROGRAMME):
        return
    role = f"Your role, {person.role_label.lower()}," if person.role else "Your role"
    raise Refused(f"{role} cannot {Permission.VIEW_PROGRAMME.value}. Ask a manager.")


def programme_of(person):
    """Return the inspections in somebody's programme: those they may take out. In a team, their role there counts."""
    taking_out = [code for code, role in ROLES.items() if Permission.EXPORT in role.permissions]
    elsewhere = Membership.objects.filter(user=person).exclude(role__in=taking_out).values("inspection")
    return inspections_of(person).exclude(pk__in=elsewhere).order_by(*ORDER)


def whole_programme():
    """Return every inspection that is not archived, for whoever runs commands."""
    return Inspection.objects.filter(archived_at=None).order_by(*ORDER)


ORDER = ("standards__code", "standards__version", "service__name", "-fieldwork_started", "pk")
