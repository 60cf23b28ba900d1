"""What Excel loads of the Office add-in."""

import json
import re
import struct

import pytest
from lxml import etree

from xlhedge.catalog import CATALOG
from xlhedge.hosts.office_js import manifest, render

ORIGIN = "https://localhost:8443"
FUNCTIONS = render.functions(f"{ORIGIN}/functions.html")["functions"]
MAIN = "{http://schemas.microsoft.com/office/appforoffice/1.1}"
OVER = "{http://schemas.microsoft.com/office/taskpaneappversionoverrides}"
BASIC = "{http://schemas.microsoft.com/office/officeappbasictypes/1.0}"


def test_every_function_of_the_catalogue_is_declared_below_the_namespace():
    assert [item["id"] for item in FUNCTIONS] == [
        name.removeprefix("XLHEDGE_") for name in CATALOG
    ]  # fmt: skip
    for item in FUNCTIONS:
        assert re.fullmatch(r"[A-Z][A-Z0-9_]{2,127}", item["id"])
        assert item["name"] == item["id"]
        assert 0 < len(item["description"]) <= 255
        assert item["result"] == {"dimensionality": "matrix"}


def test_arguments_have_help_and_no_optional_one_stands_before_a_required_one():
    for item in FUNCTIONS:
        kinds = [bool(p.get("optional") or p.get("repeating")) for p in item["parameters"]]
        assert kinds == sorted(kinds), item["id"]
        assert all(parameter["description"] for parameter in item["parameters"])
    names = {p["name"]: p for p in next(f for f in FUNCTIONS if f["id"] == "BASIS")["parameters"]}
    assert names["unit"]["description"].endswith("Options: price, pct, bp, log.")
    assert names["unit"]["optional"]
    assert "optional" not in names["spot_price"]


def test_errors_reach_the_functions_and_results_are_rectangles():
    assert render.functions("x")["allowErrorForDataTypeAny"] is True
    options = {json.dumps(item["options"], sort_keys=True) for item in FUNCTIONS}
    assert options == {
        '{"cancelable": true, "requiresAddress": true, "requiresParameterAddresses": true}'
    }


def test_simulations_are_sent_alone():
    text = render.functions_script(render.Bounds(1000, 60.0))
    settings = json.loads(re.search(r"const SETTINGS = (.*);", text)[1])
    alone = {name for name, told in settings["functions"].items() if told["alone"]}
    assert alone == {"VAR_FILTERED", "VAR_JOINT", "ACCOUNT_PROBABILITY", "ACCOUNT_BUFFER"}
    assert (settings["bodyBytes"], settings["seconds"]) == (1000, 60.0)


@pytest.fixture
def tree():
    text = manifest.render(ORIGIN, fragment="token=a_b-c", domains=["https://login.test"])
    return etree.fromstring(text.encode())


def test_the_manifest_has_its_elements_in_the_order_that_the_schema_asks(tree):
    names = [element.tag.rpartition("}")[2] for element in tree]
    assert names == [
        "Id", "Version", "ProviderName", "DefaultLocale", "DisplayName", "Description", "IconUrl",
        "HighResolutionIconUrl", "SupportUrl", "AppDomains", "Hosts", "Requirements",
        "DefaultSettings", "Permissions", "VersionOverrides",
    ]  # fmt: skip
    host = tree.find(f"{OVER}VersionOverrides/{OVER}Hosts/{OVER}Host")
    assert [element.tag.rpartition("}")[2] for element in host] == [
        "Runtimes", "AllFormFactors", "DesktopFormFactor",
    ]  # fmt: skip


def test_everything_that_the_manifest_refers_to_is_in_its_resources_once(tree):
    resources = tree.find(f"{OVER}VersionOverrides/{OVER}Resources")
    kinds = [element.tag.rpartition("}")[2] for element in resources]
    assert kinds == ["Images", "Urls", "ShortStrings", "LongStrings"]
    given = [element.get("id") for element in resources.iter() if element.get("id")]
    used = {element.get("resid") for element in tree.iter() if element.get("resid")}
    assert len(given) == len(set(given))
    assert set(given) == used
    short = resources.findall(f"{BASIC}ShortStrings/{BASIC}String")
    assert all(len(item.get("DefaultValue")) <= 125 for item in short)


def test_the_pane_the_functions_and_the_button_share_a_runtime(tree):
    pages = tree.iter(f"{OVER}Runtime", f"{OVER}FunctionFile")
    assert {page.get("resid") for page in pages} == {"Pane.Url"}
    sets = {item.get("Name"): item.get("MinVersion") for item in tree.iter(f"{MAIN}Set")}
    assert sets == {"SharedRuntime": "1.1", "CustomFunctionsRuntime": "1.3"}
    namespace = tree.find(f".//{BASIC}String[@id='Namespace']").get("DefaultValue")
    assert namespace == "XLHEDGE"


def test_the_token_stands_in_fragments_alone(tree):
    addresses = [value for element in tree.iter() for value in element.attrib.values()]
    with_token = {value for value in addresses if "a_b-c" in value}
    assert with_token == {f"{ORIGIN}/pane.html#token=a_b-c"}


def test_each_address_has_an_add_in_of_its_own():
    assert manifest.identifier(ORIGIN) == manifest.identifier(ORIGIN)
    assert manifest.identifier(ORIGIN) != manifest.identifier("https://xlhedge.company.com")


@pytest.mark.parametrize("size", manifest.SIZES)
def test_an_icon_is_a_picture_of_its_size(size):
    content = render.icon(size)
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24]) == (size, size)
