"""Conversations as groups of Messaging Layer Security: what is sealed, signed and counted.

It must not know when to do that.
"""
