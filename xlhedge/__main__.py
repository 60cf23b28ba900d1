"""`python -m xlhedge`, and the command `xlhedge`."""

import sys

from xlhedge.extras import missing


def main() -> None:
    """Run the command line; where its libraries are not installed, say how to get them."""
    try:
        from xlhedge.cli import main as run
    except ModuleNotFoundError as problem:
        lacking = missing(problem)
        if lacking is None:
            raise
        print(f"xlhedge: {lacking}", file=sys.stderr)  # noqa: T201  # a command line prints
        sys.exit(2)
    run()


if __name__ == "__main__":
    main()
