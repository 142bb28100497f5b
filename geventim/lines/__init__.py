"""Words for people: what typed lines mean, and the sentences for whatever happens.

Knows the wishes, answers and events of a client, and nothing of what becomes of them. No input or
output, no clock.
"""
