"""Workbooks whose values Excel documents, calculated from the command line's own path."""

import json
import time

import pytest
from case_books import case_book, stored
from places import SHARED

from xlhedge.recalc import recalculated

CASES = SHARED / "cases" / "recalc.json"
LISTED = json.loads(CASES.read_text(encoding="utf-8")) if CASES.is_file() else []


def wrong(case):
    """The cells of a case that are not as they should be."""
    content, _ = recalculated(case_book(case))
    values = stored(content)
    return {
        place: (values.get(place), wanted)
        for place, wanted in case["check"].items()
        if not same(values.get(place), wanted)
    }


def same(value, wanted):
    if isinstance(wanted, (bool, str)) or isinstance(value, (bool, str)):
        return type(value) is type(wanted) and value == wanted
    return value == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@pytest.mark.skipif(not LISTED, reason="the list of cases is not beside the checkout")
@pytest.mark.parametrize("case", LISTED, ids=[case["id"] for case in LISTED])
def test_a_case_has_the_values_that_excel_documents(case):
    started = time.process_time()
    assert wrong(case) == {}
    assert time.process_time() - started < case.get("seconds", 60)
