"""The GOV.UK components, rendered by the exact macros of govuk-frontend-jinja.

`render("tag", {"text": "Good"})` takes the parameters the Design System documents and returns safe HTML. What Django
calls safe stays safe and everything else is escaped, `html` parameters included.

HTML handed in, and the text of a textarea, come out to the letter. The macros indent what they nest, which would add
spaces to every line of a note each time its page is shown and saved; so placeholders go through them instead.
"""

import re
import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeData, SafeString, mark_safe
from jinja2 import Environment, PackageLoader, PrefixLoader, Template

PACKAGE = "govuk_frontend_jinja"
MULTILINE = {"textarea", "character-count"}


@cache
def environment() -> Environment:
    """Return the Jinja environment that holds the macros, built once."""
    # The macros belong to an installed package: looking for changed files at each use would cost a third of a form.
    return Environment(loader=PrefixLoader({PACKAGE: PackageLoader(PACKAGE)}), autoescape=True, auto_reload=False)


@cache
def template(name: str) -> Template:
    """Return the template that calls the macro of component `name`, such as "notification-banner"."""
    macro = "govuk" + "".join(part.capitalize() for part in name.split("-"))
    source = f'{{% from "{PACKAGE}/components/{name}/macro.html" import {macro} %}}{{{{ {macro}(params) }}}}'
    return environment().from_string(source)


class Verbatim:
    """Finished HTML set aside under placeholders while the macros lay out what surrounds it."""

    # Unguessable, so that nobody can type a placeholder into a note.
    mark = secrets.token_hex(8)
    pattern = re.compile(rf"\[{mark}:(\d+)\]")

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def hold(self, html: str) -> SafeString:
        """Keep `html` and return its placeholder."""
        self.pieces.append(html)
        return mark_safe(f"[{self.mark}:{len(self.pieces) - 1}]")  # noqa: S308

    def restore(self, html: str) -> SafeString:
        """Return `html` with every placeholder replaced by what it stands for."""
        return mark_safe(self.pattern.sub(lambda found: self.pieces[int(found[1])], html))  # noqa: S308


def is_html(key: str) -> bool:
    """Say whether a parameter of this name is printed as HTML by the macros."""
    return key == "html" or key.endswith("Html")


def prepared(value: Any, key: str, verbatim: Verbatim) -> Any:
    """Return a parameter fit for the macros: HTML set aside, nothing lazy, nothing falsely safe, no None.

    Only `text` may keep Django's mark of safety. Elsewhere values land in attributes, where a safe string with a
    quotation mark would break out.
    """
    if isinstance(value, Promise):
        value = str(value)
    if isinstance(value, Mapping):
        markup = key == "slots"
        return {
            name: prepared(item, "html" if markup else name, verbatim)
            for name, item in value.items()
            if item is not None
        }
    if isinstance(value, (list, tuple)):
        return [prepared(item, key, verbatim) for item in value]
    if is_html(key) and isinstance(value, str):
        return verbatim.hold(conditional_escape(value)) if value else ""
    if isinstance(value, SafeData) and key != "text":
        return "".join([value])
    return value


def render(name: str, params: Mapping[str, Any]) -> SafeString:
    """Return the HTML of one component."""
    verbatim = Verbatim()
    ready = prepared(params, "", verbatim)
    if name in MULTILINE and ready.get("value"):
        # A browser drops the first line break of a textarea: give it one of its own when the text starts with one.
        text = escape("".join([ready["value"]]))
        ready["value"] = verbatim.hold("\n" + text if text.startswith(("\n", "\r")) else text)
    return verbatim.restore(template(name).render(params=ready).strip())
