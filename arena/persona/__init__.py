"""The imagined person behind a machine's seat: its calendar, and when it looks at messages."""
