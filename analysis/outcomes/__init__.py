"""From logs to rows that can be analysed: clocks, detections, episodes, beliefs."""
