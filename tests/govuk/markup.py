"""Reading rendered HTML in tests."""

from html.parser import HTMLParser

VOID = {"input", "br", "img", "hr", "meta", "link", "path", "rect"}


class Markup(HTMLParser):
    """The elements and texts of a piece of HTML, white space folded."""

    def __init__(self, html: str):
        super().__init__()
        self.events: list = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        folded = {name: " ".join((value or "").split()) for name, value in attrs}
        self.elements.append((tag, folded))
        self.events.append((tag, folded))

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.events.append(("/", tag))

    def handle_data(self, data):
        text = " ".join(data.split())
        if text:
            self.events.append(text)

    def all(self, tag, **attributes):
        """Return the attributes of every `tag` that has these (underscores stand for hyphens)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]

    def one(self, tag, **attributes):
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    @property
    def text(self):
        return " ".join(event for event in self.events if isinstance(event, str))


def assert_sound(html: str) -> Markup:
    """Assert what holds for every piece of a page: unique ids, references that lead somewhere, nothing inline."""
    markup = Markup(html)
    assert len(markup.ids) == len(set(markup.ids)), "an id is used twice"
    for tag, attributes in markup.elements:
        assert "style" not in attributes, f"inline style on {tag}"
        assert not [name for name in attributes if name.startswith("on")], f"inline handler on {tag}"
        assert tag != "style"
        assert tag != "script" or attributes.get("src"), "inline script"
        for reference in ("aria-describedby", "aria-labelledby", "for", "data-aria-controls"):
            for target in attributes.get(reference, "").split():
                assert target in markup.ids, f"{reference} of {tag} leads to {target}, which is not there"
        if tag == "a" and attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in markup.ids, f"{attributes['href']} leads nowhere"
    return markup
