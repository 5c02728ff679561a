"""The form in which a list of cases is sent: the file, and where they are in doubt its columns."""

from django import forms

from cases.caseload.columns import Matching, labels_of
from cases.caseload.reading import MOST_BYTES, MOST_COLUMNS
from cases.caseload.uploads import opened, targets_of
from govuk.layout import Details, Field, Fieldset
from inspections.errors import Refused
from inspections.forms import PartsForm

ONE, EACH = "one", "each"
NOT_SELECTED = "Select a column"
NO_COLUMN = "Not in the file"


class ColumnField(forms.ChoiceField):
    """A column of the file. Whether the file has it is known only when all of the form is read."""

    def valid_value(self, value):
        """Take any."""
        return True


class CaseloadForm(PartsForm):
    """A file, how it is taken, and once `columns` are there what each of the file's columns is.

    `columns` are what its columns are known by: from a file that was read before, or as the page sent them along. After
    validation `table` and `matching` are what was read; `matching` is not settled where columns must be chosen first.
    """

    file = forms.FileField(
        label="The service’s list of cases",
        help_text="CSV, .xlsx or .ods, at most 20 MB.",
        allow_empty_file=True,  # reading it says so
        error_messages={"required": "Choose the file with the list of cases."},
    )
    disposals = forms.ChoiceField(
        label="How many times may a child be drawn who has several disposals in the list?",
        choices=[(ONE, "Once, by the latest disposal"), (EACH, "Each disposal is a case of its own")],
        initial=ONE,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select how many times a child may be drawn.",
            "invalid_choice": "Select how many times a child may be drawn.",
        },
    )
    choose = forms.BooleanField(required=False, label="Let me say which column is which")

    def __init__(self, *args, inspection, columns=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.inspection = inspection
        sent = tuple(self.data.getlist("known"))[:MOST_COLUMNS] if self.is_bound else ()
        self.columns = tuple(columns) or sent
        self.table = self.matching = None
        self.targets = {f"column-{held.code}": held for held in targets_of(inspection)} if self.columns else {}
        for name, target in self.targets.items():
            self.fields[name] = ColumnField(required=False, label=target.label)
        if self.targets:
            del self.fields["choose"]
        self._offer(self.columns)

    def _offer(self, columns):
        for name, target in self.targets.items():
            nothing = NOT_SELECTED if target.required else NO_COLUMN
            self.fields[name].choices = [("", nothing), *((held, held) for held in columns)]

    def layout(self):
        """Return the fields, those of the columns before the file that is sent again, folded once they are settled."""
        needed = [name for name, held in self.targets.items() if held.required]
        others = [name for name in self.targets if name not in needed]
        columns = [
            Fieldset("Columns that every list needs", *needed, size="s"),
            Fieldset("Columns that a list may have", *others, size="s"),
        ]
        if self.matching and not any(name in self.errors for name in self.targets):
            columns = [Details("Columns as you selected them", *columns, folded=True)]
        choose = ["choose"] if "choose" in self.fields else []
        return [*(columns if self.targets else []), Field("file", size="s"), Field("disposals", size="s"), *choose]

    @property
    def every_disposal(self):
        """Whether each disposal of a child is a case of its own, from a form that can be read."""
        return self.cleaned_data["disposals"] == EACH

    def clean_file(self):
        """Read the file: its table, and which columns are known by name."""
        try:
            self.table, self.matching = opened(self.inspection, self.cleaned_data["file"].read(MOST_BYTES + 1))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None

    def clean(self):
        """Take the columns that were chosen instead of those known by name, and say what is wrong with them."""
        data = super().clean()
        if self.table and self.targets:
            places = labels_of(self.table.header)
            self.columns = tuple(places)
            self._offer(self.columns)
            self.matching = Matching(self._chosen(data, places))
        return data

    def _chosen(self, data, places):
        chosen = {}
        for name, target in self.targets.items():
            label = data.get(name, "")
            if not label:
                if target.required:
                    self.add_error(name, f"{target.label}: select the column that holds it.")
            elif label not in places:
                self.add_error(name, f"{target.label}: this file has no column “{label[:60]}”. Select another.")
            elif places[label] in chosen:
                self.add_error(name, f"{target.label}: “{label[:60]}” is selected twice. Select another column.")
            else:
                chosen[places[label]] = target.code
        return chosen

    @property
    def must_choose(self):
        """Whether columns must be chosen before the file can be checked, from a form that can be read."""
        return not self.targets and (self.cleaned_data["choose"] or not self.matching.settled)

    def with_columns(self):
        """Return a form that asks which column is which, with those chosen that are known by name."""
        places = labels_of(self.table.header)
        initial = {
            f"column-{self.matching.columns[at]}": label for label, at in places.items() if at in self.matching.columns
        }
        return CaseloadForm(
            inspection=self.inspection,
            columns=places,
            initial=initial | {"disposals": self.cleaned_data["disposals"]},
        )
