"""Whoever writes also records: every writer of every room, found by reading the code."""

import ast
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

ROOMS = ("ratings", "cases", "inspections", "accounts", "audit")

# Each with the reason why nothing is recorded.
SILENT = {
    "audit.actions.record_event": "the record itself",
    "cases.held.why_held": "reads",
    "inspections.actions.pin_standards": "a copy of a published document, kept with the creation that is recorded",
    "ratings.actions.store": "figures worked out from what is recorded; nobody does it",
}
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "save", "update", "delete"}


@cache
def functions():
    """Return the functions of the rooms, methods too, by (module, name), each as its syntax tree."""
    found = {}
    for room in ROOMS:
        for path in sorted(Path(settings.BASE_DIR, room).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            module = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    found[module, node.name] = node
    return found


def is_atomic(node):
    return any(ast.unparse(held) == "transaction.atomic" for held in node.decorator_list)


def called(node):
    """Return the names that a function calls, methods by their last part."""
    names = set()
    for held in ast.walk(node):
        if isinstance(held, ast.Call):
            names.add(getattr(held.func, "id", None) or getattr(held.func, "attr", ""))
    return names


def opens_a_transaction(node):
    return is_atomic(node) or any(
        ast.unparse(item.context_expr) == "transaction.atomic()"
        for held in ast.walk(node)
        if isinstance(held, ast.With)
        for item in held.items
    )


def is_writer(node):
    """Return whether a function acts in somebody's name, or changes the database in a transaction of its own."""
    by = any(argument.arg == "by" for argument in node.args.kwonlyargs)
    return by or (opens_a_transaction(node) and bool(called(node) & WRITES))


def records(node, seen=()):
    """Return whether a function records an event, itself or through those it calls."""
    if "record_event" in called(node):
        return True
    return any(
        records(other, (*seen, name))
        for (_, name), other in functions().items()
        if name in called(node) - set(seen) - WRITES
    )


WRITERS = sorted(
    f"{module}.{name}"
    for (module, name), node in functions().items()
    if is_writer(node) and not name.startswith("_") and not name.startswith("check_") and "management" not in module
)


def test_the_walk_finds_writers():
    assert {
        "accounts.actions.add_person",
        "accounts.actions.device_key",
        "cases.actions.record_answers",
        "cases.reviews.draw_dip_sample",
        "inspections.actions.add_member",
        "ratings.actions.lock_ratings",
    } <= set(WRITERS)
    assert set(SILENT) <= {f"{module}.{name}" for module, name in functions()}


@pytest.mark.parametrize("writer", [name for name in WRITERS if name not in SILENT])
def test_every_writer_records(writer):
    module, name = writer.rsplit(".", 1)
    assert records(functions()[module, name]), f"{writer} records no event: who did what is not known afterwards."
