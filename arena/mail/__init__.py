"""Letters to participants, and the reminders that send them."""
