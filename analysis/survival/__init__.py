"""Time to detection: incidence, tests and regression."""
