"""Stores that block nobody: a journal on one's own, or on one that other nodes share.

==================  =====================================================
``journal``         look-ups at once, and appends gathered
``crew``            the threads behind it
``watched_crew``    what the log tells of their failures
``durations``       how long something took, counted by size
``shared_journal``  a journal on a store that other nodes write to
``consumer``        reading what they write
``blob_keeper``     chunks of files, put and read in threads of their own
``neighbours``      telling them who is here
``patience``        asking a store again that cannot be reached
==================  =====================================================
"""
