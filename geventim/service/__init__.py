"""What a server knows and decides, without doing any input or output itself.

Requests come in as bytes, replies and events go out through the outlets of sessions; what must be
kept goes through :class:`.ports.Journal`. It never learns what a message says.

=================  ====================================================================
``ports``          what the rim gives: outlets, audiences, the journal, timers
``sessions``       one logged-in client, or one that is about to be
``accounts``       nicks and the keys that own them; access; operators
``presence``       who is connected, and telling the others
``feeds``          live delivery and catching up
``conversations``  rooms, groups, conversations of two, and appending to their logs
``refusals``       every sentence with which a request is refused
``dispatch``       from a request to the part that answers it
=================  ====================================================================
"""
