"""How the add-in starts its COM server, read from its VBA; and the server's size."""

import json
import re

from windows import HOME, ExcelClient, windows_path

from xlhedge.hosts.excel import vba, xlam

COUNT = """
import ctypes, gc, json
memory = (ctypes.c_size_t * 10)()
ask = ctypes.WinDLL('psapi').GetProcessMemoryInfo
ask.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong]
gc.collect()
assert ask(ctypes.c_void_p(-1), ctypes.byref(memory), ctypes.sizeof(memory))
with open({target!r}, 'w') as file:
    json.dump([len(gc.get_objects()), memory[7]], file)
"""
"""Writes down how many objects the server holds and the bytes of memory that it has asked for."""


def bridge():
    return next(m.text for m in xlam.modules(vba.render()) if m.name == "xlhedge_bridge")


def bridge_command():
    """The line that starts Python, as the add-in's VBA puts it together."""
    line = re.search(r"^    ServerCommand = (.*)\r$", bridge(), re.MULTILINE)[1]
    program = re.search(r'XlhedgeFolder\(\) & "(.*)" & program', bridge())[1]
    line = line.replace('XlhedgeProgram("pythonw.exe")', f'"{HOME}{program}pythonw.exe"')
    return "".join(part.replace('""', '"') for part in re.findall(r'"((?:[^"]|"")*)"', line))


def start(windows):
    """A client whose first call starts the server."""
    library = re.search(r'LIBRARY As String = "(xlwings64.*?)"', bridge())[1]
    return ExcelClient(windows, rf"{HOME}\venv\{library}", bridge_command())


def size(excel, target):
    """Objects in the server, and bytes of memory."""
    done = excel.execute(COUNT.format(target=windows_path(target)))
    assert "hresult" not in done, done
    return json.loads(target.read_text())
