"""Market data as venues give it: files and connections become one canonical history."""
