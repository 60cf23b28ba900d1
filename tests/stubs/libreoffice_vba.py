"""Runs the add-in's VBA in LibreOffice: started by its Python, told what to do in JSON.

    python3 libreoffice_vba.py < request > reply

LibreOffice loads xlhedge.xlam and runs the VBA in it. In place of the module that starts the COM
server stands one whose XLPy is an object of this process, which hands each call to the real Python
side (`fake_excel`). So the wrappers, the arguments and the errors are real, COM and Excel are not.
"""

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.script import XInvocation
from com.sun.star.uno import RuntimeException

sys.path.insert(0, str(Path(__file__).parent))
from fake_excel import Excel

TEXT = 2  # com.sun.star.sheet.FormulaResult

BRIDGE = """Rem Attribute VBA_ModuleType=VBAModule
Option VBASupport 1
Public Server As Variant
Public Dead As Boolean
Public Starts As Long
Public Sub EndServer()
    Dead = True
End Sub
Public Function Started() As Long
    Started = Starts
End Function
Public Sub SetServer(given)
    Set Server = given
End Sub
Public Function XLPy()
    If IsEmpty(Server) Then Err.Raise 1001, , "no Python here"
    Starts = Starts + 1
    Set XLPy = New StandIn
End Function
Public Function Asked(worksheet_name, given)
    Asked = Server.CallUDF(worksheet_name, given)
End Function
Public Function XlhedgeFolder() As String
End Function
Public Function XlhedgeProgram(program) As String
End Function
"""

STAND_IN = """Rem Attribute VBA_ModuleType=VBAClassModule
Option VBASupport 1
Option ClassModule
' UNO gives rows as arrays in an array; COM gives two dimensions.
Public Function CallUDF(python_module, worksheet_name, given)
    Dim rows, i As Long, j As Long
    If xlhedge_bridge.Dead Then
        xlhedge_bridge.Dead = False
        Err.Raise 462, , "the remote server machine does not exist"
    End If
    rows = Asked(worksheet_name, given)
    CallUDF = rows
    If Not IsArray(rows) Then Exit Function
    If Not IsArray(rows(0)) Then Exit Function
    Dim block(1 To UBound(rows) + 1, 1 To UBound(rows(0)) + 1)
    For i = 0 To UBound(rows)
        For j = 0 To UBound(rows(0))
            block(i + 1, j + 1) = rows(i)(j)
        Next j
    Next i
    CallUDF = block
End Function
"""


class XLPy(unohelper.Base, XInvocation):
    """The object on which VBA calls CallUDF."""

    def __init__(self, excel):
        self.excel = excel

    def getIntrospection(self):  # noqa: N802 - XInvocation names it so
        return None

    def invoke(self, member, arguments, indices, values):
        name, given = arguments
        return as_uno(self.excel.call(name, *given)), (), ()

    def hasMethod(self, name):  # noqa: N802 - the same
        return name == "CallUDF"

    def hasProperty(self, name):  # noqa: N802 - the same
        return False


def as_uno(value):
    return tuple(map(as_uno, value)) if isinstance(value, list) else value


def option(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def connected(pipe):
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", context
    )
    for _ in range(200):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:
            time.sleep(0.2)
    raise TimeoutError("LibreOffice did not answer")


def results(document, request, excel):
    library = document.BasicLibraries.getByName("xlhedge")
    found = {"modules": {name: library.getByName(name) for name in library.ElementNames}}
    library.replaceByName("xlhedge_bridge", BRIDGE)
    library.insertByName("StandIn", STAND_IN)
    scripts = document.getScriptProvider()

    def run(macro, *arguments):
        address = f"vnd.sun.star.script:xlhedge.{macro}?language=Basic&location=document"
        return scripts.getScript(address).invoke(arguments, (), ())[0]

    sheet = document.Sheets.getByIndex(0)
    found["without python"] = shown(sheet, "Z1", "=XLHEDGE_VERSION()")
    found["last error"] = run("xlhedge_udfs.XLHEDGE_LAST_ERROR")
    # The object is set; LibreOffice then asks it for an interface that it can do without.
    with contextlib.suppress(RuntimeException):
        run("xlhedge_bridge.SetServer", XLPy(excel))
    time.sleep(request["patience"])
    for address, value in request["cells"].items():
        cell = sheet.getCellRangeByName(address)
        cell.setString(value) if isinstance(value, str) else cell.setValue(value)
    found["formulas"] = [shown(sheet, "Z1", formula) for formula in request["formulas"]]
    block = sheet.getCellRangeByName(request["array"]["range"])
    block.setArrayFormula(request["array"]["formula"])
    found["array"] = [list(row) for row in block.getDataArray()]
    found["names"] = [run("xlhedge_udfs.OwnName", formula) for formula in request["named"]]
    starts = [run("xlhedge_bridge.Started")]
    run("xlhedge_bridge.EndServer")
    renewed = shown(sheet, "Z1", "=HEDGE_CONTRACTS(2000;50000)")
    found["renewed"] = [renewed, *starts, run("xlhedge_bridge.Started")]
    found["repairs"] = repairs(library, run, request["repairs"])
    return found


def handlers(source):
    """The add-in's handlers of events, as a class that a test can call."""
    lines = [
        line for line in source.splitlines() if not line.startswith(("Attribute", "Rem", "Opt"))
    ]
    text = "\n".join(lines)
    for old, new in (
        ("Private WithEvents Host As Application", "Public Host As Object"),
        ("Private Sub", "Public Sub"),
        ("As Workbook", "As Object"),
        ("Set Host = Application", "Set Host = TestHost"),
        ("In Workbooks", "In TestHost.Books"),
        ("ActiveWorkbook", "TestHost.Active"),
        ("Application.", "TestHost."),
        ('GetSetting("xlhedge", "Places", "StartAhead", "1")', '"1"'),  # there is no registry
    ):
        text = text.replace(old, new)
    head = "Rem Attribute VBA_ModuleType=VBAClassModule\nOption VBASupport 1\nOption ClassModule\n"
    return head + text + "\n"


def repairs(library, run, scenarios):
    """What the add-in's handlers do to workbooks of a fake Excel, step by step."""
    for file in sorted(Path(__file__).with_name("vba").glob("*.bas")):
        library.insertByName(file.stem, file.read_text(encoding="ascii"))
    source = library.getByName("xlhedge_udfs")
    source = source.replace("Application.", "TestHost.")
    asked = (
        "\nPublic Sub XlhedgeReenterAsked(ByVal book As Object)\n    Repair book, True\nEnd Sub\n"
    )
    waiting = (
        "Public Function TryAreWaiting(area, values)\n    TryAreWaiting = AreWaiting(area, values)"
    )
    library.replaceByName("xlhedge_udfs", f"{source}{asked}{waiting}\nEnd Function\n")
    library.insertByName("Handlers", handlers(library.getByName("ThisWorkbook")))
    told = []
    for scenario in scenarios:
        run("Scenario.Start", scenario["mode"], scenario["saved"], scenario["cloud"])
        for sheet in scenario["sheets"]:
            run("Scenario.AddSheet", sheet["name"], sheet["protected"], not sheet["cells"])
            for cell in sheet["cells"]:
                run("Scenario.AddCell", *cell)
        told.append(run("Scenario.Run", scenario["handler"]))
    told += [run("Scenario.Heard", True), run("Scenario.Heard", False)]
    return [*told, *(run("Scenario.Waits", *case) for case in WAITING)]


WAITING = [("some", "=B1"), ("all", "=B1"), ("some", ""), ("none", ""), ("no blank", "=B1")]
"""Which of two cells have formulas, and the second cell's."""


def shown(sheet, address, formula):
    cell = sheet.getCellRangeByName(address)
    cell.setFormula(formula)
    return cell.getString() if cell.getString().startswith("Error") else value_of(cell)


def value_of(cell):
    kind = cell.FormulaResultType2
    return cell.getString() if kind == TEXT else cell.getValue()


def main():
    request = json.load(sys.stdin)
    pipe = f"xlhedge{time.time_ns()}"
    office = subprocess.Popen(
        [
            request["soffice"],
            "--headless",
            "--norestore",
            "--nologo",
            f"-env:UserInstallation={Path(request['profile']).as_uri()}",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    context = connected(pipe)
    desktop = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.frame.Desktop", context
    )
    options = (
        option("Hidden", True),
        option("MacroExecutionMode", 4),
        option("FilterName", "Calc MS Excel 2007 VBA XML"),
    )
    address = Path(request["add_in"]).as_uri()
    document = desktop.loadComponentFromURL(address, "_blank", 0, options)
    try:
        with Excel(request["python"]) as excel:
            json.dump(results(document, request, excel), sys.stdout)
    finally:
        document.close(True)
        try:
            desktop.terminate()
        finally:
            office.wait(30)


if __name__ == "__main__":
    main()
