"""Files on their way to and from a server: transfers that go on after a cut and after a restart.

They decide what is asked and computed next; the disk is a port, and what reads or writes there is
computed elsewhere. They know nothing of messages, but for the names and keys that these give them.
"""
