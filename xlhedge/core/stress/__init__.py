"""Shocked worlds and what a book is worth in them."""
