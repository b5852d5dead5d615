"""What a machine witness remembers of a room that is longer than a model can read at once.

The log holds all of it: what the persona has said about itself (`claims`) and what else was said
(`summary`), each version an event. An extractor writes them, and each of its words is checked
against the messages it comes from. Nothing that the interrogator types can write memory.
"""
