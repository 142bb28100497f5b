"""The server program: it composes what decides, what keeps and what transports.

================= =============================================================
``settings``      the table of all settings, and what they amount to
``kinds``         what the value of a setting may be
``configuration`` the settings from file, environment and command line
``manual``        what is written about the settings, made from their table
``live``          what a server goes by while it runs, and how SIGHUP changes that
``check``         whether a start would succeed
``ending``        exit codes, and the sentence for what went wrong
``data``          the data directory: lock, server key, store
``backups``       copies of it, made while a server runs, and put back
``backing``       the store, and the other nodes that share it
``clients``       one client: its greenlet, from the handshake to its end
``condition``     how a server is doing
``status``        that in words
``metrics``       that in figures, for Prometheus
``web``           that over HTTP
``witness``       what the log tells of clients
``invitations``   what somebody is given who is to come
``listener``      accepting clients, and a graceful stop
``control``       the operator's commands, from both ends of their socket
``workers``       several processes on one port
``notifications`` what a service manager is told
``unit``          the unit with which systemd runs a server
``report``        structured logs
``run``           all of it, from the settings to the exit code
``command_line``  from the words of the command line to the call they mean
================= =============================================================
"""
