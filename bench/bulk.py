"""Importing answers of many cases from a table, beside a plain csv read of the same file, and as cases grow."""

import csv
import io
from statistics import median

from django.db import transaction

from accounts.models import User
from bench.form import make_inspection
from bench.measure import Heading, Row, measure
from cases.actions import create_case
from cases.bulk.actions import dry_run, import_answers
from cases.bulk.columns import NOTE, VALUE, Place, names_of
from cases.bulk.reading import opened
from standards.reader import load

FEW, MANY = 20, 80
LINEAR = 5  # four times as many cases may take so many times as long
SAID = "The plan names what is to be done, by whom and until when, and the child’s own words stand in it."


def filled(document, cases):
    """Return a table that answers every question of these cases, with a note at each key question, as the bytes of CSV."""
    names = names_of(document)
    questions = document.questions("court")
    places = [Place(code, VALUE) for code in questions]
    places += [Place(code, NOTE) for code, question in questions.items() if question.role == "key_question"]
    row = [
        SAID
        if place.part == NOTE or questions[place.question].kind == "text"
        else questions[place.question].options[0].code
        for place in places
    ]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["reference", *(names[place] for place in places)])
    writer.writerows([case.reference, *row] for case in cases)
    return text.getvalue().encode(), len(questions)


def compared():
    """Return the lines."""
    document = load("youth-2018")
    by = User.objects.command_line()
    with transaction.atomic():
        files, inspections = {}, {}
        for count in (FEW, MANY):
            inspections[count] = held = make_inspection(by, f"bulk-{count}")
            cases = [
                create_case(
                    inspection=held, reference=f"C{number:03}", sample="court", disposal="referral_order", by=by
                )
                for number in range(count)
            ]
            files[count], questions = filled(document, cases)
        lines = _lines(files, inspections, questions, by)
        transaction.set_rollback(True)
    return lines


def _lines(files, inspections, questions, by):
    def looked(count):
        table = opened(files[count])
        checked, _ = dry_run(inspection=inspections[count], table=table, by=by, own=False)
        _expect(checked, count)

    def imported(count):
        with transaction.atomic():
            table = opened(files[count])
            _expect(import_answers(inspection=inspections[count], table=table, by=by, own=False), count)
            transaction.set_rollback(True)

    def _expect(checked, count):
        if checked.faults or checked.new != count * questions:
            raise RuntimeError(f"{checked.new} answers of {count * questions} were taken: {checked.faults[:1]}")

    def plain():
        if len(list(csv.DictReader(io.StringIO(files[MANY].decode(), newline="")))) != MANY:
            raise RuntimeError("The plain read missed rows.")

    turns = {"plain": plain, "looked": lambda: looked(MANY), MANY: lambda: imported(MANY), FEW: lambda: imported(FEW)}
    times = measure(turns, runs=3, rounds=2, warm_up=1)
    answers = MANY * questions
    rate = 1000 * answers / median(times[MANY])
    return [
        Heading("Answers from a file"),
        Row(f"plain csv.DictReader over {MANY} cases with {answers:,} answers", times["plain"]),
        Row("a dry run of them", times["looked"], times["plain"]),
        Row(f"importing them: {rate:,.0f} answers a second", times[MANY], times["plain"]),
        Row(f"importing {MANY} cases, beside {FEW}", times[MANY], times[FEW], LINEAR),
    ]
