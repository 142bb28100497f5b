"""The store of several server processes on any number of machines: Redis 7, or what is like it.

===========  =================================================================================
``store``    the store itself
``bounds``   how much a node does at a time, and how long it waits for others
``layout``   where what is, and in which form
``scripts``  what Redis does in one go
``link``     the connection: asking, writing, and waiting for replicas
``logs``     logs, written by several nodes at once; ``state``: one as it is now;
             ``plans``: what is to be written
``people``   accounts, names, invites, key packages
``blobs``    what is kept of files
``usage``    what each account makes it keep
``feeds``    what the nodes tell each other
===========  =================================================================================
"""
