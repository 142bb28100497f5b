"""Bytes to values and back, without knowing what the values mean.

``presentation`` is the codec of MLS (RFC 9420 §2.1), ``frames`` that of the chat protocol, and
``lines`` are of text.
"""
