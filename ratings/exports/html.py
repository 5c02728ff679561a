"""Annex 2 as one web page that stands alone: to print, to send, to keep."""

from datetime import datetime

from django.template.loader import render_to_string

from ratings.exports.printed import NOT_RATED, printed_tables


def as_html(annex):
    """Return the Annex as an HTML document without scripts or anything to fetch."""
    return render_to_string(
        "ratings/export.html",
        {
            "annex": annex,
            "tables": printed_tables(annex),
            "overall": annex.labels.get(annex.overall, NOT_RATED),
            "computed_at": datetime.fromisoformat(annex.computed_at),
            "locked_at": datetime.fromisoformat(annex.locked.at) if annex.locked else None,
        },
    )
