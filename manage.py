#!/usr/bin/env python
"""The command line of Turing Arena: `manage.py serve`, `manage.py study …`, `manage.py doctor`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
