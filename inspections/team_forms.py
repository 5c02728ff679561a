"""The forms of an inspection's plan and its team. What is missing in them is said by the writers, in `inspections.team`."""

from django import forms

from accounts.roles import DISCIPLINES, TEAM_ROLES
from govuk.layout import Details, Field, Fieldset
from inspections.forms import PartsForm, date_field, text_area, text_input
from inspections.models import Service
from inspections.policies import has_begun
from inspections.suited import kinds
from inspections.team import Plan, plan_faults, plan_of

HIDDEN, OPEN = "hidden", "open"
KNOWN, NEW = "known", "new"
ROLE_HINTS = {code: role.description for code, role in TEAM_ROLES.items()}


def select(label, choices, **more):
    """Return a list of which one is selected, with nothing selected at first."""
    return forms.ChoiceField(
        required=False, label=label, choices=[("", "Select one"), *choices], widget=forms.Select, **more
    )


def radios(label, choices, **more):
    """Return choices of which one is taken."""
    return forms.ChoiceField(required=False, label=label, choices=choices, widget=forms.RadioSelect, **more)


class DaysForm(PartsForm):
    """What both forms of a plan ask: names, days, words, and when figures are seen."""

    name = text_input("Name of the service", help_text="As reports print it, such as “Anywhere Youth Offending Team”.")
    short_name = text_input("Short name", help_text="The place alone, such as “Anywhere”.")
    starts = date_field("First day of fieldwork", help_text="For example, 1 3 2027.")
    ends = date_field("Last day of fieldwork", help_text="For example, 12 3 2027.")
    figures = radios(
        "When do people see figures?", [(HIDDEN, "When every case of a domain is submitted"), (OPEN, "From the start")]
    )

    def add_terms(self, document, prefix):
        """Add a field for each word that varies between inspections, and return their names by the code of the term."""
        names = {term.code: f"{prefix}{term.code}" for term in document.terms}
        for term in document.terms:
            self.fields[names[term.code]] = text_input(term.meaning, initial=term.default)
        return names

    def days(self):
        """Return the fields of the days, as they are laid out."""
        return Fieldset("Fieldwork", Field("starts", size="s"), Field("ends", size="s"))

    def figures_field(self):
        """Return the choice of when figures are seen, as it is laid out."""
        hints = {
            HIDDEN: "So that no figure sways a judgement. The lead inspector may open provisional percentages, and each "
            "opening is recorded.",
            OPEN: "Everybody who sees the inspection sees its figures while cases are still being read.",
        }
        return Field("figures", size="m", hints=hints)

    def plan(self, terms):
        """Return what was given as a `Plan`; `terms` are the names of the fields of its words, by the code of the term."""
        data = self.cleaned_data
        return Plan(
            name=data.get("name", ""),
            short_name=data.get("short_name", ""),
            starts=data.get("starts"),
            ends=data.get("ends"),
            terms={code: data.get(name, "") for code, name in terms.items()},
            figures_open=data.get("figures") == OPEN,
        )


class CreateForm(DaysForm):
    """A new inspection: of which service, by which standards, when, in which words."""

    which = radios("Which service is inspected?", [(KNOWN, "A service in the list"), (NEW, "A new service")])
    service = select("Service", [])

    def __init__(self, *args, documents, **kwargs):
        super().__init__(*args, **kwargs)
        self.documents = documents
        self.services = {held.slug: held for held in Service.objects.order_by("name")}
        self.fields["service"].choices += [(slug, held.name) for slug, held in self.services.items()]
        self.fields["document"] = radios(
            "By which standards?",
            [(code, held.title) for code, held in documents.items()],
            initial=next(iter(documents)),
        )
        self.terms = {code: self.add_terms(held, f"term_{code}_") for code, held in documents.items()}
        self.fields["figures"].initial = HIDDEN
        self.order_fields(["which", "service", "name", "short_name", "starts", "ends", "document", *self.fields])
        if not self.services:
            del self.fields["which"], self.fields["service"]

    def layout(self):
        """Return the service, the standards with their words under them, the days, and figures."""
        words = {code: list(terms.values()) for code, terms in self.terms.items()}
        service = [Field("name"), Field("short_name", width=20)]
        if self.services:
            self.fields["short_name"].govuk = {"classes": "govuk-input--width-20"}
            service = [Field("which", size="m", reveal={KNOWN: "service", NEW: ["name", "short_name"]})]
        return [*service, self.days(), Field("document", size="m", reveal=words), self.figures_field()]

    def clean(self):
        """Say what is not selected, together with everything else that is wrong."""
        data = super().clean()
        said = set(self.errors)
        which = data.get("which", "" if self.services else NEW)
        if not which:
            self.add_error("which", "Select whether the service is in the list.")
        if which == KNOWN and not data.get("service"):
            self.add_error("service", "Select the service.")
        if not data.get("document"):
            self.add_error("document", "Select the standards.")
            return data
        left_out = said if which == NEW else said | {"name", "short_name"}
        plan = self.plan(self.terms[data["document"]])
        for name, sentence in plan_faults(plan, self.documents[data["document"]]).items():
            if self.field_of(name) not in left_out:
                self.add_error(self.field_of(name), sentence)
        return data

    def given(self):
        """Return the plan, the standards document and the service, None for a new one, from a form that can be read."""
        code = self.cleaned_data["document"]
        known = self.cleaned_data.get("which") == KNOWN
        return {
            "plan": self.plan(self.terms[code]),
            "document": self.documents[code],
            "service": self.services[self.cleaned_data["service"]] if known else None,
        }

    def field_of(self, name):
        """Return the name of the field here that a fault of the plan is about."""
        terms = self.terms[self.cleaned_data["document"]]
        return terms[name.removeprefix("term_")] if name.startswith("term_") else name


class PlanForm(DaysForm):
    """The plan of an inspection that there is."""

    def __init__(self, *args, inspection, **kwargs):
        stands = plan_of(inspection)
        shown = {
            **{name: getattr(stands, name) for name in ("name", "short_name", "starts", "ends")},
            **{f"term_{code}": word for code, word in stands.terms.items()},
            "figures": OPEN if stands.figures_open else HIDDEN,
        }
        super().__init__(*args, initial=shown, **kwargs)
        self.terms = self.add_terms(inspection.document, "term_")
        self.stays_hidden = has_begun(inspection.lifecycle.state) and not stands.figures_open
        if self.stays_hidden:
            del self.fields["figures"]

    def layout(self):
        """Return the fields; that of figures only where there is a choice."""
        return [
            Fieldset("Service", Field("name"), Field("short_name", width=20)),
            self.days(),
            *([Fieldset("Words of this inspection", *self.terms.values())] if self.terms else []),
            *([] if self.stays_hidden else [self.figures_field()]),
        ]

    def given(self):
        """Return what was given as a `Plan`, from a form that can be read."""
        return self.plan(self.terms)


class RoleForm(PartsForm):
    """A role in the team. `conflicts` are those that stand, by the person's key; `person` is who gets the role, if known."""

    role = radios("Role", [(code, role.label) for code, role in TEAM_ROLES.items()])
    discipline = radios("Which discipline do they come from?", list(DISCIPLINES.items()))

    def __init__(self, *args, conflicts, person=None, **kwargs):
        super().__init__(*args, **kwargs)
        conflict = conflicts.get(person.pk) if person else None
        if conflict:
            label = f"{person.name} has a conflict of interest. Why may they be in the team all the same?"
            self.fields["despite"] = text_area(label, help_text=f"“{conflict.text}”")

    def clean(self):
        """Say that no role is selected, or no discipline of a role that has one."""
        data = super().clean()
        role = TEAM_ROLES.get(data.get("role"))
        if role is None and "role" not in self.errors:
            self.add_error("role", "Select a role.")
        if role and role.has_discipline and not data.get("discipline"):
            self.add_error("discipline", "Select which discipline they come from.")
        return data

    def role_fields(self):
        """Return the fields of the role, as they are laid out."""
        reveal = {code: "discipline" for code, role in TEAM_ROLES.items() if role.has_discipline}
        answered = [Field("despite", size="s")] if "despite" in self.fields else []
        return [Field("role", size="m", hints=ROLE_HINTS, reveal=reveal), *answered]

    def layout(self):
        """Return the fields of the role."""
        return self.role_fields()


class AddMemberForm(RoleForm):
    """Somebody who is not in the team yet, with their role."""

    def __init__(self, data=None, *, people, conflicts, service, **kwargs):
        self.people = {str(held.public_id): held for held in people}
        chosen = self.people.get(data.get("person", "")) if data else None
        super().__init__(data, conflicts=conflicts, person=chosen, **kwargs)
        self.fields["person"] = select(
            "Who?", [(key, f"{held.name}, {held.email}") for key, held in self.people.items()]
        )
        if "despite" not in self.fields:
            self.fields["declared"] = text_area(
                f"A conflict of interest with {service}, if they have declared one",
                help_text="Leave this empty if there is none. Such as “Worked there until 2024”, or a relation to somebody "
                "who works there. Those who build teams and allocate cases see it.",
            )
        self.order_fields(["person", "role", "discipline", "despite", "declared"])

    def layout(self):
        """Return who, the role, and the conflict of interest."""
        declared = [Field("declared", size="m")] if "declared" in self.fields else []
        return [Field("person", size="m"), *self.role_fields(), *declared]

    def clean_person(self):
        """Return the person, None where nobody is selected."""
        return self.people.get(self.cleaned_data["person"])

    def clean(self):
        """Say that nobody is selected."""
        data = super().clean()
        if "person" in data and data["person"] is None:
            self.add_error("person", "Select who joins the team.")
        return data


class SkillsForm(PartsForm):
    """What somebody reads well: a note, and kinds of cases, a field for each sort of them."""

    def __init__(self, *args, name, inspection, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["note"] = text_area(
            f"What should be kept in mind when {name} is given cases?",
            help_text="Such as “Speaks Polish” or “New to custodial cases”. Those who build teams and allocate cases see it.",
        )
        self.sorts = {
            f"suited_{place}": sort for place, sort in enumerate(kinds(inspection.document, inspection.worded))
        }
        for field, sort in self.sorts.items():
            self.fields[field] = forms.MultipleChoiceField(
                required=False,
                label=sort.label,
                choices=list(sort.words.items()),
                widget=forms.CheckboxSelectMultiple,
                error_messages={"invalid_choice": "Select kinds of cases that the standards have."},
            )
            self.fields[field].govuk = {"classes": "govuk-checkboxes--small"}

    @staticmethod
    def initial_of(membership, inspection):
        """Return the values of the fields for a membership as it stands."""
        sorts = enumerate(kinds(inspection.document, inspection.worded))
        chosen = {
            f"suited_{place}": [code for code in sort.words if code in membership.suited_for] for place, sort in sorts
        }
        return chosen | {"note": membership.skill_note}

    def layout(self):
        """Return the note, and the kinds on demand."""
        return [
            Field("note", size="s"),
            Details(
                "Kinds of cases that they are especially suited for", *(Field(name, size="s") for name in self.sorts)
            ),
        ]

    def given(self):
        """Return what was given, from a form that can be read."""
        suited = [code for name in self.sorts for code in self.cleaned_data[name]]
        return {"note": self.cleaned_data["note"], "suited_for": suited}


class ConflictForm(PartsForm):
    """What a conflict of interest is."""

    def __init__(self, *args, label, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"] = text_area(
            label, help_text="Such as “I worked there until 2024”, or a relation to somebody who works there."
        )


class OwnConflictForm(ConflictForm):
    """A conflict of interest of one's own, with one of these services."""

    def __init__(self, *args, services, **kwargs):
        super().__init__(*args, label="What is it?", **kwargs)
        self.services = {held.slug: held for held in services}
        choices = [(slug, held.name) for slug, held in self.services.items()]
        self.fields["service"] = select("With which service?", choices)

    def layout(self):
        """Return the service, then the text."""
        return [Field("service", size="s"), Field("text", size="s")]

    def clean(self):
        """Say that no service is selected."""
        data = super().clean()
        if "service" in data and not data["service"]:
            self.add_error("service", "Select the service.")
        return data
