"""No page leads anybody to one that they are refused."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from accounts.roles import ROLES
from cases.actions import record_answer
from cases.answers import Given
from config.who_may import Somebody
from tests.people import sign_in_freshly

pytestmark = pytest.mark.django_db

OF_EACH = 3  # pages of one kind that are looked at
LINK = re.compile(r'<a\b[^>]*?\shref="([^"#]+)')


def links_of(response):
    return {unescape(link) for link in LINK.findall(response.content.decode())}


@pytest.mark.parametrize(
    "somebody",
    [*ROLES.values(), Somebody.STRANGER],
    ids=lambda held: held.name if isinstance(held, Somebody) else held.code,
)
def test_every_link_leads_to_a_page(client, everybody, inspection, case, make_case, inspector, lead, somebody):
    case.allocated_to = everybody[somebody]
    case.save(update_fields=["allocated_to"])
    make_case(inspection, allocated_to=inspector)
    record_answer(case=case, by=lead, given=Given(question="2.1.1.a", value="yes"))
    sign_in_freshly(client, everybody[somebody])
    seen, waiting, refused = {}, ["/"], []
    while waiting:
        path = waiting.pop(0)
        name = resolve(urlsplit(path).path).view_name
        if path in seen.get(name, ()) or len(seen.get(name, ())) >= OF_EACH:
            continue
        seen.setdefault(name, set()).add(path)
        response = client.get(path, follow=True)
        if response.status_code != 200:
            refused.append(f"{path}: {response.status_code}")
        elif response["Content-Type"].startswith("text/html"):
            waiting += sorted(link for link in links_of(response) if link.startswith("/"))
    assert not refused
    if somebody is not Somebody.STRANGER and somebody.own_cases_only:
        assert {"cases:list", "cases:case", "cases:form"} <= set(seen)
        assert "ratings:inspection" not in seen
