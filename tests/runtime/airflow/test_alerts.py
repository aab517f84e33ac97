"""A task that failed for good is noted, and told to whom it concerns."""

from __future__ import annotations

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from runtime.airflow.alerts import notify_failure
from runtime.local.ports import HOST

CONTEXT = {
    "task_instance": SimpleNamespace(dag_id="ingest", task_id="load", map_index=3, run_id="r", try_number=2),
    "exception": ValueError("a name of somebody"),
}
NOTE = {"dag_id": "ingest", "task_id": "load", "map_index": 3, "run_id": "r", "try_number": 2, "error": "ValueError"}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ANSINH_HOME", str(tmp_path))
    monkeypatch.delenv("ANSINH_ALERT_WEBHOOK", raising=False)
    return tmp_path


@pytest.fixture
def webhook():
    """An address that takes notes, what it got, and the status it answers with."""
    got, status = [], [200]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status[0])
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{HOST}:{server.server_port}/t0ken", got, status
    server.shutdown()
    server.server_close()


def notes(home) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home / "logs" / "failures.jsonl").read_text().splitlines()]


def test_a_failure_is_noted_without_its_text(home):
    notify_failure(CONTEXT)
    notify_failure(CONTEXT)
    assert notes(home) == [NOTE, NOTE]


def test_the_webhook_is_told(home, webhook, monkeypatch):
    address, got, _ = webhook
    monkeypatch.setenv("ANSINH_ALERT_WEBHOOK", address)
    notify_failure(CONTEXT)
    assert got == [NOTE]


@pytest.mark.parametrize("address", [f"http://{HOST}:1/t0ken", "ftp://t0ken", "t0ken", "http://[t0ken"])
def test_a_webhook_that_does_not_take_it_fails_nothing_and_its_address_is_not_logged(
    home, monkeypatch, caplog, address
):
    monkeypatch.setenv("ANSINH_ALERT_WEBHOOK", address)
    with caplog.at_level(logging.ERROR):
        notify_failure(CONTEXT)
    assert notes(home) == [NOTE]
    assert "did not take" in caplog.text
    assert "t0ken" not in caplog.text


def test_a_webhook_that_answers_with_an_error_is_logged_with_its_status(home, webhook, monkeypatch, caplog):
    address, _, status = webhook
    status[0] = 500
    monkeypatch.setenv("ANSINH_ALERT_WEBHOOK", address)
    notify_failure(CONTEXT)
    assert "500" in caplog.text
    assert "t0ken" not in caplog.text
