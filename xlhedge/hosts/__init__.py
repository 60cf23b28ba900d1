"""Excel, LibreOffice and Python, which run the functions, and what each of them needs."""
