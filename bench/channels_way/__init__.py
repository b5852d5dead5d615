"""A chat as the documentation of Channels teaches it, with each message stored before its ack."""
