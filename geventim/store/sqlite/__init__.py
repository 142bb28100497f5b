"""The store of one server process: one SQLite file, on disk before anyone hears of it.

===================  =========================================================================
``store``            the store itself: connections, and what they raise
``schema``           its tables
``tenure``           by what one knows a copy that was taken while a server wrote
``inspection``       reading all of it, to see that it is whole
``rows``             what it reads
``changes``          what it writes; ``log_changes``: into logs; ``people_changes``: of people
``ends``             one message by one statement; ``runs``: many messages by a few
``blobs``            what it keeps of files
``expiry``           what it takes out of logs
===================  =========================================================================
"""
