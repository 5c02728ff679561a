"""People, for administrators: the list, inviting, and one person with everything that is done to an account."""

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import actions
from accounts.access import get_person, manages_people, people
from accounts.errors import Refused
from accounts.forms import NONE, CloseForm, InviteForm, RoleForm
from accounts.fresh import fresh_sign_in_required
from accounts.holdings import holdings_of
from accounts.links import send_link
from accounts.models import Session, Standing
from accounts.roles import TEAM_ROLES
from accounts.second_factor import factors_of

ON_A_PAGE = 50
TAGS = {
    Standing.ACTIVE: "govuk-tag--green",
    Standing.INVITED: "govuk-tag--light-blue",
    Standing.EXPIRED: "govuk-tag--orange",
    Standing.CLOSED: "govuk-tag--grey",
}
NOT_SENT = (
    "The email to {email} could not be sent, so they have no link. Check how this installation sends email, then send "
    "them a link again."
)


@require_safe
@manages_people
def people_list(request):
    """Show everybody, those whose account is closed last; `?q=` finds names and addresses."""
    wanted = request.GET.get("q", "").strip()[:200]
    connections = SocialAccount.objects.filter(user=OuterRef("pk"), provider=settings.OPENID_ISSUER)
    found = (
        people()
        .annotate(has_factor=Exists(factors_of(OuterRef("pk"))), is_connected=Exists(connections))
        .order_by("-is_active", "name", "pk")
    )
    if wanted:
        found = found.filter(Q(name__icontains=wanted) | Q(email__icontains=wanted))
    shown = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_title": "People",
        "navigation": "people",
        "rows": [{"person": person, "standing": tag_of(person)} for person in shown],
        "count": shown.paginator.count,
        "wanted": wanted,
        "shown": shown,
    }
    return render(request, "accounts/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_people
def invite(request):
    """Ask who is invited; add them and send them a link."""
    posting = request.method == "POST"
    form = InviteForm(request.POST) if posting else InviteForm(initial={"role": NONE})
    if posting and form.is_valid():
        try:
            person = actions.invite_person(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            tell_of_link(request, person)
            return redirect("accounts:person", person.public_id)
    context = {
        "page_title": "Invite somebody",
        "navigation": "people",
        "back_url": reverse("accounts:people"),
        "back_text": "People",
        "form": form,
        "team_roles": TEAM_ROLES.values(),
    }
    return render(request, "accounts/invite.html", context, status=400 if posting else 200)


@fresh_sign_in_required
@require_http_methods(["GET", "HEAD", "POST"])
@manages_people
def person(request, person):
    """Show a person and what they hold; or do to their account what `do` names."""
    held = get_person(person)
    if request.method != "POST":
        return show_person(request, held)
    do = request.POST.get("do")
    form = {"role": RoleForm, "close": CloseForm}.get(do)
    form = form and form(request.POST)
    if do not in DONE:
        raise Http404
    try:
        if form is None or form.is_valid():
            DONE[do](request, held, **(form.cleaned_data if form else {}))
            return redirect("accounts:person", held.public_id)
    except Refused as refusal:
        if form is None:
            messages.error(request, str(refusal))
            return redirect("accounts:person", held.public_id)
        form.add_error(next(iter(form.fields)), str(refusal))
    return show_person(request, held, **{f"{do}_form": form}, form=form)


def show_person(request, held, role_form=None, close_form=None, form=None):
    """Show the page, and on it the form that was posted and refused."""
    held.refresh_from_db()
    context = {
        "page_title": held.name,
        "caption": "People",
        "navigation": "people",
        "back_url": reverse("accounts:people"),
        "back_text": "People",
        "person": held,
        "standing": tag_of(held),
        "factors": [str(factor) if factor.type == "webauthn" else "Authenticator app" for factor in factors_of(held)],
        "openid_name": settings.OPENID_NAME,
        "sessions": Session.objects.filter(person=held).count(),
        "holdings": holdings_of(held).items(),
        "role_form": role_form or RoleForm(initial={"role": held.role or NONE}),
        "close_form": close_form or CloseForm(),
        "form": form,
    }
    return render(request, "accounts/person.html", context, status=400 if form else 200)


def tag_of(person):
    """Return how it stands with an account as the parameters of a tag."""
    standing = person.standing
    return {"text": standing.label, "classes": TAGS[standing]}


def tell_of_link(request, person):
    """Send a person the link that was noted for them, and say what became of it."""
    if send_link(person, request):
        messages.success(request, f"A link to set a password was sent to {person.email}.")
    else:
        messages.error(request, NOT_SENT.format(email=person.email))


def link(request, held):
    """Send a person another link."""
    tell_of_link(request, actions.note_link(person=held, by=request.user))


def role(request, held, role):
    """Give a person another role in every inspection."""
    changed = actions.change_role(person=held, role=role, by=request.user)
    if changed.role:
        messages.success(request, f"{held.name} is {changed.role_label.lower()} in every inspection.")
    else:
        messages.success(request, f"{held.name} has no role in every inspection.")


def close(request, held, reason):
    """Close an account."""
    actions.close_account(person=held, by=request.user, reason=reason)
    messages.success(request, f"The account of {held.name} is closed, and they are signed out everywhere.")


def reopen(request, held):
    """Open a closed account again."""
    actions.reopen_account(person=held, by=request.user)
    messages.success(request, f"The account of {held.name} is open again.")


def factors(request, held):
    """Remove every second factor of a person."""
    actions.reset_second_factors(person=held, by=request.user)
    messages.success(request, f"{held.name} has no second step at sign-in any more, and is signed out everywhere.")


def disconnect(request, held):
    """Forget with which account elsewhere a person signs in."""
    actions.disconnect_sign_in(person=held, by=request.user)
    messages.success(request, f"{held.name} is disconnected from {settings.OPENID_NAME}, and signed out everywhere.")


def sign_out(request, held):
    """Sign a person out everywhere."""
    actions.end_sessions(person=held, by=request.user, why="An administrator asked for it.")
    messages.success(request, f"{held.name} is signed out everywhere.")


DONE = {
    "link": link,
    "role": role,
    "close": close,
    "reopen": reopen,
    "factors": factors,
    "disconnect": disconnect,
    "sign_out": sign_out,
}
