"""Sample sizes, and simulated studies."""
