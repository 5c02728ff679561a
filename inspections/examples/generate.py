"""Write the example bundles: `python -m inspections.examples.generate`.

Reads published.yaml and the standards document, invents case answers that add up to the published figures
(invented.py), counts them again (recount.py) and writes one `<slug>.json` for each inspection. Nothing
depends on the clock or on the order of anything: the same input gives the same bytes.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from inspections.examples.invented import DoesNotFit, InventedSample
from inspections.examples.recount import faults
from standards import reader
from standards.document import Document

FOLDER = Path(__file__).parent
STANDARDS = "youth-2018"


def main() -> None:
    """Write every bundle beside this file, or none of them if one does not add up."""
    for name, text in bundles().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def bundles() -> dict[str, str]:
    """Return the text of every bundle by file name; exit with a sentence for each figure that one does not give."""
    document = reader.load(STANDARDS)
    published = read_published()
    texts, wrong = {}, []
    for inspection in published["inspections"]:
        try:
            text = laid_out(made(document, published, inspection))
        except DoesNotFit as fault:
            wrong.append(str(fault))
            continue
        texts[f"{inspection['slug']}.json"] = text
        wrong += faults(document, inspection, json.loads(text))
    if wrong:
        sys.exit("\n".join([*wrong, "Nothing was written: correct published.yaml so that its figures fit together."]))
    return texts


def read_published() -> dict[str, Any]:
    """Return what published.yaml says."""
    return yaml.safe_load((FOLDER / "published.yaml").read_text(encoding="utf-8"))


def made(document: Document, published: dict[str, Any], inspection: dict[str, Any]) -> dict[str, Any]:
    """Return one inspection as a bundle."""
    about = {key: inspection[key] for key in ("slug", "fieldwork_started", "terms", "wording")}
    about |= {"invented_answers": True, "figures_open": True}
    if "applicability" in inspection:
        about["applicability"] = inspection["applicability"]
    return {
        "format": "evenhand-inspection/1",
        "standards": document.code,
        "service": inspection["service"],
        "inspection": about,
        "judgements": {
            code: {"rating": given["rating"], "rationale": given["because"]}
            for code, given in inspection["standards"].items()
            if document.standards[code].method == "judgement"
        },
        "cases": [
            case
            for sample in inspection["samples"]
            for case in InventedSample(document, published, inspection, sample).cases()
        ],
        "discretion": inspection["discretion"],
    }


def laid_out(bundle: dict[str, Any]) -> str:
    """Return the bundle as JSON to be read by people: a line for each key question with its prompts."""
    parts = [
        f"{_json(key)}: [\n{_joined(_case(case) for case in value)}\n]"
        if key == "cases"
        else f"{_json(key)}: {_json(value)}"
        for key, value in bundle.items()
    ]
    return "{\n" + _joined(parts) + "\n}\n"


def _case(case: dict[str, Any]) -> str:
    head = {key: value for key, value in case.items() if key not in ("facts", "answers", "notes")}
    parts = [_json(head)[1:-1], f'"facts": {_json(case["facts"])}', f'"answers": {{\n   {_answers(case)}}}']
    if "notes" in case:
        parts.append(f'"notes": {_json(case["notes"])}')
    return " {" + ",\n  ".join(parts) + "}"


def _answers(case: dict[str, Any]) -> str:
    lines: dict[str, list[str]] = {}
    for code, answer in case["answers"].items():
        # 2.1.1.a, 2.1.1.b and 2.1.1 share a line.
        lines.setdefault(code[:5], []).append(f"{_json(code)}: {_json(answer)}")
    return ",\n   ".join(", ".join(line) for line in lines.values())


def _joined(parts: Iterator[str] | list[str]) -> str:
    return ",\n".join(parts)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    main()
