"""The worksheet without any particular spreadsheet: cells, signatures, conversion, the call."""
