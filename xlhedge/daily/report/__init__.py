"""The committee's page: a workbook's results as a PDF, without a spreadsheet program."""

from xlhedge.daily.report.make import report

__all__ = ["report"]
