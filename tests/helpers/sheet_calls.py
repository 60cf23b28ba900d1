"""Short forms of what tests of single calls write often."""

from xlhedge import call


def why(name, *cells):
    return call("XLHEDGE_WHY", name, *cells)


def column(*values):
    return [[value] for value in values]
