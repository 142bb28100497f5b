"""``client.toml``: how the screen looks, what its keys do, and what calls the user.

Text in, values and faults out; it opens no file.
"""
