"""Tokens of an identity provider: which are taken, and that everything else is not."""

import asyncio
import hmac
import json
import re
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from http.client import BadStatusLine, IncompleteRead

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from xlhedge.errors import InputError
from xlhedge.server import access
from xlhedge.server.access import OpenIdConnect

ISSUER = "https://login.test/tenant"
KEYS = {"a": rsa.generate_private_key(65537, 2048), "b": ec.generate_private_key(ec.SECP256R1())}
STRANGER = rsa.generate_private_key(65537, 2048)
ALGORITHMS = {"a": "RS256", "b": "ES256"}


AWAY = [OSError("no route"), BadStatusLine("SSH-2.0"), IncompleteRead(b"")]


class Provider:
    """Answers as an identity provider does."""

    def __init__(self):
        self.kids, self.asked, self.issuer, self.away = ["a"], [], ISSUER, None
        self.others = []

    def fetch(self, address):
        self.asked.append(address)
        if self.away:
            raise self.away
        if address == f"{ISSUER}/.well-known/openid-configuration":
            return {"issuer": self.issuer, "jwks_uri": "https://login.test/keys"}
        assert address == "https://login.test/keys"
        return {"keys": [public(kid) for kid in self.kids] + self.others}


def public(kid):
    kind = jwt.algorithms.RSAAlgorithm if kid == "a" else jwt.algorithms.ECAlgorithm
    return json.loads(kind.to_jwk(KEYS[kid].public_key())) | {"kid": kid, "use": "sig"}


def encoded(content):
    return urlsafe_b64encode(content).rstrip(b"=")


SECRET = {"kty": "oct", "k": encoded(b"s" * 32).decode(), "kid": "secret", "use": "sig"}


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
    headers = {"kid": kid} if kid else {}
    return jwt.encode(claims, key or KEYS[kid], algorithm or ALGORITHMS[kid], headers)


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
    secret = KEYS["a"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = {"iss": ISSUER, "aud": "xlhedge", "sub": "u", "exp": time.time() + 60}
    parts = ({"alg": "HS256", "kid": "a"}, claims)
    text = b".".join(encoded(json.dumps(part).encode()) for part in parts)
    signature = encoded(hmac.new(secret, text, sha256).digest())
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


@pytest.mark.parametrize("problem", AWAY)
def test_a_provider_that_is_away_has_not_withdrawn_its_keys(
    company, provider, monkeypatch, problem
):
    clock = [time.monotonic() + 4000]
    monkeypatch.setattr(access.time, "monotonic", lambda: clock[0])
    provider.away = problem
    assert refusal(company, token()) is None


@pytest.mark.parametrize("problem", AWAY)
def test_a_provider_that_does_not_answer_stops_the_start(provider, problem):
    provider.away = problem
    with pytest.raises(
        InputError, match=f"does not answer as a provider: {re.escape(str(problem))}"
    ):
        OpenIdConnect(ISSUER, "xlhedge").read()


def test_a_provider_that_is_another_or_has_no_key_for_signatures_stops_the_start(provider):
    provider.issuer = "https://evil.test"
    with pytest.raises(InputError, match=r"calls itself https://evil\.test"):
        OpenIdConnect(ISSUER, "xlhedge").read()
    provider.issuer, provider.kids = ISSUER, []
    provider.others = [SECRET, public("a") | {"use": "enc"}, public("a") | {"alg": "RSA-OAEP"}]
    with pytest.raises(InputError, match="it names no key for signatures"):
        OpenIdConnect(ISSUER, "xlhedge").read()


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
def test_a_key_signs_by_any_algorithm_of_its_kind_unless_the_provider_names_one(
    company, provider, algorithm
):
    assert refusal(company, token(algorithm=algorithm)) is None
    provider.kids, provider.others = [], [public("a") | {"alg": "RS384"}]
    company.read()
    assert (refusal(company, token(algorithm=algorithm)) is None) == (algorithm == "RS384")


def test_keys_of_other_curves_and_without_a_name_are_taken(company, provider):
    keys = {
        "ES384": ec.generate_private_key(ec.SECP384R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }
    kinds = {"ES384": jwt.algorithms.ECAlgorithm, "EdDSA": jwt.algorithms.OKPAlgorithm}
    for algorithm, key in keys.items():
        provider.kids = []
        provider.others = [
            json.loads(kinds[algorithm].to_jwk(key.public_key())),
            {"kty": "EC", "crv": "P-1024", "x": "", "y": "", "kid": "of tomorrow"},
        ]
        company.read()
        assert refusal(company, token(kid=None, key=key, algorithm=algorithm)) is None
        assert refusal(company, token("a")) is not None


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_a_secret_that_a_provider_publishes_signs_nothing(company, provider, algorithm):
    provider.others = [SECRET]
    company.read()
    header = {"alg": algorithm, "kid": "secret"}
    claims = {"iss": ISSUER, "aud": "xlhedge", "sub": "u", "exp": time.time() + 60}
    text = b".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    signature = encoded(hmac.new(b"s" * 32, text, sha256).digest())
    assert refusal(company, (text + b"." + signature).decode()) is not None


@pytest.mark.parametrize(
    "header",
    [
        {"kid": ["a"]}, {"kid": {}}, {"kid": 1}, {"alg": None}, {"alg": ["RS256"]}, {"alg": "none"},
        {"alg": "nOnE"}, {"crit": ["exp"]}, {"b64": False, "crit": ["b64"]}, {"alg": "ES256"},
        {"alg": "ES384"}, {"alg": "EdDSA"}, {"jku": "https://evil.test"},
    ],
)  # fmt: skip
def test_a_header_that_somebody_made_up_is_refused_in_a_sentence(company, header):
    text = token().split(".")
    known = {"alg": "RS256", "kid": "a"} | header
    text[0] = encoded(json.dumps(known).encode()).decode()
    assert refusal(company, ".".join(text)) is not None
    text[2] = ""
    assert refusal(company, ".".join(text)) is not None


def test_nothing_is_fetched_without_tls():
    with pytest.raises(InputError, match="must be an https address"):
        OpenIdConnect("http://login.test", "xlhedge")
    with pytest.raises(InputError, match="is not https"):
        access._fetch("file:///etc/passwd")
