"""A member's view of a group: joining, sending, receiving, committing, keeping (RFC 9420 §11, §12).

:class:`.group.Group` is all of it that an application needs to know.
"""
