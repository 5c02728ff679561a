"""Taking the file of waiting answers that a browser wrote, where it could not send them itself."""

import json
from collections import Counter

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST

from accounts.replies import Malformed, parse
from cases.answers import stored_value
from cases.errors import InvalidAnswer
from cases.models import Case, Source
from cases.pages import answer_in_words
from cases.queries import about, form_url
from cases.saving import read_waiting, take, waiting_file

MOST = 2000  # commands that are taken at once
LARGEST = 8 * 1024 * 1024  # bytes of a file
MOST_BACK = 9 * 1024 * 1024  # bytes that a page can send back, which is less than a form may hold
TAKEN = ("saved", "held")
HEADINGS = {
    "changed": "Changed by someone else",
    "refused": "Refused",
    "not_found": "No access",
    "forbidden": "Not allowed",
    "held": "Held for the lead inspector",
    "saved": "Saved",
}


class FileForm(forms.Form):
    """The file that a browser downloaded."""

    file = forms.FileField(
        label="File of waiting answers",
        error_messages={
            "required": "Choose the file of waiting answers.",
            "empty": "This file is empty. Choose the file of waiting answers.",
        },
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_file(self):
        """Return the commands in the file."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(
                f"This file is larger than {LARGEST // 1024 // 1024} MB, the most that is taken at once. Ask your "
                "administrator, and keep it until then."
            )
        try:
            return read_waiting(file.read(), self.user)
        except Malformed as malformed:
            raise forms.ValidationError(str(malformed)) from None


@require_http_methods(["GET", "HEAD", "POST"])
def waiting_answers(request):
    """Ask for the file, or take each command in it through the door that browsers use, and say what became of each."""
    sending = request.method == "POST"
    form = FileForm(request.POST, request.FILES, user=request.user) if sending else FileForm(user=request.user)
    context = {
        "page_title": "Send waiting answers",
        "back_url": reverse("cases:my_saves"),
        "back_text": "My last saves",
        "form": form,
    }
    if not form.is_valid():
        return render(request, "cases/waiting_answers.html", context, status=400 if sending else 200)
    commands = form.cleaned_data["file"]
    outcomes = [(command, take(command, request.user)) for command in commands[:MOST]]
    left = [command for command, answered in outcomes if answered.state not in TAKEN] + commands[MOST:]
    back = json.dumps(left)
    context |= {
        "form": FileForm(user=request.user),
        "groups": groups_of(outcomes),
        "count": len(commands),
        "untried": len(commands[MOST:]),
        "left": len(left),
        "back": back if len(back) <= MOST_BACK else "",
    }
    return render(request, "cases/waiting_answers.html", context)


@require_POST
def waiting_again(request):
    """Give back, as a file, the commands that were not taken."""
    try:
        commands = parse(request.POST.get("commands", "").encode("utf-8", "replace"))
    except Malformed:
        commands = None
    if not isinstance(commands, list):
        return render(request, "400.html", status=400)
    response = HttpResponse(waiting_file(commands, request.user), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="evenhand-waiting-answers.json"'
    return response


def groups_of(outcomes):
    """Return what became of commands as [(heading, number, entries)], those that were not taken first."""
    reached = [str(command["case"]) for command, answered in outcomes if is_reached(answered)]
    cases = {
        str(case.public_id): case
        for case in Case.objects.filter(public_id__in=reached)
        .select_related("inspection__standards")
        .defer("inspection__standards__content")
    }
    counts = Counter(answered.state for _, answered in outcomes)
    return [
        (heading, counts[state], [entry(command, held, cases) for command, held in outcomes if held.state == state])
        for state, heading in HEADINGS.items()
        if counts[state]
    ]


def is_reached(answered):
    """Return whether the person may answer in the case that a command names."""
    return "command" in answered.content


def entry(command, answered, cases):
    """Return what became of one command as the page shows it."""
    sentence = answered.content.get("sentence", "")
    if not is_reached(answered):
        return {"sentence": sentence}
    case = cases[command["case"]]
    question = case.questions.get(command.get("question")) if isinstance(command.get("question"), str) else None
    shown = {"case": case, "sentence": sentence, "saved_at": answered.content.get("saved_at")}
    if question is None:
        return shown
    shown |= {"about": about(case, question), "url": form_url(case, question)}
    if answered.state == "changed":
        theirs = answered.content["theirs"]
        shown["theirs"] = side(case, question, theirs) | {"by": theirs["by"], "at": theirs["at"]}
        shown["mine"] = side(case, question, command) | {"at": parse_datetime(command["given_at"])}
    return shown


def side(case, question, content):
    """Return one of two answers in words."""
    try:
        value = stored_value(question, content["value"])
    except InvalidAnswer:
        value = None
    return {
        "answer": answer_in_words(case, question, value),
        "row": {name: content.get(name) for name in ("reason", "asked_because", "note", "at_interview", "source")}
        | {"value": value, "get_source_display": dict(Source.choices).get(content.get("source"))},
    }
