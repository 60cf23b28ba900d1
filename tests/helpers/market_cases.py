"""The shared cases of venues' files, and a check of a history against what each expects."""

import csv
import json
import re
from functools import cache

import pytest
from places import SHARED

FILES = SHARED / "cases" / "files"
needs_files = pytest.mark.skipif(
    not FILES.is_dir(), reason="the cases of venues' files are not beside the checkout"
)


@cache
def sets():
    if not FILES.is_dir():
        return []
    return json.loads((FILES / "expect.json").read_text(encoding="utf-8"))["sets"]


def words(case, output):
    """The command line of a case."""
    found = ["history"]
    for role in ("spot", "futures", "funding"):
        if case.get(role):
            found += [f"--{role}", str(FILES / case[role])]
    return [*found, *case["args"], "-o", str(output)]


def rows(path):
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def number(text):
    return None if text == "" else float(text)


def differences(case, path):
    """What a history has other than its case expects."""
    found, wrong = rows(path), []
    if len(found) != case["rows"]:
        wrong.append(f"{len(found)} rows, not {case['rows']}")
    for end, row in (("first", found[0]), ("last", found[-1])):
        if row["time"] != case[end]["time"]:
            wrong.append(f"{end} time {row['time']}")
        for name in ("spot", "futures", "funding_rate", "interval_hours"):
            want = case[end][name]
            if number(row[name]) != (None if want is None else pytest.approx(want, rel=1e-12)):
                wrong.append(f"{end} {name} {row[name]}")
    for name, total in case["sums"].items():
        values = [number(row[name]) for row in found]
        if total is None and any(value is not None for value in values):
            wrong.append(f"{name} is not blank")
        if total is not None and sum(values) != pytest.approx(total, rel=1e-12):
            wrong.append(f"the sum of {name} {sum(values)}")
    return wrong


def speaks_of(case, sentence):
    return re.search(case["hint"], sentence, re.IGNORECASE) is not None
