"""Annex 2 as an OpenDocument text: XML in a zip archive, written at once."""

from functools import cache
from itertools import groupby
from xml.sax.saxutils import escape

from ratings.exports.archive import archive
from ratings.exports.document import (
    BORDER,
    BULLET,
    FONT,
    FOOTER,
    INK,
    LANGUAGE,
    LINE,
    MARGIN,
    PAGE,
    SHADE,
    STYLES,
    TEXT_WIDTH,
    Footnote,
    PageNumber,
    Paragraph,
    printed_document,
)

CONTENT_TYPE = "application/vnd.oasis.opendocument.text"
PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"),
        ("style", "style"),
        ("text", "text"),
        ("table", "table"),
        ("meta", "meta"),
        ("fo", "xsl-fo-compatible"),
        ("svg", "svg-compatible"),
    )
)
NAMES += ' xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"'
MANIFEST = f"""{PROLOGUE}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{CONTENT_TYPE}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>
<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/>
</manifest:manifest>
"""
# In points: the lines of tables.
THICK, THIN = f"1.5pt solid #{BORDER}", f"0.5pt solid #{LINE}"


def as_odt(annex):
    """Return Annex 2 as the bytes of an OpenDocument text, with the preamble of newer reports."""
    return write_odt(printed_document(annex, preamble=True))


def as_odt_of_tables(annex):
    """Return Annex 2 as the bytes of an OpenDocument text, its tables alone."""
    return write_odt(printed_document(annex, preamble=False))


def write_odt(printed):
    """Return a `PrintedDocument` as the bytes of an OpenDocument text: the same document gives the same bytes."""
    return archive(
        (
            ("mimetype", CONTENT_TYPE.encode()),
            ("META-INF/manifest.xml", MANIFEST.encode()),
            ("content.xml", _content(printed).encode()),
            ("styles.xml", _styles(printed).encode()),
            ("meta.xml", _about(printed).encode()),
        ),
        stored={"mimetype"},
    )


def _about(printed):
    moment = printed.moment.isoformat(timespec="seconds")
    return (
        f"{PROLOGUE}<office:document-meta {NAMES}><office:meta><meta:generator>Evenhand</meta:generator>"
        f"<dc:title>{escape(printed.title)}</dc:title><dc:subject>{escape(printed.subject)}</dc:subject>"
        f"<dc:creator>Evenhand</dc:creator><dc:language>{LANGUAGE}</dc:language>"
        f"<meta:creation-date>{moment}</meta:creation-date><dc:date>{moment}</dc:date>"
        "</office:meta></office:document-meta>"
    )


# Styles


def _styles(printed):
    footer = "".join(_paragraph(line, _Names()) for line in printed.footer)
    return (
        f"{PROLOGUE}<office:document-styles {NAMES}><office:styles>{_named_styles()}</office:styles>"
        f'<office:automatic-styles><style:page-layout style:name="Page">'
        f'<style:page-layout-properties fo:page-width="{PAGE[0]}mm" fo:page-height="{PAGE[1]}mm" '
        f'style:print-orientation="portrait" fo:margin="{MARGIN}mm" fo:margin-bottom="10mm"/>'
        f'<style:footer-style><style:header-footer-properties fo:min-height="{MARGIN - 10}mm" fo:margin-top="4mm"/>'
        "</style:footer-style></style:page-layout></office:automatic-styles>"
        '<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="Page">'
        f"<style:footer>{footer}</style:footer></style:master-page></office:master-styles></office:document-styles>"
    )


@cache
def _named_styles():
    language, country = LANGUAGE.split("-")
    fonts = " ".join(
        f'{name}="{FONT}"' for name in ("fo:font-family", "style:font-family-asian", "style:font-family-complex")
    )
    bullet = (
        f'<text:list-style style:name="{_name("Annex List")}" style:display-name="Annex List">'
        '<text:list-level-style-bullet text:level="1" text:bullet-char="•"><style:list-level-properties '
        'text:list-level-position-and-space-mode="label-alignment"><style:list-level-label-alignment '
        'text:label-followed-by="listtab" text:list-tab-stop-position="6.35mm" fo:text-indent="-6.35mm" '
        'fo:margin-left="6.35mm"/></style:list-level-properties></text:list-level-style-bullet></text:list-style>'
    )
    return (
        '<style:default-style style:family="paragraph"><style:paragraph-properties fo:line-height="108%" '
        'fo:orphans="2" fo:widows="2" style:tab-stop-distance="12.5mm"/>'
        f'<style:text-properties {fonts} fo:font-size="11pt" fo:color="#{INK}" fo:language="{language}" '
        f'fo:country="{country}"/></style:default-style>'
        '<style:default-style style:family="table"><style:table-properties table:border-model="collapsing"/>'
        "</style:default-style>"
        '<style:style style:name="Standard" style:family="paragraph" style:class="text"/>'
        f"{''.join(map(_style, STYLES))}"
        '<style:style style:name="Strong" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
        f'<style:style style:name="{_name("Footnote Reference")}" style:display-name="Footnote Reference" '
        'style:family="text"><style:text-properties style:text-position="super 65%"/></style:style>'
        f"{bullet}"
        '<text:notes-configuration text:note-class="footnote" style:num-format="1" text:start-value="0" '
        f'text:citation-style-name="{_name("Footnote Reference")}" '
        f'text:citation-body-style-name="{_name("Footnote Reference")}" text:footnotes-position="page" '
        'text:start-numbering-at="document"/>'
    )


def _style(style):
    layout = [
        f'fo:margin-top="{style.before}pt" fo:margin-bottom="{style.after}pt"',
        'fo:keep-with-next="always"' if style.keep else "",
        'fo:text-align="end"' if style.right else "",
        f'fo:margin-left="{style.hanging}mm" fo:text-indent="-{style.hanging}mm"' if style.hanging else "",
        f'fo:border="1.5pt solid #{INK}" fo:padding="2mm"' if style.boxed else "",
    ]
    stops = ""
    if style.hanging:  # measured from the indent
        stops = '<style:tab-stops><style:tab-stop style:position="0mm"/></style:tab-stops>'
    if style is FOOTER:
        stops = (
            f'<style:tab-stops><style:tab-stop style:position="{TEXT_WIDTH}mm" style:type="right"/></style:tab-stops>'
        )
    level = f' style:default-outline-level="{style.level}"' if style.level else ""
    listed = f' style:list-style-name="{_name("Annex List")}"' if style is BULLET else ""
    return (
        f'<style:style style:name="{_name(style.name)}" style:display-name="{style.name}" style:family="paragraph" '
        f'style:parent-style-name="Standard"{level}{listed}>'
        f"<style:paragraph-properties {' '.join(filter(None, layout))}>{stops}</style:paragraph-properties>"
        f'<style:text-properties fo:font-size="{style.size}pt" fo:font-weight="{"bold" if style.bold else "normal"}" '
        f'fo:color="#{style.colour}"/></style:style>'
    )


def _name(name):
    return name.replace(" ", "_20_")


# Content


class _Names:
    """The automatic styles that a text calls for, as XML by name; and how many tables and notes it has so far."""

    def __init__(self):
        self.styles = {}
        self.tables = 0
        self.notes = 0

    def style(self, name, family, properties, parent=None):
        """Have a style of that name and return the name."""
        parents = f' style:parent-style-name="{parent}"' if parent else ""
        self.styles[name] = (
            f'<style:style style:name="{name}" style:family="{family}"{parents}>{properties}</style:style>'
        )
        return name


def _content(printed):
    names = _Names()
    body = "".join(
        _listed(blocks, names) if bullets else "".join(_block(block, names) for block in blocks)
        for bullets, blocks in groupby(printed.blocks, _is_bullet)
    )
    return (
        f"{PROLOGUE}<office:document-content {NAMES}><office:automatic-styles>{''.join(names.styles.values())}"
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )


def _is_bullet(block):
    return isinstance(block, Paragraph) and block.style is BULLET


def _listed(blocks, names):
    items = "".join(f"<text:list-item>{_paragraph(block, names)}</text:list-item>" for block in blocks)
    return f'<text:list text:style-name="{_name("Annex List")}">{items}</text:list>'


def _block(block, names):
    return _paragraph(block, names) if isinstance(block, Paragraph) else _table(block, names)


def _paragraph(paragraph, names):
    style = _name(paragraph.style.name)
    if paragraph.new_page:
        breaks = '<style:paragraph-properties fo:break-before="page"/>'
        style = names.style(f"New_{style}", "paragraph", breaks, parent=style)
    said = "".join(_part(part, names) for part in paragraph.parts)
    if paragraph.style.level:
        return f'<text:h text:style-name="{style}" text:outline-level="{paragraph.style.level}">{said}</text:h>'
    return f'<text:p text:style-name="{style}">{said}</text:p>'


def _part(part, names):
    if isinstance(part, Footnote):
        names.notes += 1
        return (
            f'<text:note text:id="note{names.notes}" text:note-class="footnote"><text:note-citation>{names.notes}'
            f'</text:note-citation><text:note-body><text:p text:style-name="{_name("Footnote Text")}"><text:s/>{_said(part.text)}'
            "</text:p></text:note-body></text:note>"
        )
    if isinstance(part, PageNumber):
        return "<text:page-count>1</text:page-count>" if part.total else "<text:page-number>1</text:page-number>"
    said = _said(part.text)
    return f'<text:span text:style-name="Strong">{said}</text:span>' if part.strong else said


def _said(text):
    """Return text as XML. Spaces that OpenDocument would run together, tabs and line breaks are elements of their own."""
    lines = []
    for line in text.split("\n"):
        cells = []
        for cell in line.split("\t"):
            words = escape(cell).split(" ")
            # A space between two words stands as it is; at an end, or after another, it is an element.
            cells.append(
                "".join(
                    word if place == 0 else (" " if word and words[place - 1] else "<text:s/>") + word
                    for place, word in enumerate(words)
                )
            )
        lines.append("<text:tab/>".join(cells))
    return "<text:line-break/>".join(lines)


def _table(table, names):
    names.tables += 1
    total = sum(table.widths)
    unbroken = ' style:may-break-between-rows="false"' if table.whole else ""
    whole = names.style(
        f"Table_{total:g}{'_whole' if table.whole else ''}",
        "table",
        f'<style:table-properties style:width="{total}mm" table:align="left" '
        f'table:border-model="collapsing"{unbroken}/>',
    )
    columns = "".join(
        '<table:table-column table:style-name="{}"/>'.format(
            names.style(
                f"Column_{str(width).replace('.', '_')}",
                "table-column",
                f'<style:table-column-properties style:column-width="{width}mm"/>',
            )
        )
        for width in table.widths
    )
    rows = "".join(
        _row(row, names, "Shaded" if row.shaded else "Plain", last=row is table.rows[-1]) for row in table.rows
    )
    return (
        f'<table:table table:name="Table {names.tables}" table:style-name="{whole}"><table:title>{escape(table.title)}'
        f"</table:title>{columns}<table:table-header-rows>{_row(table.header, names, 'Head')}</table:table-header-rows>"
        f"{rows}</table:table>"
    )


def _row(row, names, kind, *, last=False):
    height = names.style("Row", "table-row", '<style:table-row-properties fo:keep-together="always"/>')
    cell = names.style(f"{kind}Last" if last else kind, "table-cell", _cell_properties(kind, last))
    cells = "".join(
        f'<table:table-cell table:style-name="{cell}" office:value-type="string">'
        f"{''.join(_paragraph(paragraph, names) for paragraph in paragraphs)}</table:table-cell>"
        for paragraphs in row.cells
    )
    return f'<table:table-row table:style-name="{height}">{cells}</table:table-row>'


@cache
def _cell_properties(kind, last):
    above = f'fo:border-top="{THICK}" ' if kind == "Head" else ""
    below = THICK if kind == "Head" or last else THIN
    shade = "" if kind == "Plain" else f'fo:background-color="#{SHADE}" '
    return (
        f'<style:table-cell-properties {shade}{above}fo:border-bottom="{below}" fo:padding="1mm" fo:padding-left="2mm" '
        'fo:padding-right="2mm"/>'
    )
