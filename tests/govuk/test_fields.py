"""Form fields as components."""

from datetime import date

import pytest
from django import forms

from govuk import fields
from govuk.widgets import DateInput
from tests.govuk.markup import Markup, assert_sound

ANSWERS = [("yes", "Yes"), ("no", "No"), ("not_applicable", "Not applicable")]


class Sample(forms.Form):
    name = forms.CharField(label="Your name", help_text="As on your badge.", max_length=20)
    email = forms.EmailField()
    secret = forms.CharField(widget=forms.PasswordInput)
    note = forms.CharField(widget=forms.Textarea)
    limited = forms.CharField(widget=forms.Textarea, max_length=500)
    whole = forms.IntegerField(min_value=0)
    part = forms.DecimalField()
    answer = forms.ChoiceField(choices=ANSWERS, widget=forms.RadioSelect)
    reason = forms.CharField(required=False)
    sources = forms.MultipleChoiceField(choices=ANSWERS, widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField(label="I agree")
    disposal = forms.ChoiceField(choices=[("", "Choose"), ("court", "Court"), ("out", "Out of court")])
    read_on = forms.DateField(widget=DateInput)
    document = forms.FileField()
    version = forms.IntegerField(widget=forms.HiddenInput, initial=3)


def rendered(name, data=None, **initial):
    form = Sample(data, initial=initial) if data is not None else Sample(initial=initial)
    return Markup(fields.render(form[name]))


def test_text_input_has_label_hint_and_error_linked_by_id():
    markup = assert_sound(fields.render(Sample({})["name"]))
    field = markup.one("input")
    assert field["id"] == "id_name"
    assert field["aria-describedby"] == "id_name-hint id_name-error"
    assert markup.one("label")["for"] == "id_name"
    assert "Enter your name" in markup.text


def test_nothing_cuts_or_scolds_while_typing():
    for name in ("name", "whole", "limited"):
        attributes = next(found for tag, found in rendered(name).elements if tag in ("input", "textarea"))
        assert not {"maxlength", "required", "min", "placeholder"} & attributes.keys()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("email", {"type": "email", "autocapitalize": "none"}),
        ("whole", {"type": "text", "inputmode": "numeric"}),
        ("part", {"type": "text", "inputmode": "decimal"}),
        ("secret", {"type": "password", "autocomplete": "current-password"}),
        ("document", {"type": "file"}),
        ("version", {"type": "hidden", "value": "3"}),
    ],
)
def test_kinds_of_input(name, expected):
    assert expected.items() <= rendered(name).all("input")[0].items()


def test_password_does_not_come_back():
    assert "value" not in rendered("secret", {"secret": "hunter2"}).one("input")


def test_limited_textarea_counts():
    assert rendered("limited").one("div", data_module="govuk-character-count")["data-maxlength"] == "500"
    assert not rendered("note").all("div", data_module="govuk-character-count")


def test_radios_keep_the_choice_and_start_at_the_field_id():
    markup = rendered("answer", answer="no")
    assert [radio["id"] for radio in markup.all("input")] == ["id_answer", "id_answer-2", "id_answer-3"]
    assert [radio["value"] for radio in markup.all("input", checked="")] == ["no"]
    assert markup.all("fieldset")
    assert "Answer" in markup.text


def test_a_choice_reveals_other_fields():
    form = Sample(initial={"answer": "not_applicable", "reason": "Not asked"})
    form.fields["answer"].reveal = {"not_applicable": "reason"}
    markup = assert_sound(fields.render(form["answer"]))
    assert markup.one("input", name="reason")["value"] == "Not asked"
    assert markup.one("div", id="conditional-id_answer-3")["class"] == "govuk-radios__conditional"


def test_hints_of_choices():
    form = Sample()
    form.fields["answer"].hints = {"no": "Or not enough."}
    markup = assert_sound(fields.render(form["answer"]))
    assert markup.one("input", value="no")["aria-describedby"] == "id_answer-2-item-hint"


def test_checkboxes_keep_several_choices():
    markup = rendered("sources", {"sources": ["yes", "no"]})
    assert [box["value"] for box in markup.all("input", checked="")] == ["yes", "no"]


@pytest.mark.parametrize(("data", "checked"), [({"agreed": "on"}, 1), ({"agreed": "false"}, 0), ({}, 0)])
def test_single_checkbox(data, checked):
    assert len(rendered("agreed", data).all("input", checked="")) == checked


def test_select_keeps_the_choice():
    assert rendered("disposal", disposal="out").one("option", selected="")["value"] == "out"


def test_several_choices_in_a_select_are_refused():
    class Form(forms.Form):
        many = forms.MultipleChoiceField(choices=ANSWERS)

    with pytest.raises(TypeError, match="CheckboxSelectMultiple"):
        fields.render(Form()["many"])


def test_an_unknown_widget_is_refused():
    class Form(forms.Form):
        odd = forms.DateTimeField(widget=forms.SplitDateTimeWidget)

    with pytest.raises(TypeError, match="SplitDateTimeWidget"):
        fields.render(Form()["odd"])


def test_parameters_on_the_field_and_in_the_call():
    form = Sample()
    form.fields["name"].govuk = {"label": {"classes": "govuk-label--m"}, "classes": "one"}
    markup = Markup(fields.render(form["name"], classes="two", hint=None))
    assert markup.one("label")["class"] == "govuk-label govuk-label--m"
    assert markup.one("input")["class"] == "govuk-input two"
    assert "badge" not in markup.text


def test_attributes_of_the_widget_are_passed_on():
    form = Sample()
    form.fields["name"].widget.attrs |= {"data-x": "1", "autocomplete": "name", "readonly": True, "data-off": False}
    attributes = Markup(fields.render(form["name"])).one("input")
    assert {"data-x": "1", "autocomplete": "name", "readonly": ""}.items() <= attributes.items()
    assert "data-off" not in attributes


def test_a_disabled_field():
    form = Sample()
    for field in form.fields.values():
        field.disabled = True
    for name in ("name", "note", "answer", "disposal", "agreed", "read_on"):
        inputs = [
            found for tag, found in Markup(fields.render(form[name])).elements if tag in ("input", "textarea", "select")
        ]
        assert all("disabled" in found for found in inputs), name


class TestDateInput:
    def field(self, **data):
        return Sample({f"read_on-{part}": value for part, value in data.items()})["read_on"]

    def test_reads_a_date(self):
        bound = self.field(day="3", month="5", year="2026")
        assert bound.form.fields["read_on"].clean(bound.data) == date(2026, 5, 3)

    @pytest.mark.parametrize(
        "given", [{"day": "31", "month": "2", "year": "2026"}, {"day": "3"}, {"day": "x-y", "month": "-", "year": ""}]
    )
    def test_a_wrong_date_comes_back_as_typed(self, given):
        bound = self.field(**given)
        assert bound.errors == ["Enter a valid date."]
        markup = assert_sound(fields.render(bound))
        for part in DateInput.parts:
            shown = markup.one("input", name=f"read_on-{part}").get("value", "")
            assert shown == given.get(part, "").replace("-", " ").strip()

    def test_empty_is_missing(self):
        assert self.field(day=" ", month="", year="").data is None

    def test_shows_an_initial_date(self):
        markup = rendered("read_on", read_on=date(2026, 5, 3))
        assert [found["value"] for found in markup.all("input")] == ["3", "5", "2026"]


class TestErrorSummary:
    def test_every_link_leads_to_an_input(self):
        form = Sample({"read_on-day": "99"}, prefix=None)
        html = fields.render_error_summary(form) + "".join(fields.render(bound) for bound in form)
        markup = assert_sound(html)
        links = [link["href"][1:] for link in markup.all("a")]
        focusable = {found.get("id") for tag, found in markup.elements if tag in ("input", "select", "textarea")}
        assert len(links) == len([name for name in form.fields if name not in ("reason", "version")])
        assert set(links) <= focusable

    def test_a_hidden_field_is_named_and_not_linked(self):
        html = fields.render_error_summary(Sample({}))
        assert "Version: " in html
        assert "id_version" not in html

    def test_two_forms_with_prefixes(self):
        one, two = Sample({}, prefix="one"), Sample({}, prefix="two")
        html = fields.render_error_summary(one, two) + "".join(
            fields.render(bound) for form in (one, two) for bound in form
        )
        assert_sound(html)

    def test_what_is_wrong_with_the_whole_form_comes_first(self):
        form = Sample({})
        form.add_error(None, "The <answers> contradict each other.")
        html = fields.render_error_summary(form)
        assert html.index("The &lt;answers&gt; contradict") < html.index("Enter your name")

    def test_nothing_wrong_is_nothing_shown(self):
        assert fields.render_error_summary(Sample()) == ""

    def test_own_messages_stay(self):
        form = Sample({})
        form.fields["name"].error_messages["required"] = "Tell us your name"
        assert ">Tell us your name</a>" in fields.render_error_summary(form)

    @pytest.mark.parametrize(
        ("field", "expected"),
        [
            (forms.CharField(label="Email address"), "Enter email address"),
            (forms.CharField(label="PNC number"), "Enter PNC number"),
            (forms.CharField(label="Why?"), "Give an answer: Why?"),
            (
                forms.ChoiceField(label="Is it so?", choices=ANSWERS, widget=forms.RadioSelect),
                "Select an answer: Is it so?",
            ),
            (forms.BooleanField(label="I have read it"), "Confirm: I have read it"),
        ],
    )
    def test_an_empty_field_is_asked_for_by_its_label(self, field, expected):
        form = type("Form", (forms.Form,), {"field": field})({})
        assert fields.errors(form["field"]) == [expected]
