"""Redo the vendoring of the GOV.UK stylesheet and script, and of the typeface.

    npm pack govuk-frontend@6.3.0
    npm pack @fontsource-variable/atkinson-hyperlegible-next@5.3.0
    # unpack each, then
    python -m govuk.vendor path/to/govuk-frontend path/to/atkinson-hyperlegible-next

The examples in `tests/govuk/fixtures/` come from the same package and are renewed with it. The same packages give the
same files, so a change of version shows as a plain difference. What is changed on the way:

- `@font-face` rules and the name "GDS Transport" go: that typeface belongs to GOV.UK. Ours takes its place,
  and is printed too, where GOV.UK's gives way to any sans-serif.
- Rules that draw the royal crest go, and no image is copied: every image in the package shows the crown.
- `sourceMappingURL` comments go: hashed static files refuse to build when the map is not there.
- Absolute `/assets/` addresses become relative ones; with fonts and crest gone, none is left.
"""

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static" / "vendor"
FIXTURES = ROOT / "tests" / "govuk" / "fixtures"
FONT_NAME = "Atkinson Hyperlegible Next"
FONT_SUBSETS = ("latin-ext", "latin")
FONT_SLUG = "atkinson-hyperlegible-next"

# The components that pages use, whose examples our rendering must match.
EXAMPLES = [
    "back-link",
    "breadcrumbs",
    "button",
    "character-count",
    "checkboxes",
    "date-input",
    "details",
    "error-message",
    "error-summary",
    "fieldset",
    "file-upload",
    "hint",
    "input",
    "inset-text",
    "label",
    "notification-banner",
    "pagination",
    "password-input",
    "radios",
    "select",
    "summary-list",
    "tag",
    "task-list",
    "textarea",
    "warning-text",
]

CREST_RULE = re.compile(r"@supports [^{]*\{\.govuk-footer__copyright-logo:before\{[^}]*\}\}|"
                        r"\.govuk-footer__copyright-logo[^{}]*\{[^}]*\}|\.govuk-footer__crown\{[^}]*\}")  # fmt: skip


def stylesheet(css: str) -> str:
    """Return the GOV.UK stylesheet without fonts, crest, source map and absolute addresses.

    >>> stylesheet("a{font-family:GDS Transport,arial}b{background:url(/assets/images/x.svg)}")
    'a{font-family:Atkinson Hyperlegible Next,arial}b{background:url(images/x.svg)}\\n'
    """
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = CREST_RULE.sub("", css)
    css = css.replace("GDS Transport", FONT_NAME)
    css = css.replace("font-family:sans-serif", f"font-family:{FONT_NAME},arial,sans-serif")
    css = re.sub(r"/\*#\s*sourceMappingURL=.*?\*/", "", css)
    return css.replace("url(/assets/", "url(").strip() + "\n"


def script(js: str) -> str:
    """Return the GOV.UK script without its source map."""
    return re.sub(r"//#\s*sourceMappingURL=.*", "", js).strip() + "\n"


def font_faces(unicode_ranges: dict[str, str]) -> str:
    """Return the `@font-face` rules: one variable file per subset, Welsh letters being in the second."""
    return "".join(
        f'@font-face {{\n  font-family: "{FONT_NAME}";\n  font-style: normal;\n  font-weight: 200 800;\n'
        f'  font-display: swap;\n  src: url("{FONT_SLUG}-{subset}.woff2") format("woff2");\n'
        f"  unicode-range: {unicode_ranges[subset]};\n}}\n"
        for subset in FONT_SUBSETS
    )


def version_of(package: Path) -> str:
    """Return "name version" of an unpacked npm package."""
    about = json.loads((package / "package.json").read_text())
    return f"{about['name']} {about['version']}"


def vendor_frontend(package: Path, target: Path = STATIC / "govuk-frontend") -> None:
    """Write the stylesheet, script and README of an unpacked govuk-frontend; the licence is kept beside them."""
    source = package / "dist" / "govuk"
    target.mkdir(parents=True, exist_ok=True)
    (target / "govuk-frontend.min.css").write_text(stylesheet((source / "govuk-frontend.min.css").read_text()))
    (target / "govuk-frontend.min.js").write_text(script((source / "govuk-frontend.min.js").read_text()))
    (target / "README.md").write_text(
        f"{version_of(package)}, MIT licence (LICENSE.txt), changed by `govuk/vendor.py`, which says how and why.\n"
    )


def vendor_fixtures(package: Path, target: Path = FIXTURES) -> None:
    """Write the examples of the components we use: name, parameters, and HTML with its white space folded."""
    target.mkdir(parents=True, exist_ok=True)
    for component in EXAMPLES:
        source = package / "dist" / "govuk" / "components" / component / "fixtures.json"
        examples = [
            [example["name"], example["options"], " ".join(example["html"].split())]
            for example in json.loads(source.read_text())["fixtures"]
        ]
        (target / f"{component}.json").write_text(
            json.dumps(examples, ensure_ascii=False, separators=(",", ":")) + "\n"
        )
    (target / "README.md").write_text(
        f"Examples from {version_of(package)}, MIT licence (static/vendor/govuk-frontend/LICENSE.txt), written by "
        "`govuk/vendor.py`.\n"
    )


def vendor_font(package: Path, target: Path = STATIC / "fonts") -> None:
    """Write the typeface's files, its rules, its licence and a README from an unpacked Fontsource package."""
    target.mkdir(parents=True, exist_ok=True)
    for subset in FONT_SUBSETS:
        shutil.copyfile(
            package / "files" / f"{FONT_SLUG}-{subset}-wght-normal.woff2", target / f"{FONT_SLUG}-{subset}.woff2"
        )
    (target / "fonts.css").write_text(font_faces(json.loads((package / "unicode.json").read_text())))
    shutil.copyfile(package / "LICENSE", target / "LICENSE.txt")
    (target / "README.md").write_text(
        f"{FONT_NAME}: {version_of(package)}, SIL Open Font Licence 1.1 (LICENSE.txt), copied by `govuk/vendor.py`.\n"
    )


def main(arguments: list[str]) -> int:
    """Vendor from the two unpacked packages named on the command line."""
    if len(arguments) != 2:
        sys.stderr.write("Usage: python -m govuk.vendor <govuk-frontend folder> <typeface folder>\n")
        return 2
    frontend, font = map(Path, arguments)
    vendor_frontend(frontend)
    vendor_fixtures(frontend)
    vendor_font(font)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
