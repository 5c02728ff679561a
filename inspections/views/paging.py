"""The pages of a list."""

from urllib.parse import urlencode


def pagination(shown, asked=()):
    """Return the pagination component's parameters for a page of a list, or None for a single one.

    `asked` are the parts of the address that every page keeps.
    """
    if not shown.has_other_pages():
        return None

    def address(number):
        return f"?{urlencode({**dict(asked), 'page': number})}"

    parameters = {
        "items": [
            {"number": number, "href": address(number), "current": number == shown.number}
            if isinstance(number, int)
            else {"ellipsis": True}
            for number in shown.paginator.get_elided_page_range(shown.number)
        ]
    }
    if shown.has_previous():
        parameters["previous"] = {"href": address(shown.previous_page_number())}
    if shown.has_next():
        parameters["next"] = {"href": address(shown.next_page_number())}
    return parameters
