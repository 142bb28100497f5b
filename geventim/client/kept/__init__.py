"""What outlives the process: records of conversations, messages on their way, secrets.

It must not know who anybody is, nor what a message says.
"""
