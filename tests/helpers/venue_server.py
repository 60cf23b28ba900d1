"""HTTP servers in the place of exchanges: one replays recorded replies, one simulates a venue."""

import json
import threading
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from shared_data import DATA

REPLIES = DATA / "exchange_replies"


class Reply(NamedTuple):
    """What a server answers: data as JSON, or text as it is."""

    data: object
    status: int = 200
    headers: tuple = ()
    kind: str = "application/json"
    delay: float = 0.0


class Asked(NamedTuple):
    """A request: one level of texts, whether they came in the address or in the body."""

    method: str
    host: str
    path: str
    query: dict
    headers: dict


def flat(body):
    found = {}
    for name, value in (body or {}).items():
        found.update(flat(value) if isinstance(value, dict) else {name: str(value)})
    return found


@contextmanager
def serving(answer, now=None):
    """A server on 127.0.0.1 that answers with `answer(Asked)`; gives its port and its log."""
    log = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *words):
            pass

        def date_time_string(self, timestamp=None):
            return formatdate((now() / 1000) if now else timestamp, usegmt=True)

        def do(self):
            size = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(size) if size else b""
            try:
                body = json.loads(content) if content else None
            except ValueError:
                body = dict(parse_qsl(content.decode()))
            address = urlsplit("//" + self.path[1:])
            query = dict(parse_qsl(address.query)) | flat(body)
            asked = Asked(
                self.command, address.netloc, address.path, query, dict(self.headers.items())
            )
            log.append(asked)
            reply = answer(asked)
            sleep(reply.delay)
            text = reply.data if isinstance(reply.data, str) else json.dumps(reply.data)
            content = text.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(content)))
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do  # noqa: N815  # as the base class calls them

        def handle_one_request(self):
            try:
                super().handle_one_request()
            except ConnectionError:  # a client that was killed
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1], log
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def entries(venue):
    """The recorded entries of a venue."""
    return json.loads((REPLIES / f"{venue}.json").read_text(encoding="utf-8"))


def replayed(venue, only=None, changed=lambda request, data: data):
    """Answers with the recorded reply whose request is most like the one that came."""
    rules = []
    for entry in entries(venue):
        if entry["kind"] == "parsed" or (only and entry["method"] not in only):
            continue
        for request in entry["request"]:
            reply = entry["reply"]
            if entry.get("note") and isinstance(reply, dict) and request["path"] in reply:
                reply = reply[request["path"]]
            rules.append((request, reply))

    def answer(asked):
        best, score = None, -1000
        for request, reply in rules:
            if (request["host"], request["path"], request["method"]) != (
                asked.host, asked.path, asked.method,
            ):  # fmt: skip
                continue
            wanted = {**request["query"], **flat(request["body"])}
            if wanted.get("type", asked.query.get("type")) != asked.query.get("type"):
                continue
            alike = sum(1 if asked.query.get(k) == v else -1 for k, v in wanted.items())
            if alike > score:
                best, score = changed(request, reply), alike
        if best is None:
            return Reply({"error": "nothing recorded"}, 404)
        return Reply(best)

    return answer
