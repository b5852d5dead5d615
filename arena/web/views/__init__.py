"""The pages: joining, a seat's room and debrief, the host's desk. They ask, act and render."""
