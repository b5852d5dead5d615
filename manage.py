#!/usr/bin/env python
"""The command line of a checkout: `manage.py serve`, `manage.py study …`, `manage.py doctor`."""

from turing.__main__ import main

if __name__ == "__main__":
    main()
