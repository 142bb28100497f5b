"""The ratchet tree: its nodes, hashes and keys, and the group context that speaks of it.

RFC 9420 §4, §7 and §8.1. Knows no message and no secret but those of its own nodes.
"""
