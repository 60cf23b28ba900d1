"""The registry of Windows as a dictionary, and folders that are temporary."""

import pytest

from xlhedge.hosts.excel.places import Places

OPTIONS = r"Software\Microsoft\Office\16.0\Excel\Options"
ADD_INS = r"Software\Microsoft\Office\16.0\Excel\Add-in Manager"


class FakeRegistry:
    """A registry in a dictionary: (machine, key) to values."""

    def __init__(self):
        self.content = {}

    def values(self, key, *, machine=False):
        return dict(self.content.get((machine, key), {}))

    def keys(self, key, *, machine=False):
        below = [
            k[len(key) + 1 :] for m, k in self.content if m == machine and k.startswith(key + "\\")
        ]
        return sorted({name.split("\\")[0] for name in below})

    def set(self, key, name, value, machine=False):
        self.content.setdefault((machine, key), {})[name] = value

    def remove(self, key, name=None):
        if name is None:
            self.content.pop((False, key), None)
        else:
            self.content.get((False, key), {}).pop(name, None)


@pytest.fixture
def registry():
    made = FakeRegistry()
    made.set(OPTIONS, "OPEN", r'/R "C:\other\tools.xlam"')
    made.set(OPTIONS, "OPEN1", r'/R "C:\old\xlhedge.xlam"')
    made.set(OPTIONS, "OPEN2", r"C:\more\third.xll")
    made.set(OPTIONS, "Font", "Calibri")
    made.set(ADD_INS, r"C:\old\xlhedge.xlam", "")
    made.set(ADD_INS, r"C:\other\unticked.xlam", "")
    return made


@pytest.fixture
def places(tmp_path):
    return Places.of(tmp_path / "xlhedge")
