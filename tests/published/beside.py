"""Annex 2 as published beside Annex 2 as Evenhand writes it: both taken apart into the same parts, and what differs.

Not compared, because it says nothing: white space, words hyphenated at the ends of lines, the shapes of quotation marks and
dashes, and whether a service is a YOT, YOS or YJS. A dash of ours in a cell that print leaves empty is left out too.
"""

import re
from difflib import SequenceMatcher
from itertools import zip_longest

RATINGS = r"Requires\s+improvement|Inadequate|Good|Outstanding"
HEADING = re.compile(r"^(\d)\. ([A-Z].*)$")
CODE = re.compile(r"(?<![\d.])(\d\.\d\.(?:\d\.)?) ")
NOTHING = "–"


def normal(text):
    """Return a text without what is not compared."""
    text = re.sub(r"(\w)-\s*\n\s*(?=\w)", r"\1-", text)
    text = text.translate(str.maketrans("‘’“”–—", "''\"\"--"))
    return re.sub(r"\bYO[ST]\b|\bYJS\b", "YOT", re.sub(r"\s+", " ", text)).strip()


def lines_of(passage):
    """Return the lines of a passage as published, without the marks that turned it into text."""
    text = re.sub(r"</?p>", "\n", passage).replace("\t", " ")
    return [re.sub(r"^[-•] ", "", line.strip()) for line in text.split("\n")]


def lines_of_document(document, heading):
    """Return the lines of Annex 2 in a `tests.ratings.documents.Read`, its footnotes where their pages end: last."""
    lines = [heading, ""]
    for block in document.under(heading):
        if isinstance(block, tuple):
            lines += [block[1], ""] if block[0] != "Annex Note" else []
            continue
        for row in block:
            cells = [re.sub(r"\[\^(\d+)\]", r" \1", cell) for cell in row if cell != NOTHING]
            # A table that lists nothing under standards is read row by row, the others cell by cell.
            lines += cells if any(CODE.match(f"{cell} ") for cell in row) else [" ".join(cells), ""]
    return [line for text in lines for line in text.replace("\t", " ").split("\n")]


def taken_apart(lines, footnotes=()):
    """Return (what stands before the tables as a list of sentences, and what stands in them by where it stands)."""
    before, domains = [], []
    for line in lines:
        heading = HEADING.match(line)
        if heading:
            domains.append((heading[1], heading[2], []))
        elif domains:
            domains[-1][2].append(line)
        else:
            before.append(line)
    parts, marks, notes = {}, {}, dict(enumerate(footnotes, 1))
    for number, title, held in domains:
        parts[f"{number} title"] = title
        _domain(number, _without_notes(held, parts, notes), parts, marks)
    for where, mark in marks.items():
        parts[f"{where} note"] = normal(notes[mark])
    return _sentences(before), {where: normal(text) for where, text in parts.items()}


def _without_notes(lines, parts, notes):
    """Return the lines that are no footnotes, marks' notes or feet of pages; those are noted down."""
    kept, open_note = [], None
    for line in lines:
        begins = re.match(r"(\d{2}) (?=[A-Z])|\*(?=[A-Z])", line)
        if begins:
            open_note = int(begins[1]) if begins[1] else "*"
            notes[open_note] = line[begins.end() :]
        elif open_note and line and not CODE.match(f"{line} "):
            notes[open_note] += f"\n{line}"
        elif line.startswith("Inspection of youth offending services in"):
            parts["foot of a page"] = line
        else:
            open_note = None
            kept.append(line)
    return kept


def _domain(number, lines, parts, marks):
    columns, *rest = CODE.split("\n".join(lines) + " ")
    parts[f"{number} columns"] = columns
    standard = None
    for code, text in zip(rest[::2], rest[1::2], strict=True):
        code = code.rstrip(".")
        if code.count(".") == 1:
            standard = code
        rating = re.search(rf"\s({RATINGS})(?:\s?(\d{{1,2}}))?(?=\s|$)", text)
        if rating:
            parts[f"{standard} rating"] = rating[1]
            if rating[2]:
                marks[standard] = int(rating[2])
            text = text[: rating.start()] + " " + text[rating.end() :]
        percent = re.search(r"(\d{1,3}%)(\*?)", text)
        if percent:
            parts[f"{code} % yes"] = percent[1]
            if percent[2]:
                marks[code] = "*"
            text = text.replace(percent[0], "")
        parts[code] = text


def _sentences(lines):
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines))
    found = []
    for paragraph in paragraphs:
        rows = paragraph.strip().split("\n")
        listed = all(re.search(rf"(=|%\+?) *'?({RATINGS})|Rating \(standard\)$", normal(row)) for row in rows)
        texts = rows if listed else re.split(r"(?<=\.)\s+(?=[A-Z])", normal(paragraph))
        found += filter(None, map(normal, texts))
    return found


def differences(printed, ours):
    """Return (where, what is printed, what Evenhand writes) for each difference, "" for what is not there."""
    found = []
    matched = SequenceMatcher(None, printed[0], ours[0], autojunk=False)
    for kind, a, b, c, d in matched.get_opcodes():
        if kind != "equal":
            pairs = zip_longest(printed[0][a:b], ours[0][c:d], fillvalue="")
            found += [("before the tables", *pair) for pair in pairs]
    for where in sorted({*printed[1], *ours[1]}):
        pair = printed[1].get(where, ""), ours[1].get(where, "")
        if pair[0] != pair[1]:
            found.append((where, *pair))
    return found
