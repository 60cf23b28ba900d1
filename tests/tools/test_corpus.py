"""The comparison of recalculated workbooks with the values that they hold."""

import json
import shutil
import sys
from multiprocessing.pool import ThreadPool

import corpus
import pytest
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


def test_a_workbook_that_was_nearer_to_excel_is_named():
    def counted(equal, differs, **more):
        return {"counts": {"equal": equal, "differs": differs, **more}}

    assert corpus.worse(counted(5, 1), counted(5, 1)) == ""
    assert corpus.worse(counted(6, 0), counted(5, 1)) == ""
    assert corpus.worse(counted(4, 2), counted(5, 1)) == "equal 5 to 4, differs 1 to 2"
    assert corpus.worse(counted(5, 1, kept=3), counted(5, 1)) == "kept 0 to 3"
    assert corpus.worse({"problem": "FileError: damaged"}, counted(5, 1)) == "FileError: damaged"
    assert corpus.worse({"problem": "another"}, {"problem": "damaged"}) == ""


@pytest.mark.parametrize(("earlier", "code"), [(1, 0), (2, 1)])
def test_a_run_against_an_earlier_one_fails_where_a_workbook_is_worse(
    earlier, code, tmp_path, capsys, monkeypatch
):
    cached = {f"Sheet1!{place}": value for place, value in HELD.items()}
    (tmp_path / "of a bank").mkdir()
    path = tmp_path / "of a bank" / "book.xlsx"
    path.write_bytes(case_book({"sheets": {"Sheet1": CELLS}, "cached": cached}))
    before, now = tmp_path / "before.json", tmp_path / "now.json"
    counts = {"equal": earlier, "differs": 1, "kept": 1}
    before.write_text(json.dumps([{"file": "of a bank/book.xlsx", "counts": counts}]), "utf-8")
    options = ["--json", str(now), "--against", str(before)]
    monkeypatch.setattr(sys, "argv", ["corpus.py", str(tmp_path), *options])
    monkeypatch.setattr(
        corpus.multiprocessing, "Pool", lambda count, maxtasksperchild: ThreadPool(count)
    )
    with pytest.raises(SystemExit) as ended:
        corpus.main()
    assert ended.value.code == code
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("worse")]
    assert told == ["worse: of a bank/book.xlsx: equal 2 to 1"][:code]
    assert json.loads(now.read_text("utf-8"))[0]["counts"]["equal"] == 1


SUMS = {
    "A1": 5, "A2": '="5"', "A3": "x", "B1": 1, "B2": 2, "B3": 4, "C1": "=COUNTIF(A1:A3,A1)",
    "C2": '=COUNTIF(A1:A3,"<>5")', "C3": "=SUM(LARGE(B1:B3,{1,2}))", "C4": "=MATCH(3,B1:B3,TRUE)",
    "C5": '=LOOKUP(2,1/(A1:A3="x"),B1:B3)', "C6": "=SUM(B3:B1)", "C7": "=SUM((B1,B3))",
}  # fmt: skip
SAMPLE = ("margin", "stress_grid")
SENTENCE = "COUNT,IF,XLHEDGE_VERSION:"
VALUES = {"A2": "5", "C1": 2, "C2": 2, "C3": 6, "C4": 2, "C5": 4, "C6": 7, "C7": 5}


def test_a_sample_of_workbooks_is_equal_from_the_command_line(
    calculated_templates, tmp_path, capsys, monkeypatch
):
    cached = {f"Sheet1!{place}": value for place, value in VALUES.items()}
    (tmp_path / "sums.xlsx").write_bytes(case_book({"sheets": {"Sheet1": SUMS}, "cached": cached}))
    for name in SAMPLE:
        shutil.copy(calculated_templates(name)[0], tmp_path)
    monkeypatch.setattr(sys, "argv", ["corpus.py", str(tmp_path)])
    monkeypatch.setattr(
        corpus.multiprocessing, "Pool", lambda count, maxtasksperchild: ThreadPool(count)
    )
    with pytest.raises(SystemExit) as ended:
        corpus.main()
    assert ended.value.code == 0
    files, agreement, *causes = capsys.readouterr().out.splitlines()
    assert files.startswith("3 files, 3 with formulas saved by Excel: {'equal': ")
    # Each template has one sentence, which tells who calculated it.
    assert files.endswith("'differs': 2}")
    assert causes[0].split()[:2] == ["2", SENTENCE]
    assert agreement.startswith("equal: 99.")
    assert len(causes) == 2
