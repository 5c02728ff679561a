"""Lines of enquiry, made by the product's own actions."""

from cases.enquiries import LineGiven, add_line


def line_given(*cases, **given):
    """Return a line of enquiry that came from these cases, as somebody writes it down."""
    usual = {"question": "Do health workers hear of it?", "cases": tuple(case.reference for case in cases)}
    return LineGiven(**usual | given)


def some_line(case, by, **given):
    """Open a line of enquiry that came from this case and return it."""
    return add_line(inspection=case.inspection, given=line_given(case, **given), by=by)
