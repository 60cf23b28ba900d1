"""A formula: addresses, tokens, structured references, and what an engine needs rewritten."""
