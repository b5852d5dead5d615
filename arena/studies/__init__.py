"""The study file: its text, its fields, its design."""
