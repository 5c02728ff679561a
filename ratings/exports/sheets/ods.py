"""Workbooks as OpenDocument sheets. The XML goes straight into the file, row by row; libraries for it hold all of it."""

import re
from datetime import UTC
from html import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from audit.export import looks_like_formula, shown
from ratings.exports.sheets.described import MOST_LINES, MOST_ROWS, Link, in_parts, lines

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
PIECE = 65_536  # characters that are gathered before they are compressed

_SPECIAL = re.compile(r"[&<>\n\t]|  |^ | $")
_BLANK = re.compile(r"\t|^ +| +$| {2,}")
_PREFIXES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "fo": "xsl-fo-compatible",
        "number": "datastyle",
        "meta": "meta",
        "config": "config",
    }.items()
)
NAMESPACES = f'{_PREFIXES} xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'

MANIFEST = (
    f'{DECLARED}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MIMETYPE}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in ("content.xml", "styles.xml", "settings.xml", "meta.xml")
    )
    + "</manifest:manifest>"
)

STYLES = (
    f'{DECLARED}<office:document-styles {NAMESPACES} office:version="1.3"><office:styles>'
    '<style:default-style style:family="table-cell"><style:text-properties fo:font-family="Arial" fo:font-size="12pt" '
    'fo:language="en" fo:country="GB"/></style:default-style>'
    '<style:style style:name="Default" style:family="table-cell"/>'
    '<style:style style:name="Heading" style:family="table-cell" style:parent-style-name="Default">'
    '<style:text-properties fo:font-size="16pt" fo:font-weight="bold"/></style:style>'
    '<style:style style:name="Cell" style:family="table-cell" style:parent-style-name="Default">'
    '<style:table-cell-properties fo:wrap-option="wrap" style:vertical-align="top" fo:padding-left="0.7mm" fo:padding-right="2mm"/></style:style>'
    '<style:style style:name="Header" style:family="table-cell" style:parent-style-name="Cell">'
    '<style:table-cell-properties fo:border-bottom="1.5pt solid #000000"/>'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    '<number:date-style style:name="ISO"><number:year number:style="long"/><number:text>-</number:text>'
    '<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/></number:date-style>'
    '<style:style style:name="Date" style:family="table-cell" style:parent-style-name="Cell" style:data-style-name="ISO">'
    '<style:paragraph-properties fo:text-align="start"/></style:style>'
    '<number:text-style style:name="AsText"><number:text-content/></number:text-style>'
    '<style:style style:name="FormulaLike" style:family="table-cell" style:parent-style-name="Cell" '
    'style:data-style-name="AsText"/>'
    "</office:styles><office:automatic-styles>"
    + "".join(
        f'<style:page-layout style:name="{name}"><style:page-layout-properties fo:page-width="297mm" fo:page-height="210mm" '
        f'style:print-orientation="landscape"{scale}/></style:page-layout>'
        for name, scale in (("fitted", ' style:scale-to-X="1" style:scale-to-Y="0"'), ("wide", ""))
    )
    + '</office:automatic-styles><office:master-styles><style:master-page style:name="Default" '
    'style:page-layout-name="fitted"/><style:master-page style:name="Wide" style:page-layout-name="wide"/>'
    "</office:master-styles></office:document-styles>"
)


def write_ods(file, sheets, *, title, at, most_rows=MOST_ROWS):
    """Write a workbook of `Sheet`s to a binary file that can seek. `title` is that of the document, `at` its moment."""
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        packed.writestr(_entry("mimetype", ZIP_STORED), MIMETYPE)
        with packed.open(_entry("content.xml"), "w", force_zip64=True) as content:
            writer = _Writer(content)
            for part in in_parts(sheets, most_rows):
                writer.add(*part)
            writer.end()
        packed.writestr(_entry("styles.xml"), STYLES)
        packed.writestr(_entry("settings.xml"), writer.settings())
        packed.writestr(_entry("meta.xml"), _meta(title, at))
        packed.writestr(_entry("META-INF/manifest.xml"), MANIFEST)


def _entry(name, compression=ZIP_DEFLATED):
    entry = ZipInfo(name)  # always of the same moment, so that the same sheets give the same file
    entry.compress_type = compression
    return entry


class _Writer:
    """The content of one workbook that is being written, and what is to be said of its sheets at the end."""

    def __init__(self, content):
        self.content, self.gathered, self.size = content, [], 0
        self.ranges, self.views = [], []
        self.put(
            f'{DECLARED}<office:document-content {NAMESPACES} office:version="1.3"><office:automatic-styles>'
            + "".join(
                f'<style:style style:name="w{width}" style:family="table-column"><style:table-column-properties '
                f'style:column-width="{width * 2.4 + 3:.1f}mm"/></style:style>'
                for width in range(1, 126)
            )
            + "".join(
                f'<style:style style:name="r{high}" style:family="table-row"><style:table-row-properties '
                f'style:row-height="{high * 5.3 + 0.5:.1f}mm"/></style:style>'
                for high in range(1, MOST_LINES + 1)
            )
            + '<style:style style:name="fitted" style:family="table" style:master-page-name="Default"/>'
            '<style:style style:name="wide" style:family="table" style:master-page-name="Wide"/>'
            "</office:automatic-styles><office:body><office:spreadsheet>"
        )

    def put(self, text):
        """Write text, in pieces that are worth compressing."""
        self.gathered.append(text)
        self.size += len(text)
        if self.size > PIECE:
            self.flush()

    def flush(self):
        """Hand on what is gathered."""
        self.content.write("".join(self.gathered).encode())
        self.gathered, self.size = [], 0

    def add(self, title, sheet, rows):
        """Write a sheet."""
        self.put(
            f'<table:table table:name="{escape(title)}" table:style-name="{"fitted" if sheet.fits_paper else "wide"}">'
        )
        for column in sheet.columns:
            self.put(f'<table:table-column table:style-name="w{column.width}" table:default-cell-style-name="Cell"/>')
        self.put(_row([_text(shown(sheet.heading), "Heading")], 2))
        for note in sheet.notes:
            self.put(_row([_text(shown(note), "Default")]))
        self.put("<table:table-header-rows>")
        names = [column.name for column in sheet.columns]
        self.put(_row([_text(name, "Header") for name in names], lines(sheet.columns, names)))
        self.put("</table:table-header-rows>")
        last = sheet.header_row + 1
        for row in rows:
            last += 1
            values = [sheet.value(*held) for held in zip(sheet.columns, row, strict=True)]
            self.put(_row(map(_cell, values), lines(sheet.columns, values)))
        self.put("</table:table>")
        corner = f"{letters(len(sheet.columns) - 1)}{last}"
        self.ranges.append((title, f"'{title}'.A{sheet.header_row + 1}:'{title}'.{corner}"))
        self.views.append((title, sheet.header_row + 1, sheet.fixed))

    def end(self):
        """Mark the tables, and close what is open."""
        self.put("<table:database-ranges>")
        for title, cells in self.ranges:
            name = "Table_" + re.sub(r"\W+", "_", title)
            self.put(
                f'<table:database-range table:name="{escape(name)}" table:target-range-address="{escape(cells)}" '
                'table:contains-header="true" table:display-filter-buttons="true"/>'
            )
        self.put("</table:database-ranges></office:spreadsheet></office:body></office:document-content>")
        self.flush()

    def settings(self):
        """Return the settings, which keep header rows and fixed columns in sight."""
        return (
            f'{DECLARED}<office:document-settings {NAMESPACES} office:version="1.3"><office:settings>'
            '<config:config-item-set config:name="ooo:view-settings"><config:config-item-map-indexed config:name="Views">'
            '<config:config-item-map-entry><config:config-item config:name="ViewId" config:type="string">view1'
            '</config:config-item><config:config-item-map-named config:name="Tables">'
            + "".join(_view(*view) for view in self.views)
            + f'</config:config-item-map-named><config:config-item config:name="ActiveTable" config:type="string">'
            f"{escape(self.views[0][0])}</config:config-item></config:config-item-map-entry></config:config-item-map-indexed>"
            "</config:config-item-set></office:settings></office:document-settings>"
        )


def _view(title, rows, columns):
    items = {
        "HorizontalSplitMode": ("short", 2 if columns else 0),
        "VerticalSplitMode": ("short", 2),
        "HorizontalSplitPosition": ("int", columns),
        "VerticalSplitPosition": ("int", rows),
        "ActiveSplitRange": ("short", 3 if columns else 2),
        "PositionLeft": ("int", 0),
        "PositionRight": ("int", columns),
        "PositionTop": ("int", 0),
        "PositionBottom": ("int", rows),
    }
    return (
        f'<config:config-item-map-entry config:name="{escape(title)}">'
        + "".join(
            f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'
            for name, (kind, value) in items.items()
        )
        + "</config:config-item-map-entry>"
    )


def _meta(title, at):
    return (
        f'{DECLARED}<office:document-meta {NAMESPACES} office:version="1.3"><office:meta><meta:generator>Evenhand'
        f"</meta:generator><dc:title>{escape(shown(title))}</dc:title><dc:language>en-GB</dc:language>"
        f"<meta:creation-date>{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z</meta:creation-date></office:meta></office:document-meta>"
    )


def _row(cells, high=1):
    return f'<table:table-row table:style-name="r{high}">{"".join(cells)}</table:table-row>'


def _cell(value):
    kind = type(value)
    if kind is str:
        return _text(value, "FormulaLike" if looks_like_formula(value) else "")
    if kind is int:
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
    if kind is Link:
        said = escape(value.title)
        return (
            '<table:table-cell office:value-type="string"><text:p>'
            f'<text:a xlink:type="simple" xlink:href="#\'{said}\'.A1">{said}</text:a></text:p></table:table-cell>'
        )
    return (
        f'<table:table-cell table:style-name="Date" office:value-type="date" office:date-value="{value.isoformat()}">'
        f"<text:p>{value.isoformat()}</text:p></table:table-cell>"
    )


def _text(text, style):
    styled = f' table:style-name="{style}"' if style else ""
    if _SPECIAL.search(text):
        lines = escape(text, quote=False).split("\n")
        text = "</text:p><text:p>".join(_BLANK.sub(_blank, line) for line in lines)
    return f'<table:table-cell{styled} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def _blank(found):
    return "<text:tab/>" if found[0] == "\t" else f'<text:s text:c="{len(found[0])}"/>'


def letters(column):
    """Return what a column is called, counted from 0: A, B, ... Z, AA."""
    named = ""
    column += 1
    while column:
        column, last = divmod(column - 1, 26)
        named = chr(65 + last) + named
    return named
