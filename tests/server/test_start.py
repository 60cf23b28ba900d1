"""How the server starts: one a port, and what is said when it cannot."""

import signal
import socket
from concurrent.futures.process import BrokenProcessPool

import pytest

from xlhedge.errors import FileError
from xlhedge.server import certificates, run
from xlhedge.server.workers import Pool


@pytest.fixture
def port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_two_servers_that_start_together_are_told_apart_before_either_serves(port):
    with (
        run._bound("127.0.0.1", port),
        pytest.raises(FileError, match=f"cannot listen at 127.0.0.1 port {port}: Address already"),
    ):
        run._bound("127.0.0.1", port)


def test_a_server_without_processes_does_not_say_that_it_serves(monkeypatch, tmp_path, port):
    async def refused(_):
        raise BrokenProcessPool("killed")

    monkeypatch.setattr(certificates, "folder", lambda: tmp_path)
    monkeypatch.setattr(Pool, "start", refused)
    before = signal.getsignal(signal.SIGTERM)
    said = []
    try:
        with pytest.raises(FileError, match="processes that calculate could not be started"):
            run.serve_local(port, run.Limits(workers=1), started=lambda: said.append("serving"))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert said == []
