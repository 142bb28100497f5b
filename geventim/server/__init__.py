"""The server program: it composes what decides, what keeps and what transports.

================ ==============================================================
``settings``     what the command line decides
``data``         the data directory: lock, server key, store
``backing``      the store, and the other nodes that share it
``clients``      one client: its greenlet, from the handshake to its end
``listener``     accepting clients, and a graceful stop
``control``      the operator's commands, from both ends of their socket
``workers``      several processes on one port
``report``       structured logs
``run``          all of it, from the settings to the exit code
``command_line`` from the words of the command line to the call they mean
================ ==============================================================
"""
