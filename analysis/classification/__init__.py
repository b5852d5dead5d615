"""How well people distinguish machines from humans: accuracy, calibration, abilities, agreement."""
