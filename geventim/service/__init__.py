"""What a server knows and decides, without doing any input or output itself.

Requests come in as bytes, replies and events go out through the outlets of sessions; what must be
kept goes through :class:`.ports.Journal`. It never learns what a message says.

=================  ====================================================================
``ports``          what the rim gives: outlets, audiences, the journal, timers
``sessions``       one logged-in client, or one that is about to be
``accounts``       nicks and the keys that own them; access; operators
``presence``       who is connected, and telling the others
``feeds``          live delivery and catching up
``recent``         what was said of late; ``wording``: in which words
``places``         who is a member of what, and telling those whose membership changes
``conversations``  finding and beginning rooms, groups, conversations of two; subscribing
``entries``        messages, leaves, deletes and commits on their way into logs
``turns``          who may commit
``key_packages``   with which people can be added while they are away
``neighbourhood``  what the nodes of one service tell each other; ``alone``: when there is one
``retention``      letting old messages go
``refusals``       every sentence with which a request is refused
``dispatch``       from a request to the part that answers it
=================  ====================================================================
"""
