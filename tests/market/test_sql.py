"""Rows of a database: SQLite, and a real PostgreSQL; passwords stand nowhere."""

import logging
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

from xlhedge.cli import main
from xlhedge.errors import FileError
from xlhedge.filling import read_table
from xlhedge.market import sql

SECRET = "a-secret-9f3b"  # noqa: S105  # made up
ROWS = [
    ("2025-06-01 08:00:00", 100000.5, 100010.25, 0.0001),
    ("2025-06-01 16:00:00", 101000.0, 101012.0, -0.00005),
]
BOOK = ROOT / "workbooks" / "basis_history.xlsx"


def xlhedge(*words, **environment):
    """Exit code and everything said by the real command."""
    done = subprocess.run(
        [sys.executable, "-m", "xlhedge", *map(str, words)],
        capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def here(capsys, monkeypatch):
    """As `xlhedge`, in this process."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["xlhedge", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out + said.err

    return run


@pytest.fixture
def lite(tmp_path):
    """A SQLite file with a table, and a query."""
    path = tmp_path / "market.db"
    with sqlite3.connect(path) as database:
        database.execute("create table bars (t text, s real, f real, r real)")
        database.executemany("insert into bars values (?, ?, ?, ?)", ROWS)
    database.close()
    query = tmp_path / "history.sql"
    query.write_text(
        "select t as time, s as spot, f as futures, r as funding_rate\nfrom bars\n"
        "where t like '2025%' and t <> '12:30' order by t;\n",
        encoding="utf-8",
    )
    return path, query


def test_a_query_of_sqlite_fills_a_table(lite, here, tmp_path):
    path, query = lite
    code, said = here(
        "fill", BOOK, f"History=sqlite:///{path}", "--query", query, "--no-recalc",
        "-o", tmp_path / "o.xlsx",
    )  # fmt: skip
    assert code == 0, said
    table = read_table(tmp_path / "o.xlsx", "History")
    assert table["spot"].tolist() == [100000.5, 101000.0]
    assert table["funding_rate"].tolist() == [0.0001, -0.00005]


def test_a_database_is_only_read(lite):
    path, query = lite
    before = path.read_bytes()
    query.write_text("delete from bars", encoding="utf-8")
    with pytest.raises(FileError, match=r"readonly|gives no rows"):
        sql.read(f"sqlite:///{path}", query)
    assert path.read_bytes() == before
    missing = path.with_name("other.db")
    with pytest.raises(FileError, match="does not exist"):
        sql.read(f"sqlite:///{missing}", query)
    assert not missing.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("select spott from bars", "no such column: spott"),
        ("selec", "syntax error"),
        ("", "is empty"),
        ("select s as time, s as time from bars", "two columns of one name"),
    ],
)
def test_a_query_that_fails_is_one_sentence(lite, text, sentence):
    path, query = lite
    query.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=sentence):
        sql.read(f"sqlite:///{path}", query)


@pytest.mark.parametrize(
    "address",
    [f"postgresql://u:{SECRET}@localhost/m", f"postgresql://u@localhost/m?password={SECRET}"],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(address, lite, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(FileError, match="holds a password") as refusal:
        sql.read(address, lite[1])
    assert SECRET not in str(refusal.value) + caplog.text


def test_a_server_that_is_not_there_is_one_sentence_without_the_password(lite, monkeypatch):
    monkeypatch.setenv(sql.PASSWORD, SECRET)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FileError) as refusal:
        sql.read(f"postgresql://u@127.0.0.1:{port}/m", lite[1])
    assert "127.0.0.1" in str(refusal.value)
    assert SECRET not in str(refusal.value)


def test_the_password_may_come_from_the_keyring(monkeypatch):
    import keyring
    from keyring.backend import KeyringBackend
    from sqlalchemy.engine import make_url

    class Held(KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            return {("xlhedge-sql", "reader@db.example"): SECRET}.get((service, username))

        def set_password(self, service, username, password):
            raise AssertionError("nothing is written")

    monkeypatch.delenv(sql.PASSWORD, raising=False)
    monkeypatch.delenv("PGPASSWORD", raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(Held())
    try:
        assert sql._password(make_url("postgresql://reader@db.example/m")) == SECRET
        assert sql._password(make_url("postgresql://other@db.example/m")) is None
    finally:
        keyring.set_keyring(before)


def test_an_address_without_a_query_is_refused(lite, here, tmp_path):
    code, said = here("fill", BOOK, f"History=sqlite:///{lite[0]}", "-o", tmp_path / "o.xlsx")
    assert (code, "--query" in said) == (1, True)


def programs():
    """Folder of PostgreSQL's programs; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a PostgreSQL that asks for a password, without it.

    `XLHEDGE_TEST_POSTGRESQL` names one that runs already, with the password above.
    """
    if os.environ.get("XLHEDGE_TEST_POSTGRESQL"):
        yield os.environ["XLHEDGE_TEST_POSTGRESQL"]
        return
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed")
    place = tmp_path_factory.mktemp("postgres")
    options = {}
    if os.geteuid() == 0:  # it does not run as root
        owner = pwd.getpwnam("postgres")
        options = {"user": owner.pw_uid, "group": owner.pw_gid}
        for path in (place, *list(place.parents)[:3]):
            path.chmod(0o755)
        os.chown(place, owner.pw_uid, owner.pw_gid)
    (place / "password").write_text(SECRET, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = place / "data"
    calls = (
        ["initdb", "-D", data, "-U", "reader", "-A", "scram-sha-256", "--pwfile",
         place / "password", "--no-sync"],
        ["pg_ctl", "-D", data, "-w", "-l", place / "log", "-o",
         f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {place}", "start"],
    )  # fmt: skip
    for name, *words in calls:
        subprocess.run([folder / name, *words], check=True, stdout=subprocess.DEVNULL, **options)
    yield f"postgresql://reader@127.0.0.1:{port}/postgres"
    stop = [folder / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
    subprocess.run(stop, check=True, stdout=subprocess.DEVNULL, **options)


@pytest.mark.slow
def test_a_query_of_postgresql_fills_a_table_and_its_password_stands_nowhere(server, tmp_path):
    query = tmp_path / "history.sql"
    query.write_text(
        "select timestamptz '2025-06-01 10:00+02' + n * interval '8 hours' as time,\n"
        "  100000.5::numeric + n as spot, 100010.25 + n as futures,\n"
        "  0.0001::float8 as funding_rate\n"
        "from generate_series(0, 4) as n where 'BTC' like 'B%' and '12:30' <> ''",
        encoding="utf-8",
    )
    out = tmp_path / "o.xlsx"
    words = ("fill", BOOK, f"History={server}", "--query", query, "--no-recalc", "-o", out)
    code, said = xlhedge(*words, XLHEDGE_SQL_PASSWORD="wrong-" + SECRET)
    assert (code, SECRET in said, "authentication" in said) == (1, False, True)
    assert not out.exists()
    cache = tmp_path / "cache"
    places = {"XDG_CACHE_HOME": str(cache), "XDG_STATE_HOME": str(cache)}
    code, said = xlhedge(*words, XLHEDGE_SQL_PASSWORD=SECRET, XLHEDGE_LOG_CELLS="1", **places)
    assert code == 0, said
    table = read_table(out, "History")
    assert [f"{time}" for time in table["time"][:2]] == [row[0] for row in ROWS]
    assert table["spot"].tolist() == [100000.5 + n for n in range(5)]
    written = b"".join(path.read_bytes() for path in cache.rglob("*") if path.is_file())
    assert SECRET.encode() not in written + out.read_bytes()
    assert SECRET not in said
    query.write_text("create table stolen (n int)", encoding="utf-8")
    code, said = xlhedge(*words, "--overwrite", XLHEDGE_SQL_PASSWORD=SECRET)
    assert (code, "read-only" in said) == (1, True)
