"""What is wrong with the copy that a command made of a workbook."""

import io
import os
import re
import tempfile
import warnings

import openpyxl
from fuzz_processes import limit, waited
from recalc_helpers import assert_same_but_for_values, parts

_MARKS = re.compile(rb"<v>(nan|-?inf|None)</v>", re.IGNORECASE)
_TOUCHED = ("xl/worksheets/", "xl/charts/", "xl/chartex/", "xl/tables/", "xl/pivotCache/")
_LINKED = ("[Content_Types].xml",)


def wrong_copy(source, copy, command):
    """What is wrong with the copy of a book: parts that changed, or that it does not open."""
    try:
        old, new = parts(source), parts(copy)
    except Exception as problem:
        return f"the copy is no package: {problem}"
    gone = set(old) - set(new) - {name for name in old if "calcChain" in name}
    if gone or set(new) - set(old):
        return f"parts came or went: {gone or set(new) - set(old)}"
    for name in new:
        if old[name] == new[name]:
            continue
        if command == "recalc" and not _is_sheet(old[name]):
            return f"{name} was changed"
        if command == "fill" and not (_is_sheet(old[name]) or _may_follow(name, old[name])):
            return f"{name} was changed"
        if len(_MARKS.findall(new[name])) > len(_MARKS.findall(old[name])):
            return f"{name} holds what is no number"
    if command == "recalc":
        try:
            assert_same_but_for_values(io.BytesIO(source), io.BytesIO(copy))
        except AssertionError as problem:
            return f"more than values changed: {str(problem)[:300]}"
        except Exception:  # noqa: S110  # the comparison reads addresses that a mutant need not have
            pass
    problem = unopened(copy)
    return f"openpyxl: {problem}" if problem and not unopened(source) else ""


def _is_sheet(content):
    return b"sheetData" in content.replace(b"\0", b"")


def _may_follow(name, content):
    marks = (
        b"chartSpace",
        b"<table",
        b":table",
        b"pivotCacheDefinition",
        b"calcChain",
        b"definedName",
    )
    return name.startswith(_TOUCHED) or name in _LINKED or any(mark in content for mark in marks)


def unopened(content):
    """Why openpyxl does not open a book; empty when it does."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            try:
                limit()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    openpyxl.load_workbook(io.BytesIO(content))
            except BaseException as problem:
                said.write(repr(problem)[:300].encode())
                said.flush()
            finally:
                os._exit(0)
        ended, status, _ = waited(child)
        said.seek(0)
        return said.read().decode() or ("" if ended and not status else "took too long")
