"""Annex 2 of the largest published inspection as Word and OpenDocument texts, beside bare tables of as many cells."""

from functools import partial
from io import BytesIO

from docx import Document
from odf.opendocument import OpenDocumentText
from odf.table import Table as OdfTable
from odf.table import TableCell, TableColumn, TableRow
from odf.text import P

from bench.database import LARGEST, inspection
from bench.measure import Heading, Row, measure
from ratings.annex import build_annex
from ratings.exports import FORMATS
from ratings.exports.document import Table, printed_document
from ratings.models import Result

LIMIT = 3
COLUMNS = 2


def texts_of(annex):
    """Return the texts of all cells of Annex 2 as a document, in order."""
    tables = [block for block in printed_document(annex, preamble=True).blocks if isinstance(block, Table)]
    rows = [row for table in tables for row in (table.header, *table.rows)]
    return ["\n".join(paragraph.text for paragraph in cell) for row in rows for cell in row.cells]


def bare_docx(texts):
    """Return a Word document of one table with these texts, as python-docx is meant to be used."""
    document = Document()
    table = document.add_table(rows=len(texts) // COLUMNS, cols=COLUMNS)
    left = iter(texts)
    for row in table.rows:
        for cell in row.cells:
            cell.text = next(left)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def bare_odt(texts):
    """Return an OpenDocument text of one table with these texts, as odfpy is meant to be used."""
    document = OpenDocumentText()
    table = OdfTable(name="Table")
    table.addElement(TableColumn(numbercolumnsrepeated=COLUMNS))
    for place in range(0, len(texts) - 1, COLUMNS):
        row = TableRow()
        for text in texts[place : place + COLUMNS]:
            cell = TableCell()
            cell.addElement(P(text=text))
            row.addElement(cell)
        table.addElement(row)
    document.text.addElement(table)
    file = BytesIO()
    document.write(file)
    return file.getvalue()


def compared():
    """Return the lines about documents: all with the same Annex in hand, written into memory."""
    held = inspection(LARGEST)
    annex = build_annex(held, Result.objects.get(inspection=held))
    texts = texts_of(annex)
    times = measure(
        {
            "bare docx": partial(bare_docx, texts),
            "docx": partial(FORMATS["docx"].render, annex),
            "bare odt": partial(bare_odt, texts),
            "odt": partial(FORMATS["odt"].render, annex),
        }
    )
    return [
        Heading(f"Annex 2 of the largest published inspection as a document of {len(texts)} cells"),
        Row("python-docx: one bare table of as many cells", times["bare docx"]),
        Row("Annex 2 in Word: ratings page, chapters, preamble, footnotes", times["docx"], times["bare docx"], LIMIT),
        Row("odfpy: one bare table of as many cells", times["bare odt"]),
        Row("Annex 2 in OpenDocument, the same", times["odt"], times["bare odt"], LIMIT),
    ]
