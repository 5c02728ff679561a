"""What the pages of this room share: their context, and what became of a form that was posted."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.permissions import Permission
from inspections.errors import InspectionLocked, Refused, StaleEntry, Unfit
from inspections.policies import check_open, check_takes_answers


def frame(inspection, access, **context):
    """Return the context that every page of an inspection shares, with that page's own laid over it."""
    return {
        "inspection": inspection,
        "access": access,
        "person_role": access.role.label,
        "navigation": "inspections",
        "caption": inspection.service.name,
        "annex_name": inspection.worded("{annex} 2" if "annex" in inspection.document.default_terms else "Annex 2"),
        "closed": why_closed(inspection),
        "back_url": reverse("ratings:inspections"),
        "back_text": "All inspections",
        **context,
    }


def why_closed(inspection, check=check_open):
    """Return why nothing in an inspection may be changed now, by `check`; "" where it may."""
    try:
        check(inspection.lifecycle.state)
    except Refused as refusal:
        return str(refusal)
    return ""


def may(access, permission, inspection):
    """Return whether a person may do this now: by their role, and by the state of the inspection."""
    check = check_takes_answers if permission == Permission.JUDGE else check_open
    return access.may(permission) and not why_closed(inspection, check)


@dataclass(frozen=True)
class Attempt:
    """What became of a posted form: the status of the page that shows it again, or what was `done`.

    `stale` is the refusal where somebody else wrote in the meantime.
    """

    status: int = 302
    done: object = None
    stale: StaleEntry | None = None

    @property
    def ok(self):
        """Whether it was done."""
        return self.status == 302


def attempt(form, act):
    """Call `act` when the form can be read, and return the `Attempt`; what is refused stands on the form, at its field."""
    if not form.is_valid():
        return Attempt(400)
    try:
        return Attempt(done=act())
    except Unfit as unfit:
        for name, sentence in unfit.faults.items():
            form.add_error(name if name in form.fields else None, sentence)
        return Attempt(400)
    except StaleEntry as stale:
        form.add_error(None, str(stale))
        return Attempt(409, stale=stale)
    except InspectionLocked as refusal:
        form.add_error(None, str(refusal))
        return Attempt(409)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return Attempt(400)


def base_of(request):
    """Return the version that a posted form was based on; -1, which nothing stands at, where it does not say."""
    posted = request.POST.get("base", "")
    return int(posted) if posted.isascii() and posted.isdecimal() and len(posted) < 19 else -1
