"""Rows of a database, by SQLAlchemy: one query, read only.

A password never stands in an address: it comes from the environment or the system's keyring and is
written nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlhedge.errors import FileError
from xlhedge.filling.sources import Source, from_memory
from xlhedge.formula.addresses import LAST_COLUMN, LAST_ROW
from xlhedge.system.limits import Limits
from xlhedge.workbook.archive import read_file

if TYPE_CHECKING:
    import sqlalchemy

PASSWORD = "XLHEDGE_SQL_PASSWORD"  # noqa: S105  # the variable's name
_KEYRING = "xlhedge-sql"
_DRIVERS = {"postgresql": "pg8000"}


def read(address: str, query: Path, limits: Limits | None = None) -> Source:
    """The rows that a query gives.

    Parameters
    ----------
    address
        As SQLAlchemy writes it, without a password: postgresql://reader@host/market.
    query
        A file with one SELECT.
    limits
        How large the file may be.

    Returns
    -------
    Source
        Columns by the names that the query gives them.

    Raises
    ------
    FileError
        When the address holds a password, the database does not answer, or the query fails. The
        sentence never holds the password.
    """
    content = read_file(query, limits or Limits.from_environment())
    try:
        statement = content.decode("utf-8-sig").strip().rstrip(";")
    except UnicodeDecodeError:
        raise FileError(f"{query} is no text in UTF-8") from None
    if not statement:
        raise FileError(f"{query} is empty")
    url = _url(address)
    name = url.render_as_string(hide_password=True)
    with _connected(url, name, query) as connection:
        found = connection.exec_driver_sql(_literal(statement, connection))
        if not found.returns_rows:
            raise FileError(f"{query} gives no rows: it must be a SELECT")
        header = list(found.keys())
        rows = [list(row) for row in found.fetchmany(LAST_ROW)]
    if len(rows) >= LAST_ROW or len(header) > LAST_COLUMN:
        raise FileError(f"{query} gives more rows or columns than a sheet holds")
    if len(set(map(str.lower, header))) < len(header):
        raise FileError(f"{query} gives two columns of one name: {', '.join(header)}")
    if not rows:
        raise FileError(f"{query} of {name} gives no rows")
    columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
    return from_memory(columns, f"{query} of {name}")


def _literal(statement: str, connection: sqlalchemy.Connection) -> str:
    """A statement without parameters, for drivers that take % for one."""
    style = connection.dialect.paramstyle
    return statement.replace("%", "%%") if style in ("format", "pyformat") else statement


def _url(address: str) -> sqlalchemy.URL:
    try:
        import sqlalchemy
    except ImportError:
        raise FileError("a database needs SQLAlchemy: pip install 'xlhedge[sql]'") from None
    try:
        url = sqlalchemy.make_url(address)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise FileError(
            "the address of the database is not of the form postgresql://USER@HOST/DATABASE"
        ) from None
    if url.password is not None or "password" in {key.lower() for key in url.query}:
        raise FileError(
            "the address of the database holds a password, which the shell's history keeps: leave "
            f"it out, and set {PASSWORD} or store it in the keyring under {_KEYRING}"
        )
    driver = _DRIVERS.get(url.drivername)
    return url.set(drivername=f"{url.drivername}+{driver}") if driver else url


def _password(url: sqlalchemy.URL) -> str | None:
    """The password of an address, from the environment or the keyring."""
    given = os.environ.get(PASSWORD)
    if given is None and url.get_backend_name() == "postgresql":
        given = os.environ.get("PGPASSWORD")
    if given is not None or url.username is None:
        return given
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(_KEYRING, f"{url.username}@{url.host or 'localhost'}")
    except KeyringError:
        return None


@contextmanager
def _connected(url: sqlalchemy.URL, name: str, query: Path) -> Iterator[sqlalchemy.Connection]:
    """A connection that cannot write."""
    import sqlalchemy

    secret = None if url.get_backend_name() == "sqlite" else _password(url)
    try:
        engine = sqlalchemy.create_engine(
            _read_only_file(url) if secret is None else url.set(password=secret)
        )
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as problem:
        raise FileError(f"{name}: {_sentence(problem, secret)}: {_hint(problem)}") from None
    try:
        with engine.connect() as connection:
            if url.get_backend_name() == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)  # noqa: PLW2901
            yield connection
    except FileError:
        raise
    except Exception as problem:  # a driver raises what it likes
        raise FileError(f"{query} of {name}: {_sentence(problem, secret)}") from None
    finally:
        engine.dispose()


def _read_only_file(url: sqlalchemy.URL) -> sqlalchemy.URL:
    """A SQLite file that is there, opened for reading alone; other addresses as they are."""
    if url.get_backend_name() != "sqlite":
        return url
    if not url.database or not Path(url.database).is_file():
        raise FileError(f"the database {url.database or '(none)'} does not exist")
    file = Path(url.database).resolve().as_uri()
    return url.set(database=f"{file}?mode=ro", query={"uri": "true"})


def _hint(problem: Exception) -> str:
    missing = isinstance(problem, ImportError)
    return "pip install 'xlhedge[sql]' or the database's driver" if missing else "look at its form"


def _sentence(problem: Any, secret: str | None) -> str:
    """What a driver says, on one line and without the password."""
    cause = getattr(problem, "orig", None) or problem
    arguments = getattr(cause, "args", ())
    said = arguments[0].get("M") if arguments and isinstance(arguments[0], dict) else str(cause)
    line = " ".join(str(said or type(cause).__name__).split())[:300]
    return line.replace(secret, "…") if secret else line
