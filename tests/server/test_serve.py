"""`xlhedge serve` as a process: what it survives, refuses and finishes."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from office_host import Server, free_port

from xlhedge.server import certificates

pytestmark = pytest.mark.slow

SIMULATION = ["VAR_FILTERED", [[0.01 * (i % 7 - 3)] for i in range(300)], 1e6, 0.99, 10, "var",
              0.94, 200_000]  # fmt: skip
"""A call that takes about a second."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server")).start()
    yield running
    running.stop()


def in_background(work):
    """Runs something in a thread; calling the result gives what it gave."""
    got = []
    thread = threading.Thread(target=lambda: got.append(work()))
    thread.start()

    def result():
        thread.join(60)
        return got[0]

    return result


def workers_of(process):
    """The numbers of a server's worker processes."""
    lists = Path(f"/proc/{process.pid}/task").glob("*/children")
    children = {child for file in lists for child in file.read_text().split()}
    return [
        int(child)
        for child in children
        if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8")
    ]


def test_the_health_is_told_to_anybody_and_calls_to_who_has_the_token(server):
    status, content = server.ask("GET", "/health")
    assert (status, json.loads(content)["workers"]) == (200, 2)
    assert server.ask("POST", "/call", b'{"calls":[]}')[0] == 401
    assert server.call(["BASIS", 3, 2])[0]["value"] == [[1.0]]
    status, content = server.ask("POST", "/doctor", token=server.token)
    assert {"system", "functions"} <= {finding["check"] for finding in json.loads(content)}


@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's list of sockets")
def test_only_the_loopback_is_listened_on(server):
    sockets = [line.split() for name in ("tcp", "tcp6")
               for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]  # fmt: skip
    listening = [words[1] for words in sockets if words[3] == "0A"]
    port = f":{server.port:04X}"
    assert [place for place in listening if place.endswith(port)] == [f"0100007F{port}"]


def test_a_larger_request_than_the_limit_gets_an_answer_that_says_so(server):
    body = b'{"calls":[["XLHEDGE_WHY",["' + b"x" * 33_600_000 + b'"]]]}'
    status, content = server.ask("POST", "/call", body, token=server.token)
    assert (status, json.loads(content)["error"]) == (
        413, "the request is larger than 32 MB: use fewer cells in one formula"
    )  # fmt: skip


def test_a_client_that_never_finishes_its_headers_is_left_and_holds_up_nobody(server):
    context = ssl.create_default_context(cafile=server.authority)
    start = time.monotonic()
    raw = socket.create_connection(("127.0.0.1", server.port))
    with context.wrap_socket(raw, server_hostname="localhost") as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\n")
        slow.settimeout(1.0)
        closed = False
        while not closed and time.monotonic() < start + 20:
            try:
                slow.sendall(b"X-A: b\r\n")
                closed = slow.recv(100) == b""
            except TimeoutError:
                assert server.call(["BASIS", 3, 2])[0]["value"] == [[1.0]]
            except OSError:
                closed = True
    assert closed
    assert 8 < time.monotonic() - start < 15


def test_a_worker_that_is_killed_loses_no_call(server):
    waiting = in_background(lambda: server.call(SIMULATION))
    time.sleep(0.3)
    for worker in workers_of(server.process):
        os.kill(worker, signal.SIGKILL)
    assert server.call(["BASIS", 3, 2])[0]["value"] == [[1.0]]
    assert waiting()[0]["value"][0][0] > 0


def test_a_client_that_leaves_frees_its_worker(server):
    long = [*SIMULATION[:-1], 60_000_000]
    for _ in range(2):
        connection = server.connection()
        body = json.dumps({"calls": [[long[0], long[1:]]]})
        connection.request("POST", "/call", body, {"Authorization": f"Bearer {server.token}"})
        time.sleep(0.3)
        connection.close()
    start = time.monotonic()
    assert server.call(["BASIS", 3, 2])[0]["value"] == [[1.0]]
    assert time.monotonic() - start < 15


def test_what_is_under_way_is_finished_before_the_server_stops(tmp_path):
    server = Server(tmp_path, workers=1).start()
    waiting = in_background(lambda: server.call(SIMULATION))
    time.sleep(0.5)
    out, err = server.stop()
    assert waiting()[0]["value"][0][0] > 0
    assert (server.process.returncode, err) == (0, "")
    assert out.splitlines()[-1] == "stopped"
    assert workers_of(server.process) == []


def test_calls_beyond_the_time_say_so_and_the_rest_goes_on(tmp_path):
    server = Server(tmp_path, "--seconds", "1", workers=1).start()
    long = [*SIMULATION[:-1], 60_000_000]
    body = json.dumps({"calls": [[long[0], long[1:]]]})
    status, content = server.ask("POST", "/call", body, token=server.token)
    assert (status, json.loads(content)["error"]) == (
        504, "the calculation takes longer than 1 s and was ended"
    )  # fmt: skip
    assert server.call(["BASIS", 3, 2])[0]["value"] == [[1.0]]
    server.stop()


def test_a_port_that_is_taken_is_one_line(server):
    done = subprocess.run(
        [sys.executable, "-m", "xlhedge", "serve", "--port", str(server.port)],
        env=server.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        f"xlhedge: cannot listen at 127.0.0.1 port {server.port}: Address already in use\n"
    )
    assert done.stdout == ""


@pytest.fixture
def provider(tmp_path):
    """An identity provider over TLS, with an authority of its own."""
    own = certificates.identity(tmp_path / "provider", datetime.now(UTC))
    key = rsa.generate_private_key(65537, 2048)
    port = free_port()
    issuer = f"https://localhost:{port}"
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    answers = {
        "/.well-known/openid-configuration": {"issuer": issuer, "jwks_uri": f"{issuer}/keys"},
        "/keys": {"keys": [public | {"kid": "one", "use": "sig"}]},
    }

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answers[self.path]).encode())

        def log_message(self, *_):
            pass

    listening = HTTPServer(("127.0.0.1", port), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield issuer, key, own.authority
    listening.shutdown()
    listening.server_close()


def test_a_team_is_served_behind_its_proxy_with_the_providers_tokens(tmp_path, provider):
    issuer, key, authority = provider
    server = Server(
        tmp_path / "team", "--team", "--public-url", "https://xlhedge.test", "--issuer", issuer,
        "--audience", "xlhedge", workers=1,
    )  # fmt: skip
    server.environment["SSL_CERT_FILE"] = str(authority)
    server.plain = True
    server.start()
    claims = {"iss": issuer, "aud": "xlhedge", "sub": "u", "exp": time.time() + 60}
    token = jwt.encode(claims, key, "RS256", headers={"kid": "one"})
    body, names = b'{"calls":[["BASIS",[3,2]]]}', {"Host": "xlhedge.test"}
    assert server.ask("POST", "/call", body, token=token, **names)[0] == 200
    assert server.ask("POST", "/call", body, token=token)[0] == 421  # by another name
    assert server.ask("POST", "/call", body, token=token[:-8], **names)[0] == 401
    status, manifest = server.ask("GET", "/manifest.xml", **names)
    assert status == 200
    assert b"https://xlhedge.test/pane.html" in manifest
    assert b"token" not in manifest
    assert not server.folder.exists()  # no state
    assert server.stop()[1] == ""
