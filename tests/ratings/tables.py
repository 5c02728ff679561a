"""Reading the tables of a page as people see them: rows of texts, white space folded."""

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tables = []
        self._text = None
        self._unseen = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append({"caption": "", "rows": []})
        elif tag == "span":
            self.handle_data(" ")
            self._unseen = ("class", "govuk-visually-hidden") in attrs
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("th", "td", "caption"):
            self._text = []

    def handle_endtag(self, tag):
        if tag in ("li", "span"):
            self._unseen = False
            self.handle_data(" ")
        elif tag in ("th", "td"):
            self.tables[-1]["rows"][-1].append(self._folded())
        elif tag == "caption":
            self.tables[-1]["caption"] = self._folded()

    def handle_data(self, data):
        if self._text is not None and not self._unseen:
            self._text.append(data)

    def _folded(self):
        text, self._text = " ".join("".join(self._text).split()), None
        return text


def tables(html):
    """Return [(caption, rows)] of every table, a row being the texts of its cells."""
    return [(table["caption"], table["rows"]) for table in _Reader(html).tables]


def table(html, caption):
    """Return the rows of the one table whose caption begins so."""
    (rows,) = [rows for name, rows in tables(html) if name.startswith(caption)]
    return rows
