"""Rows of styled text as a function of a scene; knows no terminal and no state of its own."""
