"""Sends real ccxt to a server on this machine, in this process or as a command of its own.

    python tests/helpers/loopback.py PORT fetch history binance BTC/USDT:USDT ...

The server sees /HOST/PATH?QUERY, so that one serves all venues.
"""

import functools
import json
import os
import sys


def rewritten(addresses, port):
    if isinstance(addresses, dict):
        return {name: rewritten(value, port) for name, value in addresses.items()}
    if isinstance(addresses, str):
        return addresses.replace("https://", f"http://127.0.0.1:{port}/")
    return addresses


def pointed(exchange, port, *given, **named):
    client = exchange(*given, **named)
    client.urls["api"] = rewritten(client.urls["api"], port)
    return client


def point(port, setattr_=setattr, wait=0.01):
    """Let every connection of xlhedge go to the server; `setattr_` is monkeypatch's in tests."""
    from xlhedge.market import connection, pace

    client = functools.partial(pointed, connection.exchange, port)
    setattr_(connection, "exchange", client)
    setattr_(connection, "FIRST_WAIT", wait)
    setattr_(connection, "TIMEOUT", 2.0)
    # The venues' pace is tried in test_pace.py; here it would only cost time.
    setattr_(pace, "wait", lambda venue, seconds: None)
    setattr_(pace, "hold", lambda venue, seconds: None)


def command(monkeypatch, capsys, port, *words):
    """A command in this process: its exit code, output and errors."""
    from xlhedge import cli

    with monkeypatch.context() as patch:
        point(port, patch.setattr)
        patch.setattr(sys, "argv", ["xlhedge", *map(str, words)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
    told = capsys.readouterr()
    return code, told.out, told.err


def children():
    """Run commands in children.

    A line of standard input is a command; its child's number is printed. After the next line it is
    waited for, and how it ended is printed: until then its number is nobody else's.
    """
    import ccxt  # noqa: F401  # what is loaded once need not be loaded by each child
    import formualizer  # noqa: F401
    import tenacity  # noqa: F401

    from xlhedge.cli import main as command
    from xlhedge.market import refresh  # noqa: F401

    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            sys.argv = ["xlhedge", *json.loads(line)]
            try:
                command()
            except SystemExit as end:
                os._exit(end.code or 0)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        sys.stdin.readline()
        sys.stdout.write(f"{os.waitpid(child, 0)[1]}\n")
        sys.stdout.flush()


def main():
    port = sys.argv.pop(1)
    sys.argv[0] = "xlhedge"
    sys.path.pop(0)  # the folder of this script
    point(port)
    if sys.argv[1:] == ["--children"]:
        children()
        return
    from xlhedge.cli import main as command

    command()


if __name__ == "__main__":
    main()
