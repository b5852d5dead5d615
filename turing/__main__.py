"""The command line behind `manage.py`, `turing-arena` and `python -m turing`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    # Help and error texts repeat what was typed.
    sys.argv[0] = "python -m turing"
    main()
