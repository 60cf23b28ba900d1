"""The local server's certificate, and the authority of its own that signs it.

The authority can vouch for this machine's loopback addresses alone (name constraints): whoever
steals its key can impersonate nobody else. Keys and token lie in the user's folder, readable to
the user alone.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from xlhedge.errors import FileError
from xlhedge.system.files import locked, save, sentence

NAME = "xlhedge local authority"
AUTHORITY = "authority.pem"
"""Its file in the folder."""

_LOOPBACK = ("127.0.0.1", "::1")
_AUTHORITY_YEARS, _SERVER_DAYS, _RENEWED_DAYS = 10, 397, 30
_EARLIER = timedelta(hours=1)  # for a clock that is a little behind
_TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class Identity(NamedTuple):
    """The files by which the local server is known, and the token that its user has."""

    authority: Path
    certificate: Path
    key: Path
    token: str


def folder() -> Path:
    r"""Where they lie: below ``%LOCALAPPDATA%\xlhedge`` or, on Linux, ``~/.local/share``."""
    from platformdirs import user_data_path

    return user_data_path("xlhedge", appauthor=False) / "server"


def identity(place: Path, now: datetime | None = None) -> Identity:
    """The identity in a folder, made or renewed where that is needed.

    Raises
    ------
    FileError
        When the folder cannot be written, or the clock is before the authority's time.
    """
    now = now or datetime.now(UTC)
    authority, authority_key = place / AUTHORITY, place / "authority.key"
    certificate, key, token = place / "server.pem", place / "server.key", place / "token"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name != "nt":
            place.chmod(0o700)
        with locked(place):
            if not _is_usable(authority, authority_key, now):
                _refuse_early(authority, now)
                _make_authority(authority, authority_key, now)
            if not _is_usable(certificate, key, now, authority):
                _make_server(certificate, key, authority, authority_key, now)
            if not _TOKEN.fullmatch(_read(token)):
                save(secrets.token_urlsafe(_TOKEN_BYTES).encode(), token, private=True)
            return Identity(authority, certificate, key, _read(token))
    except OSError as problem:
        raise FileError(f"{place} cannot be written: {sentence(problem)}") from None


def _read(token: Path) -> str:
    return token.read_text(encoding="ascii", errors="replace").strip() if token.is_file() else ""


def _is_usable(file: Path, key_file: Path, now: datetime, authority: Path | None = None) -> bool:
    """Whether a certificate is valid for a while yet, its key's and its authority's."""
    try:
        certificate = _loaded(file)
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        if authority is not None:
            certificate.verify_directly_issued_by(_loaded(authority))
    except (OSError, ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    end = certificate.not_valid_after_utc - timedelta(days=_RENEWED_DAYS)
    return (
        certificate.not_valid_before_utc <= now < end
        and certificate.public_key() == key.public_key()
    )


def _refuse_early(authority: Path, now: datetime) -> None:
    """A wrong clock can be set; another authority would have to be trusted anew."""
    try:
        start = _loaded(authority).not_valid_before_utc
    except (OSError, ValueError):
        return
    if now < start:
        raise FileError(
            f"{authority} is not valid before {start:%Y-%m-%d}: set the clock,"
            " or delete the file and run xlhedge serve --trust again"
        )


def _loaded(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def _make_authority(file: Path, key_file: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    loopback = [x509.IPAddress(ipaddress.ip_network(address)) for address in _LOOPBACK]
    certificate = (
        _builder(name, name, key.public_key(), now, timedelta(days=365 * _AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(
            x509.NameConstraints([x509.DNSName("localhost"), *loopback], None), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    save(_pem(key), key_file, private=True)
    save(certificate.public_bytes(serialization.Encoding.PEM), file)


def _make_server(
    file: Path, key_file: Path, authority_file: Path, authority_key: Path, now: datetime
) -> None:
    authority = _loaded(authority_file)
    signer = serialization.load_pem_private_key(authority_key.read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise FileError(f"{authority_key} is no key of ours: delete its folder")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.IPAddress(ipaddress.ip_address(address)) for address in _LOOPBACK]
    certificate = (
        _builder(name, authority.subject, key.public_key(), now, timedelta(days=_SERVER_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), *names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    save(_pem(key), key_file, private=True)
    both = (certificate, authority)
    save(b"".join(item.public_bytes(serialization.Encoding.PEM) for item in both), file)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + life)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
