"""Daily work with a workbook without a spreadsheet program: its summary, its inputs, its report."""
