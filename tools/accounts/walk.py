"""Random margin accounts: every liquidation price against a walk in small steps.

    python tools/accounts/walk.py --books 10000

Each book has two accounts of linear, inverse and dated contracts, coins, debts and haircuts,
marginal and whole brackets by notional, contracts or coins, and each kind of netting.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "helpers"))

from account_books import disagreements  # the folder is put on the path above


def main() -> int:
    """Print the disagreements and their number; 1 where there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="seed of the first book")
    options = parser.parse_args()
    start, wrong = time.process_time(), 0
    for seed in range(options.first, options.first + options.books):
        found = disagreements(seed)
        wrong += bool(found)
        for sentence in found:
            print(f"book {seed}: {sentence}")
    seconds = time.process_time() - start
    print(f"{options.books} books, {wrong} with a disagreement, {seconds:.0f} s of processor time")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
