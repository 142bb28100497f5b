"""From one secret to all others: the key schedule, pre-shared keys, the secret tree.

RFC 9420 §8 and §9. Knows no message and no group.
"""
