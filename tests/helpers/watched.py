"""Runs commands of xlhedge under an audit hook and writes down what each reaches for.

    echo '[["recalc", "book.xlsx", "-o", "out.xlsx"]]' | python tests/helpers/watched.py REPORT.json

Network is refused. The mask is 0, so that a file is private only when it was made so.
"""

import json
import os
import stat
import sys
from pathlib import Path

REPORT = {"network": [], "started": [], "created": [], "folders": [], "parts": []}
NETWORK = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
NETWORK |= {"socket.bind", "urllib.Request", "http.client.connect", "ftplib.connect"}
STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile"}


def rights(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


def watch(event, arguments):
    if event in NETWORK:
        REPORT["network"].append([event, repr(arguments[1:])])
        raise ConnectionRefusedError(event)
    if event in STARTS:
        REPORT["started"].append([event, os.fspath(arguments[0])])
    elif event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT:
        if isinstance(arguments[0], str | bytes | os.PathLike):
            REPORT["created"].append(os.path.realpath(os.fsdecode(arguments[0])))
    elif event == "shutil.rmtree":
        REPORT["folders"].append([os.path.realpath(arguments[0]), rights(arguments[0])])
    elif event == "os.chmod" and str(arguments[0]).endswith(".xlhedge-part"):
        # The moment at which it is whole and is about to be renamed.
        REPORT["parts"].append([os.path.realpath(arguments[0]), rights(arguments[0])])


def main():
    file = sys.argv[1]
    commands = json.load(sys.stdin)
    os.umask(0)
    sys.dont_write_bytecode = True
    sys.path.pop(0)  # the folder of this script
    from xlhedge.cli import main as command

    sys.addaudithook(watch)
    told = []
    for words in commands:
        sys.argv = ["xlhedge", *words]
        try:
            command()
        except SystemExit as ended:
            if ended.code:
                raise
        told.append(json.dumps(REPORT))
        for found in REPORT.values():
            found.clear()
    Path(file).write_text(f"[{','.join(told)}]")


if __name__ == "__main__":
    main()
