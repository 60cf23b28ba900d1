"""The ranges of a book, and what the book is worth in another market."""
