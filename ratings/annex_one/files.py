"""Annex 1 as files."""

from importlib import import_module

from ratings.annex_one.data import as_json
from ratings.annex_one.printed import printed_document
from ratings.exports import Format
from ratings.exports.odt import write_odt


def _as_docx(figures):
    # Its library takes a tenth of a second to load, and is not always wanted.
    return import_module("ratings.exports.docx").write_docx(printed_document(figures))


def _as_odt(figures):
    return write_odt(printed_document(figures))


FORMATS = {
    held.code: held
    for held in (
        Format(
            "docx",
            "Word document",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            _as_docx,
        ),
        Format("odt", "OpenDocument text", "application/vnd.oasis.opendocument.text", _as_odt),
        Format("json", "Data (JSON)", "application/json", as_json),
    )
}
