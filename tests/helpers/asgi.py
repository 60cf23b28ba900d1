"""Asks an ASGI application without a network."""

import asyncio


def ask(app, path="/health", method="GET", body=(b"",), headers=None, pause=0.0):
    """Status, headers and body of an answer; a body comes in parts, with a pause before each."""
    sent = []
    headers = {"host": "localhost:8443"} | (headers or {})
    parts = list(body)

    async def receive():
        await asyncio.sleep(pause)
        if not parts:
            await asyncio.Event().wait()
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "https", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "server": ("localhost", 8443), "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 20))
    start = sent[0]
    names = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return start["status"], names, b"".join(m.get("body", b"") for m in sent[1:])
