"""Every page that can be reached, looked at by axe, on a desktop and on a phone."""

from urllib.parse import urlsplit

import pytest
from django.urls import resolve, reverse

from cases.actions import exclude_case, receive_answer
from cases.answers import Given
from cases.excluding import propose_exclusion
from config.account_urls import urlpatterns as account_urls
from config.urls import urlpatterns
from tests.cases.lines import some_line
from tests.inspections.entries import some_evidence, some_finding

pytestmark = pytest.mark.django_db(transaction=True)


def names(patterns, namespace=""):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}"


# Addresses that are no pages: downloads, what machines ask for, and what needs more than a link to reach.
NO_PAGES = {
    "healthz",
    "readyz",
    "ratings:export",
    "ratings:annex_one_file",
    "ratings:home",
    # While figures are hidden: see tests/ratings/test_pages_looked_at.py.
    "ratings:provisional",
    "ratings:provisional_opening",
    "account_inactive",
    "account_reauthenticate",
    "account_logout",
    "service_worker",
    "offline",
    "accounts:session",
    "accounts:device_key",
    "cases:save",
    "cases:presence",
    "ratings:live",
    "cases:waiting_again",
    "cases:audit_export",
    "cases:audit_export_everywhere",
    # For managers: tests/browser/test_programme.py.
    *(f"ratings:{name}" for name in ("programme", "my_exports", "my_export", "my_export_file", "my_export_live")),
    "cases:adjust",  # before fieldwork, as the draw: tests/browser/test_sample.py
    "cases:draw",
    "cases:audit_everywhere",  # not for leads: tests/browser/test_audit.py
    # In tests/browser/test_signing_off.py, each at its stage.
    "ratings:ratify",
    "ratings:agree",
    "ratings:unlock",
    "ratings:publish",
    "ratings:published",
    "ratings:published_list",
}
# Where a provider of sign-in is set up: test_accounts.py.
NO_PAGES |= {name for name in names(urlpatterns) if name.startswith("accounts:openid")}
# What an account needs, and administrators: looked at in test_accounts.py.
NO_PAGES |= {name for name in names(account_urls) if name.startswith("mfa_")}
# Before fieldwork: tests/browser/test_caseload.py.
NO_PAGES |= {"cases:caseload_check", "cases:candidates", "cases:caseload_template"}
NO_PAGES |= {"cases:bulk_template"}
NO_PAGES |= {"inspections:create"}  # not for leads: tests/browser/test_team.py
NO_PAGES |= {"account_change_password", *(f"accounts:{name}" for name in ("people", "invite", "person", "link"))}
OF_EACH = 4  # pages of one kind that are looked at, such as four cases out of 39


def pages_from(page, start, seen):
    """Visit every page that links lead to, `OF_EACH` of each kind, and yield after each visit."""
    waiting = [start]
    while waiting:
        address = waiting.pop(0)
        name = resolve(address).view_name
        if (
            address in seen.get(name, set())
            or len(seen.get(name, set())) >= OF_EACH
            or name in NO_PAGES - {"ratings:home"}
        ):
            continue
        seen.setdefault(name, set()).add(address)
        response = page.goto(address)
        assert response.status == 200, f"{address}: {response.status}"
        yield
        links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        own = urlsplit(page.url).netloc
        waiting += [urlsplit(link).path for link in links if urlsplit(link).netloc == own]


@pytest.mark.parametrize("device", ["page", "phone"])
def test_every_page_is_free_of_violations(request, device, sign_in, axe, lead, sefton):
    page = request.getfixturevalue(device)
    excluded = exclude_case(case=sefton.cases.first(), reason="file cannot be had", by=lead)
    receive_answer(case=excluded, by=lead, given=Given(question="2.1.1", value="no"), leads=True)
    propose_exclusion(case=sefton.cases.all()[1], reason="other", words="So.", by=lead)
    some_finding(sefton, lead, evidence=(some_evidence(sefton, lead).number,))
    some_line(sefton.cases.last(), lead, assigned=(lead.pk,))
    seen = {}
    page.goto(reverse("account_login"))
    axe(page)
    sign_in(page, lead)
    for _ in pages_from(page, "/", seen):
        axe(page)
        scrolls = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not scrolls, f"{page.url} scrolls sideways"
    missing = set(names(urlpatterns)) - set(seen) - NO_PAGES - {"account_login"}
    assert not missing, f"No link leads to {', '.join(sorted(missing))}."


def test_every_page_at_twice_the_size(new_page, sign_in, lead, sefton):
    page = new_page(viewport={"width": 640, "height": 450}, device_scale_factor=2)
    sign_in(page, lead)
    for _ in pages_from(page, "/", {}):
        scrolls = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not scrolls, f"{page.url} scrolls sideways at 200%"
