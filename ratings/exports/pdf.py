"""Annex 2 as a PDF: the web page that prints, by WeasyPrint, which is installed where it is wanted (requirements-pdf.txt)."""

from importlib.util import find_spec

from ratings.exports.errors import FormatNotAvailable
from ratings.exports.html import as_html

NOT_HERE = (
    "Annex 2 cannot be had as pdf here, because WeasyPrint is not installed, or not the libraries it draws with "
    "(requirements-pdf.txt says which). Until then take the web page out, and print that as a PDF."
)


def is_there():
    """Return whether WeasyPrint is installed."""
    return find_spec("weasyprint") is not None


def as_pdf(annex):
    """Return the Annex as a PDF with its structure tagged: headings, tables, header cells, language and title.

    It names no standard of accessibility that it conforms to, as none was checked. Raises FormatNotAvailable.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:  # OSError where Pango is missing
        raise FormatNotAvailable(NOT_HERE) from error
    return HTML(string=as_html(annex), url_fetcher=_nothing).write_pdf(pdf_tags=True)


def _nothing(url, *more, **named):
    raise ValueError("An Annex stands alone: nothing is fetched.")
