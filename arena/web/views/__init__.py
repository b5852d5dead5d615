"""The pages: joining, a seat's room and debrief, the host's pages. They query, act and render."""
