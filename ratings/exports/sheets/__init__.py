"""Workbooks for analysts, as Excel (.xlsx) and OpenDocument (.ods), of one description: a list of `Sheet`.

Both writers take rows as they come and keep none, so that memory does not grow with them.
"""

from ratings.exports.sheets.described import NOT_APPLICABLE, NOT_AVAILABLE, Column, Link, Sheet
from ratings.exports.sheets.ods import write_ods
from ratings.exports.sheets.xlsx import write_xlsx

__all__ = ["NOT_APPLICABLE", "NOT_AVAILABLE", "Column", "Link", "Sheet", "write_ods", "write_xlsx"]
