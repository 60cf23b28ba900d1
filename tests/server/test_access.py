"""Tokens of an identity provider: which are taken, and that everything else is not."""

import asyncio
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from xlhedge.errors import InputError
from xlhedge.server import access
from xlhedge.server.access import OpenIdConnect

ISSUER = "https://login.test/tenant"
KEYS = {"a": rsa.generate_private_key(65537, 2048), "b": ec.generate_private_key(ec.SECP256R1())}
STRANGER = rsa.generate_private_key(65537, 2048)
ALGORITHMS = {"a": "RS256", "b": "ES256"}


class Provider:
    """Answers as an identity provider does."""

    def __init__(self):
        self.kids, self.asked, self.issuer, self.away = ["a"], [], ISSUER, False

    def fetch(self, address):
        self.asked.append(address)
        if self.away:
            raise OSError("no route")
        if address == f"{ISSUER}/.well-known/openid-configuration":
            return {"issuer": self.issuer, "jwks_uri": "https://login.test/keys"}
        assert address == "https://login.test/keys"
        return {"keys": [public(kid) for kid in self.kids]}


def public(kid):
    kind = jwt.algorithms.RSAAlgorithm if kid == "a" else jwt.algorithms.ECAlgorithm
    return json.loads(kind.to_jwk(KEYS[kid].public_key())) | {"kid": kid, "use": "sig"}


@pytest.fixture
def provider(monkeypatch):
    answering = Provider()
    monkeypatch.setattr(access, "_fetch", answering.fetch)
    return answering


@pytest.fixture
def company(provider):
    known = OpenIdConnect(ISSUER, "xlhedge")
    known.read()
    return known


def token(kid="a", key=None, algorithm=None, **changes):
    claims = {"iss": ISSUER, "aud": "xlhedge", "sub": "u", "exp": time.time() + 60} | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(
        claims, key or KEYS[kid], algorithm or ALGORITHMS[kid], headers={"kid": kid}
    )  # fmt: skip


def refusal(company, text):
    return asyncio.run(company.refusal(f"Bearer {text}"))


def test_a_token_that_the_provider_signed_for_this_server_is_taken(company):
    assert refusal(company, token()) is None
    assert refusal(company, token(aud=["other", "xlhedge"])) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other"}, {"aud": None}, {"iss": "https://login.test/other"}, {"iss": None},
        {"exp": None}, {"sub": None}, {"nbf": time.time() + 3600},
        {"kid": "unknown", "key": KEYS["a"], "algorithm": "RS256"}, {"key": STRANGER},
        {"key": "x" * 32, "algorithm": "HS256"}, {"key": "", "algorithm": "none"},
        {"kid": "a", "key": KEYS["b"], "algorithm": "ES256"},
    ],
)  # fmt: skip
def test_any_other_token_is_not(company, changes):
    if changes.get("algorithm") == "none":
        text = jwt.encode({"iss": ISSUER, "aud": "xlhedge"}, None, "none", headers={"kid": "a"})
    else:
        text = token(**changes)
    assert refusal(company, text) == "the token is not one of the identity provider for this server"


def test_the_providers_public_key_is_no_shared_secret(company):
    """The old confusion: a token signed by HMAC with the public key as its secret."""
    from base64 import urlsafe_b64encode
    from hashlib import sha256
    from hmac import new

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    secret = KEYS["a"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [{"alg": "HS256", "kid": "a"}, {"iss": ISSUER, "aud": "xlhedge", "sub": "u",
                                            "exp": time.time() + 60}]  # fmt: skip
    text = b".".join(urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in parts)
    signature = urlsafe_b64encode(new(secret, text, sha256).digest()).rstrip(b"=")
    assert refusal(company, (text + b"." + signature).decode()) is not None


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é", "." * 5000])
def test_what_is_no_token_is_refused(company, text):
    assert refusal(company, text) is not None
    assert asyncio.run(company.refusal(text)) is not None


def test_a_session_that_has_ended_says_so(company):
    assert refusal(company, token(exp=time.time() - 300)) == (
        "the session has ended: sign in again"
    )  # fmt: skip


def test_new_keys_of_the_provider_are_read_but_not_for_each_stranger(
    company, provider, monkeypatch
):
    clock = [time.monotonic()]
    monkeypatch.setattr(access.time, "monotonic", lambda: clock[0])
    before = len(provider.asked)
    provider.kids = ["b"]
    for _ in range(50):
        assert refusal(company, token("b")) is not None
    assert len(provider.asked) == before
    clock[0] += 31
    assert refusal(company, token("b")) is None
    assert refusal(company, token("a")) is not None
    assert len(provider.asked) == before + 2


def test_a_provider_that_is_away_has_not_withdrawn_its_keys(company, provider, monkeypatch):
    clock = [time.monotonic() + 4000]
    monkeypatch.setattr(access.time, "monotonic", lambda: clock[0])
    provider.away = True
    assert refusal(company, token()) is None


def test_a_provider_that_does_not_answer_or_is_another_stops_the_start(provider):
    provider.away = True
    with pytest.raises(InputError, match="does not answer as a provider: no route"):
        OpenIdConnect(ISSUER, "xlhedge").read()
    provider.away, provider.issuer = False, "https://evil.test"
    with pytest.raises(InputError, match=r"calls itself https://evil\.test"):
        OpenIdConnect(ISSUER, "xlhedge").read()


def test_nothing_is_fetched_without_tls():
    with pytest.raises(InputError, match="must be an https address"):
        OpenIdConnect("http://login.test", "xlhedge")
    with pytest.raises(InputError, match="is not https"):
        access._fetch("file:///etc/passwd")
