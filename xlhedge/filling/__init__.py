"""The tables of existing workbooks: read into data frames, filled from files and data frames."""

from xlhedge.filling.pipeline import fill
from xlhedge.filling.reading import read_table
from xlhedge.filling.report import Filled, FillReport, Reference

__all__ = ["FillReport", "Filled", "Reference", "fill", "read_table"]
