"""The full screen: a model of what is to be seen, its drawing, and the terminal that shows it.

The model knows wishes, answers, events and the names of keys, and no terminal. ``drawing`` makes
rows of what the model says, and ``rim`` alone touches the terminal.
"""
