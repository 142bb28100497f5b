"""The load generator: many clients with the real protocol that count what arrives.

Its one duty is to prove a server under load. It must not know how a server works inside. To its
clients, payloads are marks that they can tell apart; its full members write and read such marks.

================ ==============================================================
``plan``         what a run does
``marks``        payloads that say who sent them, and when
``ledger``       what was sent, acknowledged and received, and what is wrong
``latency``      how long deliveries took
``pace``         when the next message is due
``room``         where it takes place
``target``       the server, and what those say who do not get in
``dialogue``     questions and answers, one after the other
``arrival``      what is asked to come into a room whose members have no keys
``caller``       an account and its connection, which decide nothing
``client``       one caller in one greenlet, which counts what it is told
``member``       one full member in one greenlet: sealing and opening everything
``run``          all of it, from the plan to the report
``report``       what a run has found, for people and for programs
``command_line`` from the words of the command line to the exit code
================ ==============================================================
"""
