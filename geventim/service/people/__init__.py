"""Accounts and those who are connected: who may do how much, and what others learn of it.

Knows no log and no turn.
"""
