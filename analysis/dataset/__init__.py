"""The record format of a study and its readers."""
