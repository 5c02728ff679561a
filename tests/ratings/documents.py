"""Word and OpenDocument texts read back by libraries that had no part in writing their bodies, into one shape."""

import io
from dataclasses import dataclass, field

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from odf.namespaces import OFFICENS, STYLENS, TABLENS, TEXTNS
from odf.opendocument import load


@dataclass
class Read:
    """What a document holds. `blocks` are (style, text) of paragraphs and lists of rows; a row is a list of texts of cells.

    A footnote stands in a text as "[^1]", and its own text in `footnotes`. `bold` are the texts that stand out.
    """

    title: str
    language: str
    blocks: list = field(default_factory=list)
    footnotes: list = field(default_factory=list)
    footer: list = field(default_factory=list)
    bold: list = field(default_factory=list)
    unrepeated: int = 0
    merged: int = 0

    @property
    def tables(self):
        return [block for block in self.blocks if isinstance(block, list)]

    @property
    def paragraphs(self):
        return [block for block in self.blocks if not isinstance(block, list)]

    @property
    def headings(self):
        return [text for style, text in self.paragraphs if style.startswith("Heading")]

    @property
    def whole(self):
        """Every text there is, for looking something up."""
        texts = [text for _, text in self.paragraphs] + self.footnotes + self.footer
        return "\n".join(texts + [cell for table in self.tables for row in table for cell in row])

    def under(self, heading):
        """Return the tables and paragraphs from a heading to the next one of its style."""
        place = next(
            n
            for n, block in enumerate(self.blocks)
            if isinstance(block, tuple) and block[0].startswith("Heading") and block[1] == heading
        )
        style, found = self.blocks[place][0], []
        for block in self.blocks[place + 1 :]:
            if isinstance(block, tuple) and block[0] == style:
                break
            found.append(block)
        return found


def read_docx(content):
    """Return what a Word document holds, read by python-docx."""
    document = Document(io.BytesIO(content))
    about = document.core_properties
    read = Read(about.title, about.language)
    names = {style.style_id: style.name for style in document.styles}
    for element in document.element.body:
        if element.tag == qn("w:p"):
            read.blocks.append((names[element.style], _docx_text(element, read)))
        elif element.tag == qn("w:tbl"):
            rows = element.tr_lst
            read.unrepeated += rows[0].trPr is None or rows[0].trPr.find(qn("w:tblHeader")) is None
            read.merged += len(list(element.iter(qn("w:gridSpan"), qn("w:vMerge"))))
            read.blocks.append(
                [["\n".join(_docx_text(p, read) for p in cell.p_lst) for cell in row.tc_lst] for row in rows]
            )
    for part in document.part.package.iter_parts():
        if part.partname == "/word/footnotes.xml":
            for note in parse_xml(part.blob):
                if note.get(qn("w:type")) is None:
                    read.footnotes.append("".join(_docx_text(p, read) for p in note.iter(qn("w:p"))).strip(" "))
    read.footer = [_docx_text(p._p, read) for p in document.sections[0].footer.paragraphs]
    return read


def _docx_text(paragraph, read):
    said = []
    for node in paragraph.iter():
        if node.tag == qn("w:t"):
            said.append(node.text or "")
            style = node.getparent().find(f"{qn('w:rPr')}/{qn('w:rStyle')}")
            if style is not None and style.get(qn("w:val")) == "Strong":
                read.bold.append(node.text)
        elif node.tag == qn("w:tab") and node.getparent().tag == qn("w:r"):
            said.append("\t")
        elif node.tag == qn("w:br"):
            said.append("\n")
        elif node.tag == qn("w:footnoteReference"):
            said.append(f"[^{node.get(qn('w:id'))}]")
    return "".join(said)


def read_odt(content):
    """Return what an OpenDocument text holds, read by odfpy."""
    document = load(io.BytesIO(content))
    about = {node.qname[1]: str(node) for node in document.meta.childNodes}
    read = Read(about["title"], about["language"])
    names = {
        style.getAttribute("name"): style.attributes.get((STYLENS, "display-name")) or style.getAttribute("name")
        for style in document.styles.childNodes
        if style.qname == (STYLENS, "style")
    }
    for style in document.automaticstyles.childNodes:
        parent = style.attributes.get((STYLENS, "parent-style-name"))
        if parent:
            names[style.getAttribute("name")] = names[parent]
    for node in _within(document.text, "list", "list-item"):
        if node.qname in ((TEXTNS, "p"), (TEXTNS, "h")):
            read.blocks.append((names[node.getAttribute("stylename")], _odt_text(node, read)))
        elif node.qname == (TABLENS, "table"):
            read.unrepeated += not [child for child in node.childNodes if child.qname == (TABLENS, "table-header-rows")]
            rows = []
            for row in _within(node, "table-header-rows"):
                if row.qname == (TABLENS, "table-row"):
                    rows.append([_odt_cell(cell, read) for cell in row.childNodes])
            read.blocks.append(rows)
    footer = document.masterstyles.childNodes[0].childNodes[0]
    read.footer = [_odt_text(line, read) for line in footer.childNodes]
    return read


def _within(node, *through):
    for child in node.childNodes:
        if child.qname[1] in through:
            yield from _within(child, *through)
        else:
            yield child


def _odt_cell(cell, read):
    read.merged += cell.qname[1] != "table-cell" or any("spanned" in name for _, name in cell.attributes)
    assert cell.attributes[OFFICENS, "value-type"] == "string"
    return "\n".join(_odt_text(paragraph, read) for paragraph in cell.childNodes)


def _odt_text(node, read):
    said = []
    for child in node.childNodes:
        if child.nodeType == child.TEXT_NODE:
            said.append(child.data)
        elif child.qname == (TEXTNS, "s"):
            said.append(" " * int(child.getAttribute("c") or 1))
        elif child.qname == (TEXTNS, "tab"):
            said.append("\t")
        elif child.qname == (TEXTNS, "line-break"):
            said.append("\n")
        elif child.qname == (TEXTNS, "note"):
            citation, body = child.childNodes
            said.append(f"[^{citation}]")
            read.footnotes.append("".join(_odt_text(p, read) for p in body.childNodes).strip(" "))
        else:
            text = _odt_text(child, read)
            if child.qname == (TEXTNS, "span"):
                read.bold.append(text)
            said.append(text)
    return "".join(said)


READERS = {"docx": read_docx, "odt": read_odt}
