"""The tables of existing workbooks: read into data frames, filled from files and data frames."""

from xlhedge.tables.filling import Filled, FillReport, fill
from xlhedge.tables.reading import read_table
from xlhedge.tables.references import Reference

__all__ = ["FillReport", "Filled", "Reference", "fill", "read_table"]
