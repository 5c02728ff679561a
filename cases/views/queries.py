"""Queries at the questions they are about: shown on the pages of the form, and replied to with what else was typed there."""

import re

from django.contrib import messages
from django.http import Http404

from cases import policies
from cases.instrument import question_url
from cases.policies import TABLE, Action
from cases.queries import queries_of
from cases.views.reviews import DONE, act, form_of
from inspections.access import require
from inspections.errors import Refused
from inspections.policies import is_open

TEXT = re.compile(r"query-(\d{1,18})-text")
BUTTONS = {"reply": Action.REPLY, "close_query": Action.CLOSE_QUERY}


def queries_at(case, access, refused=None):
    """Return the open queries of a case by question, each with the form for whoever may reply to it or close it now.

    `refused` holds, by query, forms that were sent and could not be taken: these are shown again, whatever became of
    their query.
    """
    refused = refused or {}
    unlocked = is_open(case.inspection.lifecycle.state)
    may_reply = unlocked and access.may(TABLE[Action.REPLY].permission) and policies.can_reply(case)
    may_close = unlocked and access.may(TABLE[Action.CLOSE_QUERY].permission) and policies.can_close_query(case)
    found = {}
    for held in queries_of(case):
        query = held["query"]
        form = refused.get(query.pk)
        if not form and not held["open"]:
            continue
        if not form and (may_reply or may_close):
            form = form_of(Action.REPLY, case, query)
        shown = held | {"form": form, "may_reply": may_reply, "may_close": may_close}
        found.setdefault(query.question, []).append(shown)
    return found


def take_replies(request, case, access):
    """Store what was typed at queries on a page of the form. Return the forms that could not be taken, by query."""
    refused = {}
    queries = {held["query"].pk: held["query"] for held in queries_of(case)}
    pressed = {action: request.POST.get(name) for name, action in BUTTONS.items()}
    for name in request.POST:
        match = TEXT.fullmatch(name)
        if not match:
            continue
        query = queries.get(int(match[1]))
        if query is None:
            raise Http404
        action = next((action for action, key in pressed.items() if key == str(query.pk)), None)
        if action is None and not request.POST[name].strip():
            continue
        action = action or Action.REPLY
        require(access, TABLE[action].permission)
        form = form_of(action, case, query, data=request.POST)
        form.is_valid()
        try:
            act(action, case, query, request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("text", str(refusal))
            refused[query.pk] = form
        else:
            messages.success(request, DONE[action])
    if hasattr(case, "_prefetched_objects_cache"):
        case._prefetched_objects_cache.pop("queries", None)  # as they are now
    return refused


def replied_at(request, case):
    """Return the address of the question whose query was replied to by its button; "" where another was pressed."""
    for name in BUTTONS:
        for held in queries_of(case):
            if request.POST.get(name) == str(held["query"].pk) and held["query"].question:
                return question_url(case, case.questions[held["query"].question])
    return ""
