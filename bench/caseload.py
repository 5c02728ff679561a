"""Importing a service's list of cases, beside a plain csv read of the same file, and checking it as it grows."""

import csv
import io
from datetime import date
from statistics import median

from django.db import transaction

from accounts.models import User
from bench.measure import Heading, Row, measure
from cases.caseload.actions import import_caseload
from cases.caseload.checking import check_table
from cases.caseload.columns import match_columns
from cases.caseload.reading import read_table
from cases.caseload.uploads import checked_upload, opened
from inspections.actions import create_inspection
from inspections.models import State
from standards.reader import load

FEW, MANY = 10_000, 100_000
FIELDWORK = date(2026, 11, 2)
LINEAR = 12  # ten times as many rows may take so many times as long
HEADER = ("Reference", "Child", "Disposal", "Date of disposal", "Sex", "RoSH", "Safety and wellbeing", "Age", "Offence")


def listed(count):
    """Return a list of so many eligible cases as the bytes of a CSV file."""
    disposals = [("Referral order", 3), ("Youth rehabilitation order", 4), ("Youth conditional caution", 7)]
    levels = ("Low", "Medium", "High", "")
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for number in range(count):
        disposal, month = disposals[number % 3]
        day = f"{number % 28 + 1:02}/{month:02}/2026"
        sex = "Female" if number % 5 == 0 else "Male"
        known = (sex, levels[number % 4], levels[number // 4 % 4], 10 + number % 8, "Violence against the person")
        writer.writerow((f"C-{number:06}", f"P-{number:06}", disposal, day, *known))
    return text.getvalue().encode()


def compared():
    """Return the lines."""
    document = load("youth-2018")
    files = {count: listed(count) for count in (FEW, MANY)}

    def worded(text):
        return document.worded(text, {})

    def checked(count):
        table = read_table(files[count])
        columns = match_columns(table.header, document, worded).columns
        found = check_table(table, columns, document, FIELDWORK, worded)
        if found.faults or len(found.found) != count:
            raise RuntimeError(f"{len(found.found)} of {count} rows were taken.")

    def imported(count):
        with transaction.atomic():
            by = User.objects.command_line()
            planned = create_inspection(
                by=by,
                slug="caseload",
                service_slug="caseload",
                service_name="Caseload",
                service_short_name="Caseload",
                document=document,
                fieldwork_started=FIELDWORK,
                state=State.PLANNED,
            )
            table, matching = opened(planned, files[count])
            upload = checked_upload(planned, table, matching.columns)
            import_caseload(inspection=planned, upload=upload, by=by)
            transaction.set_rollback(True)

    def plain():
        if len(list(csv.DictReader(io.StringIO(files[FEW].decode(), newline="")))) != FEW:
            raise RuntimeError("The plain read missed rows.")

    times = measure({"plain": plain, FEW: lambda: checked(FEW)}, rounds=5)
    whole = measure({"plain": plain, "imported": lambda: imported(FEW)}, runs=3, rounds=3, warm_up=1)
    grown = measure({FEW: lambda: checked(FEW), MANY: lambda: checked(MANY)}, runs=3, rounds=2, warm_up=1)
    imports = measure({FEW: lambda: imported(FEW), MANY: lambda: imported(MANY)}, runs=3, rounds=1, warm_up=1)
    rate = 1000 * FEW / median(times[FEW])
    return [
        Heading("A caseload"),
        Row(f"plain csv.DictReader over {FEW:,} rows", times["plain"]),
        Row(f"reading and checking {FEW:,} rows: {rate:,.0f} a second", times[FEW], times["plain"]),
        Row(
            f"importing them: {1000 * FEW / median(whole['imported']):,.0f} a second", whole["imported"], whole["plain"]
        ),
        Row(f"reading and checking {MANY:,} rows", grown[MANY], grown[FEW], LINEAR),
        Row(f"importing {MANY:,} rows", imports[MANY], imports[FEW], LINEAR),
    ]
