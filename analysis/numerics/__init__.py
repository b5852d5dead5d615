"""Arrays, counting, linear algebra and intervals: what every estimator stands on."""
