"""The template pack: crispy forms, layouts, and the case form's question."""

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import engines
from django.utils.safestring import mark_safe

from govuk.layout import Button, Buttons, Details, Field, Fieldset, Layout, Question, Text
from tests.govuk.markup import assert_sound

# crispy-forms looks its form's action up among the addresses.
pytestmark = pytest.mark.urls("tests.govuk.urls")

ANSWERS = [("yes", "Yes"), ("no", "No"), ("not_applicable", "Not applicable")]


class CaseForm(forms.Form):
    answer = forms.ChoiceField(label="Is it planned well?", choices=ANSWERS, widget=forms.RadioSelect)
    reason = forms.CharField(label="Why does it not apply?", required=False)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    version = forms.IntegerField(widget=forms.HiddenInput, initial=3)


def laid_out(*content, data=None, initial=None):
    form = CaseForm(data, initial=initial)
    form.helper = FormHelper()
    form.helper.layout = Layout(*content)
    return assert_sound(render_crispy_form(form, context={"csrf_token": "token"}))


def template(source, **context):
    return engines["django"].from_string(source).render(context)


def test_question_is_one_fieldset_with_reason_note_and_guidance():
    markup = laid_out(
        Question("answer", reveal={"not_applicable": "reason"}, note="note", guidance=["Look here.", "And <there>."])
    )
    assert len(markup.all("fieldset")) == len(markup.all("legend")) == 1
    assert markup.one("div", id="conditional-id_answer-3")
    assert markup.one("input", name="reason")
    assert markup.one("textarea", name="note")
    assert "And <there>." in markup.text
    assert [details.get("open") for details in markup.all("details")] == [None, None]


@pytest.mark.parametrize("filled", [{"initial": {"note": "Seen."}}, {"data": {"note": "Seen."}}])
def test_a_note_with_text_is_open(filled):
    markup = laid_out(Question("answer", note="note"), **filled)
    assert "open" in markup.one("details")
    assert "Seen." in markup.text


def test_a_note_is_shown_to_the_letter():
    text = "one\n  two\n\nfour"
    form = CaseForm(initial={"note": text})
    form.helper = FormHelper()
    form.helper.layout = Layout(Fieldset("Part", Question("answer", reveal={"no": "note"}, guidance="x")))
    assert f">{text}</textarea>" in render_crispy_form(form, context={"csrf_token": "token"})


def test_a_choice_may_reveal_several_fields_or_html():
    markup = laid_out(Field("answer", reveal={"no": ["reason", "note"], "yes": mark_safe("<p>Good.</p>")}))
    assert markup.one("input", name="reason")
    assert markup.one("textarea", name="note")
    assert "Good." in markup.text


def test_own_parameters_of_a_question():
    markup = laid_out(
        Question("answer", css_class="eh-question--key", formGroup={"attributes": {"data-question": "P1"}}, size="l")
    )
    group = markup.one("div", data_question="P1")
    assert group["class"] == "govuk-form-group eh-question eh-question--key"
    assert markup.one("legend")["class"] == "govuk-fieldset__legend govuk-fieldset__legend--l"


def test_field_options():
    markup = laid_out(Field("answer", inline=True, hints={"no": "Or not enough."}), Field("reason", size="s", width=10))
    assert markup.all("div", class_="govuk-radios govuk-radios--inline")
    assert "Or not enough." in markup.text
    assert markup.one("input", name="reason")["class"] == "govuk-input govuk-input--width-10"
    assert markup.one("label", **{"for": "id_reason"})["class"] == "govuk-label govuk-label--s"


def test_fieldset_details_text_and_buttons():
    markup = laid_out(
        Fieldset("About the case", "reason", hint="Briefly.", heading=True),
        Details("More", "note"),
        Text("A & B"),
        Buttons(Button("Save"), Button("Later", name="later", kind="secondary"), Button("Cancel", href="/x")),
        initial={"note": "x"},
    )
    assert "h1" in [tag for tag, _ in markup.elements]
    assert "A & B" in markup.text
    assert "open" in markup.one("details")
    assert [button.get("name") for button in markup.all("button")] == [None, "later"]
    assert markup.one("a")["href"] == "/x"


def test_folded_details_stay_closed_around_what_is_given():
    markup = laid_out(Details("More", "note", folded=True), initial={"note": "x"})
    assert "open" not in markup.one("details")


def test_the_form_posts_with_its_token_and_leaves_checking_to_the_server():
    markup = laid_out("answer")
    form = markup.one("form")
    assert form["method"] == "post"
    assert "novalidate" in form
    assert markup.one("input", name="csrfmiddlewaretoken")["value"] == "token"


def test_plain_crispy_and_filter_render_every_field():
    for source in ("{% load crispy_forms_tags %}{% crispy form %}", "{% load crispy_forms_tags %}{{ form|crispy }}"):
        markup = assert_sound(template(source, form=CaseForm(), csrf_token="token"))
        assert {"answer", "reason", "version"} <= {found.get("name") for found in markup.all("input")}
        assert markup.one("textarea", name="note")


def test_crispy_submit_is_a_button():
    form = CaseForm()
    form.helper = FormHelper(form)
    form.helper.add_input(Submit("save", "Save & go"))
    markup = assert_sound(render_crispy_form(form, context={"csrf_token": "token"}))
    assert markup.one("button")["value"] == "Save & go"


def test_a_formset():
    formset = forms.formset_factory(CaseForm, extra=2)
    bound = formset({"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-note": "x", "form-1-note": "y"})
    source = "{% load crispy_forms_tags govuk %}{% govuk_error_summary formset %}{% crispy formset %}"
    markup = assert_sound(template(source, formset=bound, csrf_token="token"))
    assert len(markup.all("textarea")) == 2
    assert len(markup.all("a")) == 2
    assert assert_sound(template("{% load crispy_forms_tags %}{{ formset|crispy }}", formset=formset()))


def test_errors_filter_is_the_error_summary():
    html = template("{% load crispy_forms_tags %}{{ form|as_crispy_errors }}", form=CaseForm({}))
    assert "There is a problem" in html
