"""The mutation run in small; `tools/mutation/mutate.py` tries 500 changes and takes its time."""

import subprocess
import sys

import pytest
from places import TOOLS

pytest.importorskip("cosmic_ray", reason="the long runs need pip install 'xlhedge[long]'")

import mutants

SIZING = "xlhedge.core.sizing.contracts"
FOLDER = TOOLS / "mutation"


def test_the_sample_is_fixed_and_each_mutant_is_one_change_of_one_line_or_more():
    sample = mutants.sample([SIZING], 12, 9)
    assert sample == mutants.sample([SIZING], 12, 9)
    assert sample[:5] == mutants.sample([SIZING], 5, 9)
    assert sample != mutants.sample([SIZING], 12, 8)
    before = mutants.source_of(SIZING)
    for mutant in sample:
        after = mutants.mutated(mutant)
        changed = [
            line
            for line, (one, other) in enumerate(
                zip(before.splitlines(), after.splitlines(), strict=False), 1
            )
            if one != other
        ]
        assert changed[0] == mutant.line
        assert len(changed) == 1 or before.count("\n") != after.count("\n")


def test_annotations_are_left_out_and_guards_are_not():
    lines = mutants.source_of(SIZING).splitlines()
    found = {(kind, lines[line - 1].strip()) for kind, line, _ in mutants.sites(SIZING)}
    assert ("RemoveCall", "check.not_negative(lot=lot)") in found
    assert not [
        text for kind, text in found if kind == "ReplaceBinaryOperator" and " | None" in text
    ]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="children are forked")
def test_a_changed_module_is_noticed_and_an_unchanged_one_is_not():
    code = (
        "import mutate, mutants; mutate.prepare()\n"
        "source = mutants.source_of('xlhedge.core.sizing.contracts')\n"
        "files = ['tests/numbers/test_exact_core.py']\n"
        "print(mutate.stage('xlhedge.core.sizing.contracts', source, files)[0])\n"
        "worse = source.replace('quotient + 0.5', 'quotient + 0.4')\n"
        "code, first, _ = mutate.stage('xlhedge.core.sizing.contracts', worse, files)\n"
        "print(code, first)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=FOLDER, capture_output=True, text=True, check=True
    )
    unchanged, changed = run.stdout.splitlines()
    assert unchanged == "0"
    assert changed.startswith("1 tests/numbers/test_exact_core.py::test_by_hand")
