"""Logs are JSON with a request id, and hold nothing that somebody typed."""

import json
import logging

import pytest

from config.logs import AddRequestId, JsonFormatter

SECRET = "a sentence about a child"


@pytest.fixture
def lines(monkeypatch):
    """Return a function that gives what was logged so far, as the handler of the settings writes it."""
    written = []
    (handler,) = [held for held in logging.getLogger().handlers if isinstance(held.formatter, JsonFormatter)]
    monkeypatch.setattr(handler, "emit", lambda record: written.append(handler.format(record)))
    monkeypatch.setattr(logging.getLogger(), "level", logging.INFO)
    return lambda: [json.loads(line) for line in written]


def test_a_line_is_one_json_object():
    record = logging.makeLogRecord({"name": "evenhand", "levelno": 20, "levelname": "INFO", "msg": "a\nb\u2028c"})
    AddRequestId().filter(record)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line).keys() == {"at", "level", "logger", "message"}
    assert json.loads(line)["at"].endswith("+00:00")


def test_an_exception_is_told_by_type_and_place_alone():
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "It failed.", "exc_info": (ValueError, error, error.__traceback__)})
    line = JsonFormatter().format(record)
    assert SECRET not in line
    assert json.loads(line)["error"] == "ValueError"
    assert json.loads(line)["where"][-1].startswith("test_logs.py:")


@pytest.mark.django_db
class TestRequests:
    def test_the_request_id_is_in_the_response_and_in_the_lines(self, client, lines):
        response = client.get("/no-such-page/", headers={"x-request-id": "given-by-the-proxy-1"})
        assert response["X-Request-ID"] == "given-by-the-proxy-1"
        assert {line["request_id"] for line in lines()} == {"given-by-the-proxy-1"}

    @pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space", "new\nline", "<script>alert</script>"])
    def test_an_id_that_is_none_is_replaced(self, client, given):
        made = client.get("/healthz", headers={"x-request-id": given})["X-Request-ID"]
        assert made != given
        assert len(made) == 32

    def test_what_was_typed_is_in_no_line(self, client, lines, monkeypatch, lead, sefton):
        client.force_login(lead)
        client.raise_request_exception = False

        def broken(*args, **kwargs):
            raise RuntimeError(SECRET)

        monkeypatch.setattr("ratings.views.inspections.inspections_of", broken)
        response = client.get("/inspections/", {"q": SECRET})
        assert response.status_code == 500
        assert SECRET not in response.content.decode()
        assert "RuntimeError" in {line.get("error") for line in lines()}
        client.post("/accounts/login/", {"login": SECRET, "password": SECRET})
        client.post(f"/inspections/{sefton.public_id}/", {"note": SECRET})
        assert SECRET not in json.dumps(lines())
