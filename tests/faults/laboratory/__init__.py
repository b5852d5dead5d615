"""The fault laboratory: real processes on servers of their own, people who never stop talking.

While they talk, things go wrong, one after the other (`steps`). Then everybody's own account of
what was promised and shown is held against the log (`checker`). `python -m tests.faults.laboratory`
runs it; `plants` are bugs that it has to find.
"""
