"""Time-to-detection statistics of Turing Arena: a plain package, at home in a notebook.

Needs no server and no web framework: give it an export, or arrays. Importing it loads nothing
heavy; each name loads what it needs when it is first used. The public names are those of the stub.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
