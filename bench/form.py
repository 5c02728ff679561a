"""The longest page of the case form, every prompt answered and every note filled, beside the same fields plainly done."""

import gzip
import re
from functools import partial

from django.urls import reverse

from accounts.models import User
from bench.database import copy_cases, settle
from bench.measure import Fact, Heading, Row, measure
from bench.pages import Site, counted_queries, sign_in
from cases.actions import create_case, record_answers
from cases.answers import Given
from cases.pages import pages_of
from inspections.actions import add_member, create_inspection
from standards import reader

PLAIN = 1.6
FEW, TIMES = 5, 100
NOTE = "The plan was shared with the family, and its steps were taken in good time; see the letter and the record of contacts."
FIELD = re.compile(r'name="((?:version|answer|reason|note|source|at_interview|change_reason)-[^"]+)"')


def compared():
    """Return the lines about the form. Makes an inspection of 5 cases and one of 500."""
    by = User.objects.command_line()
    few, many = (make_inspection(by, slug) for slug in ("form-few", "form-many"))
    for number in range(FEW):
        case = create_case(inspection=few, reference=f"{number}", sample="court", disposal="referral_order", by=by)
    fill(case, by)
    copy_cases(few, many, TIMES)
    settle()

    page = longest(case)
    inspector = User.objects.create_user(email="inspector@example.org", name="Ines Inspector")
    for held in (few, many):
        add_member(inspection=held, user=inspector, role="inspector", by=by)
    site = Site(sign_in(inspector))

    def address(name, inspection=few, reference=f"{FEW - 1}"):
        return reverse(name, args=[inspection.cases.get(reference=reference).public_id, page])

    full, bare = address("cases:form"), address("bare_form")
    shown = site.get(full)
    fields = [sorted(set(FIELD.findall(held.decode()))) for held in (shown, site.get(bare))]
    if fields[0] != fields[1]:
        raise RuntimeError(f"The forms differ in {sorted(set(fields[0]) ^ set(fields[1]))}.")
    times = measure({name: partial(site.get, path) for name, path in (("form", full), ("bare", bare))})
    empty = address("cases:form", reference="0")
    paths = [full, empty, address("cases:form", many, f"{FEW - 1}-{TIMES}"), address("cases:form", many, f"0-{TIMES}")]
    queries = [_queries(site, path) for path in paths]
    return [
        Heading(
            f"The longest page of the case form, {page}: {len(fields[0])} fields, every one answered, every note filled"
        ),
        Row("the same fields in Django's own widgets, by a bare view", times["bare"]),
        Row("the page of the form", times["form"], times["bare"], PLAIN),
        Fact(
            f"queries of the page: full and empty, of {FEW} cases and of {FEW * TIMES}",
            "/".join(map(str, queries)),
            "constant",
            len(set(queries)) > 1,
        ),
        *(
            Fact(f"bytes of the page, {what}; gzipped", f"{len(html):,}; {len(gzip.compress(html, 6)):,}")
            for what, html in (("full", shown), ("empty", site.get(empty)), ("in plain widgets, full", site.get(bare)))
        ),
    ]


def longest(case):
    """Return the standard whose page asks most in this case."""
    pages = pages_of(case.document, case.sample)
    return max(pages, key=lambda standard: len(pages[standard].questions))


def fill(case, by):
    """Answer every question of a case, with a note at each that takes one."""
    answers = []
    for question in case.questions.values():
        first = question.options[0].code if question.options else NOTE
        answers.append(
            Given(
                question=question.code,
                value=f'["{first}"]' if question.kind == "choices" else first,
                note="" if question.kind == "text" else f"{question.text} {NOTE}",
            )
        )
    record_answers(case=case, by=by, answers=answers)


def make_inspection(by, slug):
    """Create and return an inspection without cases."""
    return create_inspection(
        by=by,
        slug=slug,
        service_slug=slug,
        service_name=slug,
        service_short_name=slug,
        document=reader.load("youth-2018"),
    )


def _queries(site, path):
    site.get(path)
    with counted_queries() as sent:
        site.get(path)
    return len(sent)
