"""A browser, as far as reading and posting go: what a page says, and what its form would send as it stands."""

import re
from html import unescape
from html.parser import HTMLParser

from django.http import QueryDict


def words_of(html):
    """Return the text of HTML with single spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def said(response):
    """Return the text of a page."""
    return words_of(response.content.decode())


class Fields(HTMLParser):
    """The fields of the forms of a page that are posted, by name."""

    def __init__(self, html):
        super().__init__()
        self.fields = QueryDict(mutable=True)
        self._inside = self._textarea = self._select = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        held = dict(attrs)
        if tag == "form":
            # Forms for signing in and out stand on pages beside their own.
            self._inside = held.get("method") == "post" and "/accounts/" not in held.get("action", "")
        if not self._inside:
            return
        if tag == "textarea":
            self._textarea = (held["name"], [])
        elif tag == "select":
            self.fields[held["name"]] = ""
            self._select = held["name"]
        elif tag == "option" and "selected" in held:
            self.fields[self._select] = held["value"]
        elif tag == "input" and held.get("type") not in ("radio", "checkbox"):
            self.fields.appendlist(held["name"], held.get("value", ""))
        elif tag == "input" and "checked" in held:
            self.fields.appendlist(held["name"], held.get("value", "on"))

    def handle_data(self, data):
        if self._textarea:
            self._textarea[1].append(data)

    def handle_endtag(self, tag):
        if tag == "textarea" and self._textarea:
            name, pieces = self._textarea
            text = "".join(pieces)
            # A browser drops the first line break, and sends the others in its own way.
            self.fields.appendlist(name, text.removeprefix("\n").replace("\n", "\r\n"))
            self._textarea = None
        if tag == "form":
            self._inside = False


def fields_of(response):
    """Return what the form of a page would send, as a changeable QueryDict."""
    return Fields(response.content.decode()).fields


def change(fields, changes):
    """Return the fields with some changed, as somebody would who fills them in; lists for several boxes."""
    changed = fields.copy()
    for name, value in changes.items():
        if isinstance(value, list):
            changed.setlist(name, value)
        else:
            changed[name] = value
    return changed


def send(client, url, fields):
    """Post fields as a browser does and return the response."""
    return client.post(url, fields.urlencode(), content_type="application/x-www-form-urlencoded")


def fill(client, url, changes):
    """Open a page, change some fields by name and send it; return the response."""
    return send(client, url, change(fields_of(client.get(url)), changes))
