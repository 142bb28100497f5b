"""What a server knows and decides, without doing any input or output itself.

Requests come in as bytes, replies and events go out through the outlets of sessions; what must be
kept goes through :class:`.ports.Journal`. It never learns what a message says.

=================  ====================================================================
``ports``          what the rim gives: outlets, audiences, the journal, timers
``feed``           the live end of a log, its readers, and where they stand
``sessions``       one logged-in client, or one that is about to be
``refusals``       every sentence with which a request is refused
``departures``     what leaves and deletes have to say
``people``         accounts, presence, key packages; what one account may ask for and keep
``delivery``       entries on their way to those who read them, and who stands where
``turns``          who may commit, and with which state one gets in
``files``          files that clients have sealed, and what becomes of them
``conversations``  beginning them, entries on their way into logs, moderation, retention
``neighbourhood``  what the nodes of one service tell each other; ``alone``: when there is one
``dispatch``       from a request to the part that answers it
=================  ====================================================================
"""
