"""The server of the Office add-in as a process, and Chromium that trusts it."""

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from places import ROOT

BROWSER = ROOT / "tests" / "office_js"
MODULES = BROWSER / "node_modules"
OFFICE_JS = MODULES / "@microsoft" / "office-js" / "dist"
CHROMIUM = "/usr/bin/chromium"
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip

SHEET = """<!doctype html><title>a sheet</title>
<script>{excel}</script>
<script src="/office-js/custom-functions-runtime.js"></script>
<script src="/functions.js"></script>"""


def missing():
    """Why the browser's tests cannot run here, in a sentence; "" where they can."""
    for program in ("node", "certutil"):
        if shutil.which(program) is None:
            return f"{program} was not found: on Debian, install nodejs and libnss3-tools"
    if not Path(CHROMIUM).is_file():
        return "Chromium was not found: on Debian, install the package chromium"
    if not OFFICE_JS.is_dir():
        return "Microsoft's packages are not there: run `npm ci` in tests/office_js"
    if find_spec("playwright") is None:
        return "playwright is not installed: pip install -e '.[browser]'"
    return ""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Server:
    """`xlhedge serve` in folders of its own."""

    def __init__(self, folder, *options, workers=2):
        self.port = free_port()
        self.origin = f"https://localhost:{self.port}"
        self.folder = folder / "xlhedge" / "server"
        self.environment = os.environ | {
            "XDG_DATA_HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        self.options = ["--port", str(self.port), "--workers", str(workers), *map(str, options)]
        self.process = None
        self.plain = False  # behind a proxy, which ends TLS

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "xlhedge", "serve", *self.options],
            env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(self.process.communicate())
            try:
                if self.ask("GET", "/health")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server does not answer")

    @property
    def token(self):
        return (self.folder / "token").read_text()

    @property
    def authority(self):
        return self.folder / "authority.pem"

    def connection(self, timeout=60):
        if self.plain:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        context = ssl.create_default_context(cafile=self.authority)
        return http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=context)

    def ask(self, method, path, body=None, *, token=None, **headers):
        """Status and content of an answer."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = self.connection()
        try:
            connection.request(
                method, path, body, {k.replace("_", "-"): v for k, v in headers.items()}
            )
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def call(self, *calls, token=None):
        """The results of calls, each a name and arguments."""
        body = json.dumps({"calls": [[name, list(cells)] for name, *cells in calls]})
        status, content = self.ask("POST", "/call", body, token=token or self.token)
        assert status == 200, content
        return json.loads(content)["results"]

    def stop(self, number=signal.SIGTERM):
        """End it, and give its output."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=30)


def trusting(folder, authority):
    """A home folder in which Chromium trusts an authority."""
    store = folder / ".pki" / "nssdb"
    store.mkdir(parents=True)
    base = ["certutil", "-d", f"sql:{store}"]
    subprocess.run([*base, "-N", "--empty-password"], check=True, capture_output=True)
    subprocess.run(
        [*base, "-A", "-t", "C,,", "-n", "xlhedge", "-i", str(authority)],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


def chromium(playwright, home):
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=list(SWITCHES), env=os.environ | {"HOME": str(home)}
    )


def open_sheet(page, server, token=None):
    """A page in which the functions run as in Excel, with what Excel does in `window.excel`."""
    html = SHEET.replace("{excel}", (BROWSER / "excel.js").read_text(encoding="utf-8"))
    address = f"{server.origin}/sheet.html"
    page.route(address + "*", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{address}#token={token or server.token}")
    return page
