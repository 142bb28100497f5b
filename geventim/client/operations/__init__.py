"""What a user can want, and the conversations that it is about.

It must not know how events are shown.
"""
