"""What xlhedge's speed is, side by side with what else would do the same work.

Run with: python -m benchmarks [--quick] [--only 1,3] [--json FILE]
"""
