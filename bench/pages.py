"""The results page beside the same figures as plain rows; it and the morning page in a hundred times larger database.

Each request goes through the whole of Django as it would under gunicorn (middleware, session, sign-in, queries,
template), called in this process: the socket, which costs both pages the same, is left out.
"""

from contextlib import contextmanager
from functools import partial
from io import BytesIO

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from bench.database import LARGEST, SMALLEST, inspection
from bench.measure import Fact, Heading, Row, measure
from inspections.actions import add_member

PLAIN = 1.6
GROWN = 1.1
FEW, MANY = False, True  # what second_database's switch takes


def manager():
    """Create a manager, who sees every inspection."""
    return User.objects.create_user(email="manager@example.org", name="Mani Manager", role="manager")


def lead():
    """Create the lead inspector of the smallest and of the largest inspection, whose looking at cases is not recorded."""
    user = User.objects.create_user(email="lead@example.org", name="Lea Lead")
    for slug in (SMALLEST, LARGEST):
        add_member(inspection=inspection(slug), user=user, role="lead_inspector", by=user)
    return user


def sign_in(user):
    """Return the cookie of a person who is signed in."""
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Site:
    """The whole site as its web server calls it, with the bare page added."""

    def __init__(self, cookie):
        settings.ROOT_URLCONF = "bench.bare"
        self.application = get_wsgi_application()
        self.cookie = cookie

    def get(self, path):
        """Return the page at that path. Raises RuntimeError unless it is there."""
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost:8000",
            "HTTP_COOKIE": self.cookie,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
        }
        said = []
        response = self.application(environ, lambda status, headers: said.append(status))
        try:
            page = b"".join(response)
        finally:
            response.close()
        if said != ["200 OK"]:
            raise RuntimeError(f"{path} answered {said}.")
        return page


@contextmanager
def counted_queries():
    """Give a list that gains every query sent inside the block."""
    sent = []

    def note(execute, sql, *rest):
        sent.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield sent


def compared(site, leads, switch):
    """Return the lines about pages, in the database of five inspections and in its copy of 500.

    `site` is as a manager sees it, `leads` as the lead inspector does.
    """
    largest, smallest = inspection(LARGEST), inspection(SMALLEST)
    address = partial(_address, largest)
    ask = partial(asked, site, switch)
    results = measure(
        {
            "results": partial(ask, address("ratings:results")),
            "bare": partial(ask, address("bare")),
            "results among many": partial(ask, address("ratings:results"), MANY),
        }
    )
    mornings = measure({many: partial(asked, leads, switch, address("cases:today"), many) for many in (FEW, MANY)})
    others = measure(
        {
            (name, many): partial(ask, path, many)
            for name, path in (("annex", address("ratings:annex")), ("list", reverse("ratings:inspections")))
            for many in (FEW, MANY)
        }
    )
    results_queries, morning_queries = (
        queries_of(name, of, switch, [_address(held, page) for held in (smallest, largest)])
        for name, of, page in (("results page", site, "ratings:results"), ("morning page", leads, "cases:today"))
    )
    switch(FEW)
    return [
        Heading("The results page of 82 cases"),
        Row("the same figures as plain rows, by a bare view", results["bare"]),
        Row("results page", results["results"], results["bare"], PLAIN),
        Row(
            "results page, 500 inspections instead of 5 in the database",
            results["results among many"],
            results["results"],
            GROWN,
        ),
        results_queries,
        Heading("The morning page of 82 cases, for the lead inspector"),
        Row("morning page", mornings[FEW]),
        Row("morning page, 500 inspections instead of 5 in the database", mornings[MANY], mornings[FEW], GROWN),
        morning_queries,
        Heading("Other pages, for information: ratio of 500 inspections to 5"),
        Row("Annex 2, 5 inspections", others["annex", FEW]),
        Row("Annex 2, 500 inspections", others["annex", MANY], others["annex", FEW]),
        Row("list of inspections, all 5", others["list", FEW]),
        Row("list of inspections, the first 50 of 500", others["list", MANY], others["list", FEW]),
    ]


def asked(site, switch, path, many=FEW):
    """Ask a page of one of the two databases."""
    switch(many)
    site.get(path)


def queries_of(name, site, switch, paths):
    """Return the line about how many queries a page sends, at each of `paths` in both databases."""
    numbers = []
    for path in paths:
        for many in (FEW, MANY):
            switch(many)
            with counted_queries() as sent:
                site.get(path)
            numbers.append(len(sent))
    return Fact(
        f"queries of the {name}: 34 and 82 cases, 5 and 500 inspections",
        "/".join(map(str, numbers)),
        "constant",
        len(set(numbers)) > 1,
    )


def _address(held, name):
    return reverse(name, args=[held.public_id])
