"""Working days."""

from datetime import date

import pytest

from cases.workdays import is_working_day, working_day_before, working_days

FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 11, day) for day in (20, 21, 22, 23))


@pytest.mark.parametrize(("day", "expected"), [(FRIDAY, True), (SATURDAY, False), (SUNDAY, False), (MONDAY, True)])
def test_monday_to_friday(day, expected):
    assert is_working_day(day) is expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (FRIDAY, FRIDAY, 1),
        (FRIDAY, MONDAY, 2),
        (SATURDAY, SUNDAY, 0),
        (MONDAY, FRIDAY, 0),
        (date(2026, 11, 16), date(2026, 12, 4), 15),
        (date(2026, 12, 31), date(2027, 1, 1), 2),
    ],
)
def test_counted_with_both_ends(first, last, expected):
    assert working_days(first, last) == expected


@pytest.mark.parametrize("day", [SATURDAY, SUNDAY, MONDAY])
def test_the_one_before_the_weekend(day):
    assert working_day_before(day) == FRIDAY


def test_the_one_before_another():
    assert working_day_before(FRIDAY) == date(2026, 11, 19)
