"""A test over the rows of a table, where a test of its own for each row costs more than the row."""

import inspect
from functools import wraps

import pytest


def each(names, rows):
    """As `pytest.mark.parametrize`, in one test: each row is tried, and all that fail are named.

    Fixtures that a test changes, such as `monkeypatch`, are the same for all its rows.
    """
    names = [names] if isinstance(names, str) else list(names)
    rows = [row if len(names) > 1 else (row,) for row in rows]
    assert all(len(row) == len(names) for row in rows)

    def table(test):
        @wraps(test)
        def over_the_table(*given, **fixtures):
            assert rows
            failed = []
            for row in rows:
                try:
                    test(*given, **fixtures, **dict(zip(names, row, strict=True)))
                except (Exception, pytest.skip.Exception) as problem:  # a skip would hide the rest
                    problem.add_note(
                        ", ".join(f"{n} = {v!r:.200}" for n, v in zip(names, row, strict=True))
                    )
                    failed.append(problem)
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {len(rows)} rows", failed)

        kept = inspect.signature(test).parameters
        assert set(names) <= set(kept)
        over_the_table.__signature__ = inspect.Signature(
            [one for name, one in kept.items() if name not in names]
        )
        return over_the_table

    return table
