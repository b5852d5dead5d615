"""Arrays, counting, linear algebra and intervals: what every estimator is built on."""
