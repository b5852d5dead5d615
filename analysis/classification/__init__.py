"""How well people tell kinds apart: accuracy, calibration, abilities, agreement."""
