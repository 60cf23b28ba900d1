"""The Calc add-in: what it holds, how it is installed, and what it says when it cannot work."""

import io
import re
import stat
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy
from calc_helpers import find
from lxml import etree

import xlhedge
from xlhedge.catalog import CATALOG, namespaced, stored
from xlhedge.errors import FileError
from xlhedge.hosts.libreoffice import install
from xlhedge.hosts.libreoffice.launch import package_folders
from xlhedge.hosts.libreoffice.render import parameters, render

OOR = "{http://openoffice.org/2001/registry}"


@pytest.fixture(scope="module")
def parts():
    with zipfile.ZipFile(io.BytesIO(render())) as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def test_the_addin_has_the_same_bytes_each_time_and_names_no_machine(parts):
    assert render() == render()
    assert "search_path.txt" not in parts
    assert not any(folder in text for text in parts.values() for folder in package_folders())


def test_the_installed_addin_records_where_the_package_is():
    with zipfile.ZipFile(io.BytesIO(render(["/one", "/two"]))) as package:
        assert package.read("search_path.txt") == b"/one\n/two\n"


def test_the_folders_recorded_are_those_that_this_python_itself_imports_from():
    folders = package_folders()
    for module in (xlhedge, np, scipy):
        assert str(Path(module.__file__).parents[1]) in folders


def test_every_function_and_argument_has_its_name_and_help(parts):
    root = etree.fromstring(parts["CalcAddIns.xcu"].encode())
    nodes = {node.get(f"{OOR}name"): node for node in root.iter("node")}
    for name, spec in {**CATALOG, **CATALOG.second_names}.items():
        texts = {
            item.get(f"{OOR}name"): item.findtext("value") for item in nodes[name].findall("prop")
        }
        assert texts["DisplayName"] == texts["CompatibilityName"] == name
        assert texts["Description"] == spec.summary
        shown = [
            [item.findtext("value") for item in node.findall("prop")]
            for node in nodes[name].find("node")
        ]
        assert [line[0] for line in shown] == [item.name for item in parameters(spec)]
        assert all(line[1] for line in shown)
    for name in CATALOG:
        props = nodes[stored(name).upper().lstrip("_")].findall("prop")
        texts = {item.get(f"{OOR}name"): item.findtext("value") for item in props}
        assert texts["DisplayName"] == namespaced(name)
        assert texts["CompatibilityName"] == stored(name)


def test_the_interface_declares_every_function_with_its_arguments(parts):
    declared = {
        match[1]: match[2].count("[in]")
        for match in re.finditer(r" ([A-Z_]+)\((.*)\);", parts["XHedge.idl"])
    }
    stored_names = {stored(name).upper().lstrip("_"): spec for name, spec in CATALOG.items()}
    every = {**CATALOG, **CATALOG.second_names, **stored_names}
    assert declared == {name: len(parameters(spec)) for name, spec in every.items()}


def test_the_function_that_tells_why_takes_the_arguments_of_every_other():
    most = max(len(spec.parameters) for spec in CATALOG.values())
    assert len(parameters(CATALOG["XLHEDGE_WHY"])) == most + 1


def test_every_part_that_libreoffice_must_know_is_in_the_manifest(parts):
    listed = set(re.findall(r'full-path="([^"]+)"', parts["META-INF/manifest.xml"]))
    assert listed == {name for name in parts if name.endswith((".idl", ".components", ".xcu"))}


def pretend(folder, monkeypatch, version):
    """A LibreOffice that tells only its version."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\necho 'LibreOffice {version} 40(Build:2)'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("XLHEDGE_SOFFICE", str(program))


@pytest.mark.skipif(sys.platform == "win32", reason="the pretended LibreOffice is a shell script")
def test_an_old_libreoffice_is_refused_in_one_line(tmp_path, monkeypatch):
    pretend(tmp_path, monkeypatch, "7.4.7.2")
    with pytest.raises(FileError, match=r"^LibreOffice 25.2 or later is needed; .* is 7.4.7.2$"):
        install.install(render())


@pytest.mark.skipif(sys.platform == "win32", reason="the pretended LibreOffice is a shell script")
def test_a_newer_libreoffice_is_taken(tmp_path, monkeypatch):
    pretend(tmp_path, monkeypatch, "26.2.0.1")
    assert find().version == "26.2.0.1"


def test_a_missing_libreoffice_is_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("XLHEDGE_SOFFICE", str(tmp_path / "none"))
    with pytest.raises(FileError, match="which is not a file"):
        find()
    monkeypatch.delenv("XLHEDGE_SOFFICE")
    monkeypatch.setattr("xlhedge.system.executables.on_path", lambda name: None)
    monkeypatch.setattr("xlhedge.hosts.libreoffice.launch._PLACES", ())
    with pytest.raises(FileError, match="LibreOffice was not found"):
        find()


@pytest.mark.calc
def test_the_addin_is_installed_told_of_and_taken_out(tmp_path):
    # Neither the user's nor the machine's own extensions are touched.
    options = (
        f"-env:UserInstallation={(tmp_path / 'user').as_uri()}",
        f"-env:UNO_SHARED_PACKAGES_CACHE={(tmp_path / 'shared').as_uri()}",
    )
    addin = render(package_folders())
    assert install.status(addin, options).installed is None
    assert install.install(addin, options).works
    told = str(install.status(addin, options))
    assert f"add-in: {xlhedge.__version__}\nfunctions: {xlhedge.__version__}" in told
    assert install.uninstall(options)
    assert not install.uninstall(options)
    assert install.status(addin, options).installed is None


@pytest.mark.calc
def test_a_package_that_cannot_be_found_is_told_in_a_sentence_and_nothing_is_installed(tmp_path):
    options = (
        f"-env:UserInstallation={(tmp_path / 'user').as_uri()}",
        f"-env:UNO_SHARED_PACKAGES_CACHE={(tmp_path / 'shared').as_uri()}",
    )
    with pytest.raises(FileError, match=r"^The Python package xlhedge was not found by Libre"):
        install.install(render(), options)
    assert install.status(render(), options).installed is None


@pytest.mark.calc
def test_a_package_inside_the_add_in_is_used_when_no_other_is_named():
    bundled = io.BytesIO(render())
    with zipfile.ZipFile(bundled, "a") as package:
        package.writestr("pythonpath/xlhedge/__init__.py", "")
        package.writestr("pythonpath/xlhedge/hosts/libreoffice/__init__.py", "")
        answer = "def answer(name, *given):\n    return f'{name} from inside'\n"
        package.writestr("pythonpath/xlhedge/hosts/libreoffice/bridge.py", answer)
    assert install.ask(find(), bundled.getvalue()) == "XLHEDGE_VERSION from inside"


@pytest.mark.calc
def test_libraries_for_another_python_are_told_in_a_sentence(tmp_path):
    broken = tmp_path / "numpy"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ImportError('built for another Python')\n")
    answer = install.ask(find(), render([str(tmp_path), package_folders()[0]]))
    assert answer.startswith("The Python package xlhedge cannot be used by LibreOffice's Python 3.")
    assert "built for another Python" in answer
