"""What is sealed, signed and counted: our use of Messaging Layer Security.

It must not know when to do that, nor what the user is told.
"""
