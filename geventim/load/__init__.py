"""The load generator: many clients with the real protocol that count what arrives.

Its one duty is to prove a server under load. It must not know how a server works inside, and
nothing of end-to-end encryption: to it, payloads are marks that it can tell apart.

================ ==============================================================
``plan``         what a run does
``marks``        payloads that say who sent them, and when
``ledger``       what was sent, acknowledged and received, and what is wrong
``latency``      how long deliveries took
``pace``         when the next message is due
``room``         where it takes place
``client``       one client in one greenlet
``run``          all of it, from the plan to the report
``report``       what a run has found, for people and for programs
``command_line`` from the words of the command line to the exit code
================ ==============================================================
"""
