"""What is sent: its form, its signatures and its protection (RFC 9420 §6, §10, §12).

A message is verified here as far as its own bytes and a group context go. What it does to a group
is the duty of ``epochs`` and ``groups``.
"""
