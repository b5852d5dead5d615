"""Wiring: settings, URLs, the ASGI application, the command line. No behaviour lives here."""

__version__ = "0.1.0"
