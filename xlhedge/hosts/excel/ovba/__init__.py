"""Writes VBA projects without Office: `vbaProject.bin` from the text of its modules.

The layers, each in its own module: `compression` and `project` follow [MS-OVBA], `compound` follows
[MS-CFB]. They know nothing of hedging or of spreadsheets.
"""
