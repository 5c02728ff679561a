"""Vendored files, our own stylesheet, and the contrast of its colours."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from govuk import vendor

STATIC = Path(__file__).resolve().parents[2] / "static"
OWN = (STATIC / "css" / "evenhand.css").read_text()
VENDORED = sorted(path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"})
COLOURS = dict(re.findall(r"--eh-([a-z-]+): (#[0-9a-f]{6});", OWN))

# Text colour on background colour, as the rules of the stylesheet pair them.
PAIRS = [
    ("on-ink", "ink"),
    ("on-ink-quiet", "ink"),
    ("quiet", "page"),
    ("quiet", "wash"),
    ("text", "notice"),
    ("text", "wash"),
    ("ink", "page"),
    ("ink", "wash"),
    *((f"on-{tone}", tone) for tone in ("lowest", "low", "middle", "high", "highest")),
]


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_rightly():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("text", "background"), PAIRS)
def test_text_can_be_read(text, background):
    assert contrast(COLOURS[text], COLOURS[background]) >= 4.5


def test_edges_can_be_seen():
    assert contrast(COLOURS["notice-edge"], COLOURS["page"]) >= 3
    for tone in ("lowest", "low", "middle", "high"):  # the border of a rating has the colour of its text
        assert contrast(COLOURS[f"on-{tone}"], COLOURS["page"]) >= 3


def test_brand_colour_carries_white_text():
    brand = re.search(r"--govuk-brand-colour: (#[0-9a-f]{6})", OWN)[1]
    assert contrast(brand, "#ffffff") >= 4.5


@pytest.mark.parametrize("path", VENDORED, ids=lambda path: path.name)
def test_static_files_build_and_carry_no_emblem(path):
    text = path.read_text()
    for unwanted in ("sourceMappingURL", "/assets/", "GDS Transport", "govuk-crest", "__crown"):
        assert unwanted not in text
    for address in re.findall(r"url\([\"']?([^)\"']+)", text):
        assert (path.parent / address).exists(), address


def test_licences_stand_beside_what_they_cover():
    assert "MIT License" in (STATIC / "vendor/govuk-frontend/LICENSE.txt").read_text()
    assert "SIL Open Font License" in (STATIC / "vendor/fonts/LICENSE.txt").read_text().replace("\n", " ")
    assert "6.3.0" in (STATIC / "vendor/govuk-frontend/README.md").read_text()


def test_every_own_class_in_python_and_templates_has_a_rule():
    root = STATIC.parent
    sources = [*(root / "govuk").rglob("*.py"), *(root / "templates").rglob("*.html")]
    used = {name for path in sources for name in re.findall(r"(?<![\w-])eh-[a-z_-]+[a-z]", path.read_text())}
    ruled = {
        name for path in (STATIC / "css").glob("*.css") for name in re.findall(r"\.(eh-[a-z_-]+)", path.read_text())
    }
    assert used - ruled <= {"eh-header__person-name", "eh-header__mark", "eh-counts__item"}


class TestVendoring:
    def test_stylesheet(self):
        css = (
            "@font-face{font-family:GDS Transport;src:url(/assets/fonts/a.woff2)}a{font-family:GDS Transport,arial}"
            '.govuk-footer__copyright-logo:before{content:"";background-image:url(/assets/images/govuk-crest.svg)}'
            "@supports (mask-position:initial){.govuk-footer__copyright-logo:before{mask-image:url(/assets/x.svg)}}"
            "b{background:url(/assets/images/b.svg)}\n/*# sourceMappingURL=a.css.map */"
        )
        assert vendor.stylesheet(css) == (
            "a{font-family:Atkinson Hyperlegible Next,arial}b{background:url(images/b.svg)}\n"
        )

    def test_script(self):
        assert vendor.script("x();//# sourceMappingURL=x.js.map") == "x();\n"

    def test_welsh_letters_are_in_the_font(self):
        faces = (STATIC / "vendor/fonts/fonts.css").read_text()
        assert "U+0100-02BA" in faces  # ŵ is U+0175, ŷ is U+0177
        assert "U+1E00-1E9F" in faces  # ẁ, ẃ, ẅ

    def test_usage_is_told(self, capsys):
        assert vendor.main([]) == 2
        assert "Usage" in capsys.readouterr().err


def test_hashed_static_files_can_be_built(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    hashed = (tmp_path / manifest["vendor/fonts/fonts.css"]).read_text()
    assert manifest["vendor/fonts/atkinson-hyperlegible-next-latin.woff2"].rsplit("/")[-1] in hashed
    # The modules import each other by their plain names, which must go on being served.
    assert (tmp_path / "vendor/govuk-frontend/govuk-frontend.min.js").exists()
