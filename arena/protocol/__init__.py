"""The wire protocol of a room, version 1: commands in, frames out."""
