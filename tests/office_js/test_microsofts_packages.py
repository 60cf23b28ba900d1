"""functions.json and the manifest, as Microsoft's own packages read them."""

import json
import subprocess

import pytest
from office_host import BROWSER

from xlhedge.hosts.office_js import manifest, render

pytestmark = pytest.mark.browser


def microsoft(what, file):
    done = subprocess.run(
        ["node", "microsoft.cjs", what, str(file)],
        cwd=BROWSER, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


RESERVED = {"var": "var_"}
"""JavaScript's words: as names they need another spelling here, and not in functions.json."""


def source(function):
    """A function with the comment from which Microsoft's package makes its metadata."""
    names, tags = [], []
    for parameter in function["parameters"]:
        name, kind = RESERVED.get(parameter["name"], parameter["name"]), "any[][]"
        names.append(name)
        if parameter.get("repeating"):
            kind = "any[][][]"
        elif parameter.get("optional"):
            name = f"[{name}]"
        tags.append(f" * @param {{{kind}}} {name} {parameter['description']}")
    return "\n".join([
        "/**", f" * {function['description']}",
        f" * @customfunction {function['id']} {function['name']}",
        f" * @helpurl {function['helpUrl']}", *tags,
        " * @param {CustomFunctions.CancelableInvocation} invocation",
        " * @returns {any[][]}", " * @requiresAddress", " * @requiresParameterAddresses", " */",
        f"function f_{function['id']}({', '.join([*names, 'invocation'])}) {{}}",
    ])  # fmt: skip


def test_microsofts_generator_makes_the_same_functions_without_an_error(tmp_path):
    ours = render.functions("https://localhost:8443/functions.html")["functions"]
    file = tmp_path / "functions.js"
    file.write_text("\n".join(map(source, ours)), encoding="utf-8")
    made = microsoft("metadata", file)
    assert made["errors"] == []
    back = {spelled: name for name, spelled in RESERVED.items()}
    for function in made["metadata"]["functions"]:
        for parameter in function["parameters"]:
            parameter["name"] = back.get(parameter["name"], parameter["name"])
    assert made["metadata"]["functions"] == ours


def test_microsofts_generator_would_have_seen_a_wrong_name(tmp_path):
    file = tmp_path / "functions.js"
    (first, *_) = render.functions("https://localhost:8443/functions.html")["functions"]
    file.write_text(source(first | {"id": "1-2", "name": "1-2"}).replace("f_1-2", "f"))
    assert microsoft("metadata", file)["errors"]


def test_microsofts_package_reads_the_manifest(tmp_path):
    file = tmp_path / "manifest.xml"
    file.write_text(manifest.render("https://localhost:8443", fragment="token=x"))
    read = microsoft("manifest", file)
    assert read["id"] == manifest.identifier("https://localhost:8443")
    assert read["officeAppType"] == "TaskPaneApp"
    assert read["hosts"] == ["Workbook"]
    assert read["defaultSettings"]["sourceLocation"] == "https://localhost:8443/pane.html#token=x"
