"""Sockets, and what runs beside them in a serving process."""
