"""Working days, Monday to Friday. Bank holidays are not known. Pure."""

from datetime import timedelta

WEEKEND = (5, 6)


def is_working_day(day):
    """Return whether a date is from Monday to Friday."""
    return day.weekday() not in WEEKEND


def working_days(first, last):
    """Return the number of working days from one date to another, both included; 0 where the last comes first."""
    days = (last - first).days + 1
    return sum(is_working_day(first + timedelta(days=number)) for number in range(days))


def working_day_before(day):
    """Return the last working day before a date."""
    day -= timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day
