"""The local server's own authority: whom it can vouch for, how long, and who can read its key."""

import ipaddress
import os
import ssl
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509 import verification

from xlhedge.errors import FileError
from xlhedge.server import certificates, trust
from xlhedge.system.executables import of_windows

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def loaded(file):
    return x509.load_pem_x509_certificates(file.read_bytes())


def verified(identity, name, now=NOW):
    """The chain by which a client that trusts the authority accepts the server under a name."""
    (root,) = loaded(identity.authority)
    store = verification.Store([root])
    verifier = verification.PolicyBuilder().store(store).time(now).build_server_verifier(name)
    leaf, *others = loaded(identity.certificate)
    return verifier.verify(leaf, others)


@pytest.mark.parametrize(
    "name", [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
)
def test_who_trusts_the_authority_accepts_the_server(tmp_path, name):
    assert len(verified(certificates.identity(tmp_path, NOW), name)) == 2


def test_the_authority_may_vouch_for_the_loopback_alone(tmp_path):
    (root,) = loaded(certificates.identity(tmp_path, NOW).authority)
    limits = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert {str(item.value) for item in limits.value.permitted_subtrees} == {
        "localhost", "127.0.0.1/32", "::1/128",
    }  # fmt: skip


def test_the_same_identity_comes_back_and_is_renewed_before_it_ends(tmp_path):
    first = certificates.identity(tmp_path, NOW)
    before = first.certificate.read_bytes()
    again = certificates.identity(tmp_path, NOW + timedelta(days=300))
    assert again == first
    assert first.certificate.read_bytes() == before
    later = NOW + timedelta(days=390)
    renewed = certificates.identity(tmp_path, later)
    assert renewed.token == first.token
    assert first.certificate.read_bytes() != before
    assert verified(renewed, x509.DNSName("localhost"), later + timedelta(days=300))


FILES = ("authority.pem", "authority.key", "server.pem", "server.key", "token")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [None, b"", b"nothing", b"\xff\xfe", "another's"])
def test_what_is_damaged_or_missing_is_made_anew(tmp_path, name, content):
    first = certificates.identity(tmp_path / "own", NOW)
    file = tmp_path / "own" / name
    if content is None:
        file.unlink()
    elif content == "another's":
        certificates.identity(tmp_path / "other", NOW)
        file.write_bytes((tmp_path / "other" / name).read_bytes())
    else:
        file.write_bytes(content)
    second = certificates.identity(tmp_path / "own", NOW)
    assert verified(second, x509.DNSName("localhost"))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(second.certificate, second.key)
    assert len(second.token) == 43
    if name != "token":
        assert second.token == first.token
    elif content != "another's":
        assert second.token != first.token


def test_a_token_that_was_cut_short_is_not_used(tmp_path):
    first = certificates.identity(tmp_path, NOW)
    (tmp_path / "token").write_text(first.token[:5])
    assert not certificates.identity(tmp_path, NOW).token.startswith(first.token[:5])


def test_a_certificate_of_the_future_is_made_anew_and_its_authority_is_not(tmp_path):
    first = certificates.identity(tmp_path, NOW)
    trusted = first.authority.read_bytes()
    certificates._make_server(
        first.certificate, first.key, first.authority, tmp_path / "authority.key",
        NOW + timedelta(days=30),
    )  # fmt: skip
    assert verified(certificates.identity(tmp_path, NOW), x509.DNSName("localhost"))
    with pytest.raises(FileError, match="is not valid before 2025-12-31: set the clock"):
        certificates.identity(tmp_path, NOW - timedelta(days=365))
    assert first.authority.read_bytes() == trusted


def test_another_process_that_makes_the_identity_is_told_of(tmp_path):
    code = "import sys; from pathlib import Path; from xlhedge.system.files import locked\n"
    code += "with locked(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        other.stdout.readline()
        with pytest.raises(FileError, match="is being written by another xlhedge"):
            certificates.identity(tmp_path, NOW)
        other.communicate("")


@pytest.mark.skipif(os.name == "nt", reason="rights are those of POSIX")
def test_keys_and_token_are_the_users_alone(tmp_path):
    place = tmp_path / "server"
    mask = os.umask(0)
    try:
        certificates.identity(place, NOW)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    for name in ("authority.key", "server.key", "token"):
        assert stat.S_IMODE((place / name).stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"file.server cannot be written"):
        certificates.identity(tmp_path / "file" / "server", NOW)


@pytest.mark.parametrize(
    ("platform", "change", "words"),
    [
        ("win32", trust.add, [str(of_windows("certutil.exe")), "-user", "-addstore", "Root"]),
        ("win32", trust.remove, [str(of_windows("certutil.exe")), "-user", "-delstore", "Root"]),
        ("darwin", trust.add, ["/usr/bin/security", "add-trusted-cert", "-r", "trustRoot"]),
        ("darwin", trust.remove, ["/usr/bin/security", "remove-trusted-cert"]),
    ],
)
def test_trust_is_put_into_the_users_own_store(monkeypatch, tmp_path, platform, change, words):
    started = []
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(trust, "_run", started.append)
    change(tmp_path / "authority.pem")
    assert started[0][: len(words)] == words


def test_where_there_is_no_store_of_the_users_nothing_is_changed(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    assert "nothing has been changed" in trust.add(tmp_path / "authority.pem")


def test_a_system_that_refuses_is_quoted_in_one_line(tmp_path):
    program = tmp_path / "certutil"
    program.write_text("#!/bin/sh\necho 'CertUtil: access denied' >&2\nexit 5\n")
    program.chmod(0o755)
    with pytest.raises(FileError, match=r"certutil refused: CertUtil: access denied"):
        trust._run([str(program)])
