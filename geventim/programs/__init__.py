"""What programs in Python talk with: ``geventim.Client``.

It composes app and lines, as terminal does for people. It must not know where a program gets its
words from, or what becomes of what it is told.

============  ==================================================
``requests``  each wish as a method
``client``    a context manager with these, that iterates events
============  ==================================================
"""
