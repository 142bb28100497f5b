"""The server program: it composes what decides, what keeps and what transports.

================= =============================================================
``config``        the settings: their table, and what an operator has decided
``clients``       accepting clients, and a greenlet for each
``watching``      how a server is doing, in figures and in words
``data``          the data directory: lock, server key, store
``backing``       the store, and the other nodes that share it
``backups``       copies of the data, made while a server runs, and put back
``live``          what a server goes by while it runs, and how SIGHUP changes that
``check``         whether a start would succeed
``invitations``   what somebody is given who is to come
``control``       the operator's commands, from both ends of their socket
``workers``       several processes on one port
``notifications`` what a service manager is told
``unit``          the unit with which systemd runs a server
``report``        structured logs
``run``           all of it, from the settings to the exit code
``command_line``  from the words of the command line to the call they mean
``ending``        exit codes, and the sentence for what went wrong
================= =============================================================
"""
