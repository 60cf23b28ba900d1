"""Excel on the Mac, on the web and on Windows without VBA: an Office add-in over a server.

Rendered from the catalogue; `xlhedge.server` answers what the add-in asks.
"""
