"""One epoch, and what leads from it to the next: lists of proposals, commits, transcripts.

RFC 9420 §8.2 and §12. Everything here is a function of one epoch; who has which epoch, and since
when, is known to ``groups``.
"""
