"""How the server starts: one a port, and what is said when it cannot."""

import asyncio
import signal
import socket
import ssl
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

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


def shown(context):
    """The end of the certificate that a server shows to a new client."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server)
    answering = context.wrap_bio(to_server, to_client, server_side=True)
    for side in (asking, answering, asking):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    content = asking.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(content).not_valid_after_utc


def test_a_server_that_runs_for_months_renews_its_certificate(monkeypatch, tmp_path):
    now = datetime.now(UTC)
    monkeypatch.setattr(certificates, "folder", lambda: tmp_path)
    old = certificates.identity(tmp_path, now - timedelta(days=390))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(old.certificate, old.key)
    assert shown(context) < now + timedelta(days=30)
    asyncio.run(run._renewal(lambda: context)())
    assert shown(context) > now + timedelta(days=365)


def test_a_certificate_that_cannot_be_renewed_today_ends_no_server(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(certificates, "folder", lambda: tmp_path / "file" / "server")
    asyncio.run(run._renewal(lambda: None)())
