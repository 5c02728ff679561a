"""Annex 2 as a Word document, by python-docx; with real footnotes, which that library does not have.

The library gives the package and its parts. Styles and body are written as XML, each at once: asking the library for every
cell takes ten times as long, and its own hundred and fifty styles are in the way of whoever restyles the document.
"""

from datetime import UTC
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZipFile

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm

from ratings.exports.archive import archive
from ratings.exports.document import (
    BORDER,
    BULLET,
    FONT,
    FOOTER,
    FOOTNOTE,
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

FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
W = nsdecls("w")
KEPT = {"Normal", "Default Paragraph Font", "Normal Table", "No List"}
UNUSED_PARTS = ("stylesWithEffects", "customXml", "thumbnail", "webSettings")
# Names by which Word knows its own styles. What is not among them is ours.
BUILT_IN = {
    "Title": "Title",
    "Subtitle": "Subtitle",
    "Heading 1": "heading 1",
    "Heading 2": "heading 2",
    "Heading 3": "heading 3",
    "Body Text": "Body Text",
    "List Bullet": "List Bullet",
    "Footnote Text": "footnote text",
    "Footer": "footer",
}
OTHER_STYLES = f"""
<w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/><w:basedOn w:val="DefaultParagraphFont"/>
<w:uiPriority w:val="22"/><w:qFormat/><w:rPr><w:b/><w:bCs/></w:rPr></w:style>
<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/>
<w:basedOn w:val="DefaultParagraphFont"/><w:uiPriority w:val="99"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>
<w:style w:type="table" w:customStyle="1" w:styleId="AnnexTable"><w:name w:val="Annex Table"/>
<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/>
<w:tblPr><w:tblBorders><w:top w:val="single" w:sz="12" w:space="0" w:color="{BORDER}"/>
<w:bottom w:val="single" w:sz="8" w:space="0" w:color="{BORDER}"/>
<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/></w:tblBorders>
<w:tblCellMar><w:top w:w="57" w:type="dxa"/><w:left w:w="113" w:type="dxa"/><w:bottom w:w="57" w:type="dxa"/>
<w:right w:w="113" w:type="dxa"/></w:tblCellMar></w:tblPr>
<w:tblStylePr w:type="firstRow"><w:tblPr/><w:tcPr><w:tcBorders>
<w:bottom w:val="single" w:sz="8" w:space="0" w:color="{BORDER}"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>
"""
DEFAULTS = f"""<w:docDefaults {W}><w:rPrDefault><w:rPr>
<w:rFonts w:ascii="{FONT}" w:eastAsia="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}"/><w:color w:val="{INK}"/>
<w:sz w:val="22"/><w:szCs w:val="22"/><w:lang w:val="{LANGUAGE}" w:eastAsia="{LANGUAGE}" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>
<w:pPrDefault><w:pPr><w:spacing w:after="0" w:line="259" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>"""
NUMBERING = """<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>
<w:numFmt w:val="bullet"/><w:pStyle w:val="ListBullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/>
<w:pPr><w:ind w:left="360" w:hanging="360"/></w:pPr></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>"""
# What stands between text and notes. Word wants both, and the settings name them.
SEPARATORS = """<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>"""


def as_docx(annex):
    """Return Annex 2 as the bytes of a Word document, with the preamble of newer reports."""
    return write_docx(printed_document(annex, preamble=True))


def as_docx_of_tables(annex):
    """Return Annex 2 as the bytes of a Word document, its tables alone."""
    return write_docx(printed_document(annex, preamble=False))


def write_docx(printed):
    """Return a `PrintedDocument` as the bytes of a Word document: the same document gives the same bytes."""
    document = Document(BytesIO(_template()))
    notes = []
    end = document.element.body.sectPr
    for block in _parsed("".join(_block(block, notes) for block in printed.blocks)):
        end.addprevious(block)
    footer = document.sections[0].footer._element
    footer[:] = _parsed("".join(_paragraph(line, notes) for line in printed.footer))
    _add_footnotes(document.part, notes)
    about = document.core_properties
    about.title, about.subject = printed.title[:255], printed.subject[:255]  # the most that the library takes
    about.language = LANGUAGE
    about.author = about.last_modified_by = "Evenhand"
    about.created = about.modified = printed.moment.astimezone(UTC)
    file = BytesIO()
    document.save(file)
    with ZipFile(file) as package:  # which the library dates by the clock
        return archive((name, package.read(name)) for name in package.namelist())


# What every document begins with


@cache
def _template():
    document = Document()
    for held in (document.part, document.part.package):
        for key, relation in list(held.rels.items()):
            if any(word in relation.reltype for word in UNUSED_PARTS):
                del held.rels[key]
    styles = document.styles.element
    styles.replace(styles.find(qn("w:docDefaults")), parse_xml(DEFAULTS))
    for style in document.styles:
        if style.name not in KEPT:
            style.delete()
    styles.extend(_parsed("".join(map(_style, STYLES)) + OTHER_STYLES))
    document.part.numbering_part.element[:] = _parsed(NUMBERING)
    _set_up(document.settings.element)
    section = document.sections[0]
    section.page_width, section.page_height = map(Mm, PAGE)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)
    section.footer_distance = Mm(10)
    section.footer.is_linked_to_previous = False
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _set_up(settings):
    settings.find(qn("w:zoom")).set(qn("w:percent"), "100")
    settings.find(qn("w:themeFontLang")).set(qn("w:val"), LANGUAGE)
    compatibility = settings.find(qn("w:compat"))
    compatibility.addprevious(
        parse_xml(f'<w:footnotePr {W}><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>')
    )
    for held in compatibility:
        if held.get(qn("w:name")) == "compatibilityMode":
            held.set(qn("w:val"), "15")  # that of today's Word, which else speaks of a compatibility mode


def _id(style):
    return style.name.replace(" ", "")


def _style(style):
    name = BUILT_IN.get(style.name, style.name)
    custom = "" if style.name in BUILT_IN else ' w:customStyle="1"'
    layout = [
        "<w:keepNext/>" if style.keep else "",
        "<w:keepLines/>" if style.level else "",
        '<w:numPr><w:numId w:val="1"/></w:numPr>' if style is BULLET else "",
        _box() if style.boxed else "",
        f'<w:tabs><w:tab w:val="right" w:pos="{_twips(TEXT_WIDTH)}"/></w:tabs>' if style is FOOTER else "",
        f'<w:tabs><w:tab w:val="left" w:pos="{_twips(style.hanging)}"/></w:tabs>' if style.hanging else "",
        f'<w:spacing w:before="{round(style.before * 20)}" w:after="{round(style.after * 20)}"/>',
        f'<w:ind w:left="{_twips(style.hanging)}" w:hanging="{_twips(style.hanging)}"/>' if style.hanging else "",
        '<w:ind w:left="142" w:right="142"/>' if style.boxed else "",
        '<w:jc w:val="right"/>' if style.right else "",
        f'<w:outlineLvl w:val="{style.level - 1}"/>' if style.level else "",
    ]
    letters = f'{"<w:b/><w:bCs/>" if style.bold else ""}<w:color w:val="{style.colour}"/>'
    size = round(style.size * 2)
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{_id(style)}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/>'
        f"<w:qFormat/><w:pPr>{''.join(layout)}</w:pPr>"
        f'<w:rPr>{letters}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr></w:style>'
    )


def _box():
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="12" w:space="5" w:color="{INK}"/>'
        for side in ("top", "left", "bottom", "right")
    )
    return f"<w:pBdr>{sides}</w:pBdr>"


# What stands in this one


def _parsed(blocks):
    return list(parse_xml(f"<w:body {W}>{blocks}</w:body>"))


def _block(block, notes):
    return _paragraph(block, notes) if isinstance(block, Paragraph) else _table(block, notes)


def _paragraph(paragraph, notes, *, keep=False):
    page = f"{'<w:keepNext/>' if keep else ''}{'<w:pageBreakBefore/>' if paragraph.new_page else ''}"
    runs = "".join(_part(part, notes) for part in paragraph.parts)
    return f'<w:p><w:pPr><w:pStyle w:val="{_id(paragraph.style)}"/>{page}</w:pPr>{runs}</w:p>'


def _part(part, notes):
    if isinstance(part, Footnote):
        notes.append(part.text)
        return (
            f'<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="{len(notes)}"/></w:r>'
        )
    if isinstance(part, PageNumber):
        field = "NUMPAGES" if part.total else "PAGE"
        return f'<w:fldSimple w:instr="{field}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    return _run(part.text, '<w:rPr><w:rStyle w:val="Strong"/></w:rPr>' if part.strong else "")


def _run(text, properties=""):
    said = escape(text).replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    said = said.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
    return f'<w:r>{properties}<w:t xml:space="preserve">{said}</w:t></w:r>'


def _table(table, notes):
    columns = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in table.widths)
    rows = "".join(_row(row, table.widths, notes, keep=table.whole and row is not table.rows[-1]) for row in table.rows)
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="AnnexTable"/>'
        f'<w:tblW w:w="{sum(map(_twips, table.widths))}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="0620" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(table.title)}/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>"
        f"{_row(table.header, table.widths, notes, header=True)}{rows}</w:tbl>"
    )


def _row(row, widths, notes, *, header=False, keep=False):
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{SHADE}"/>' if row.shaded or header else ""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{shade}</w:tcPr>'
        f"{''.join(_paragraph(paragraph, notes, keep=keep) for paragraph in cell)}</w:tc>"
        for cell, width in zip(row.cells, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if header else ''}</w:trPr>{cells}</w:tr>"


def _add_footnotes(part, notes):
    """Give a document its part of footnotes, numbered from 1 as `_part` refers to them.

    It is there without any too: the settings name the separators in it.
    """
    said = "".join(
        f'<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="{_id(FOOTNOTE)}"/></w:pPr>'
        '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
        f"{_run(' ' + text)}</w:p></w:footnote>"
        for number, text in enumerate(notes, 1)
    )
    xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:footnotes {W}>{SEPARATORS}{said}</w:footnotes>'
    held = Part(PackURI("/word/footnotes.xml"), FOOTNOTES_TYPE, xml.encode(), part.package)
    part.relate_to(held, RELATIONSHIP_TYPE.FOOTNOTES)


def _twips(millimetres):
    return round(millimetres / 25.4 * 1440)
