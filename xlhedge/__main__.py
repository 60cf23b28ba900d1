"""`python -m xlhedge`."""

from xlhedge.cli import main

if __name__ == "__main__":
    main()
