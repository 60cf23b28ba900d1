"""An xlsx package: its archive, its parts, its worksheets, and values written back into it."""
