"""Wiring of the product: settings, URLs and the ASGI application. No behaviour lives here."""

__version__ = "0.1.0"
