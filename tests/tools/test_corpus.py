"""The comparison of recalculated workbooks with the values that they hold."""

import corpus
from case_books import case_book

CELLS = {
    "A1": 2, "A2": "=A1*3", "A3": "=A2+1", "A4": "=NOW()", "A5": "=A4+1", "A6": "=MyMacro(A1)",
    "A7": "=A6*2", "A8": "=1/0",
}  # fmt: skip
HELD = {"A2": 6, "A3": 8, "A4": 45000, "A5": 45001, "A6": 5, "A7": 10, "A8": 1}


def test_equal_different_kept_and_volatile_cells_are_told_apart(tmp_path):
    cached = {f"Sheet1!{place}": value for place, value in HELD.items()}
    path = tmp_path / "book.xlsx"
    path.write_bytes(case_book({"sheets": {"Sheet1": CELLS}, "cached": cached}))
    outcome = corpus.attempt(path)
    assert outcome["counts"] == {
        "equal": 1, "differs": 1, "dependent": 3, "kept": 1, "listed": 1,
    }  # fmt: skip
    assert outcome["causes"] == {"operators": 1, "error operators": 1}


def test_a_file_that_is_no_workbook_is_told_and_the_others_are_tried(tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"PK nonsense")
    assert corpus.attempt(path)["problem"].startswith("FileError")
