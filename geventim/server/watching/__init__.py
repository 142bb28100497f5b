"""How a server is doing, told to whoever watches it: in figures, in lines, over HTTP."""
