"""The law of a conversation's log: one judge for every store, sans-IO.

``service`` makes changes, a store looks up what decides about them, asks the judge, and writes the
difference. Nothing here knows how something is kept, or what a message says.

==============  ===============================================================================
``changes``     what is done to logs; ``people``: to accounts and to who may get one
``outcomes``    what comes of it, and what can be asked
``store``       the port: what a server needs to keep
``shared``      the same where several nodes keep it together
``judge``       whether a change is applied, and its ``effect``: the difference to be written
``logs``        a log as a value, for stores that load all of it but its entries
``entries``     from a change to an entry, and what an account sees of it
``blobs``       what is kept of files; ``shelf``: what is decided about them
``contents``    the port to where their chunks are
``pages``       what is read of a log; ``expiry``: what is let go of it
==============  ===============================================================================
"""
