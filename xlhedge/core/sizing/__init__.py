"""How many contracts hedge a position."""
