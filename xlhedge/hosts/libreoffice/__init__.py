"""LibreOffice: starting it, and what runs inside it.

`launch` finds and starts LibreOffice. `addin` and `driver` are UNO components: they run in
LibreOffice's own Python and cannot be imported elsewhere. `bridge` is what the add-in asks.
"""
