"""Entries on their way to those who read them, live or page by page, and who stands where.

What is delivered is in a log already. Knows nothing of turns and commits.
"""
