"""The formulas, on numbers and numpy arrays. Nothing here knows what a cell is."""
