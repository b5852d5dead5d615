"""Tests of the export: each compares its files with the database they came from."""
