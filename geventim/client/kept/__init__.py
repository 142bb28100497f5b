"""What outlives the process, by name: the records, places and messages of every conversation.

It must not know who anybody is, nor what a message says.
"""
