"""Messaging Layer Security (RFC 9420): group keys for any number of members, sans-IO.

One module per noun of the RFC. Knows no conversation, network, disk, clock or random source: bytes
and values go in and come out, and what the world provides is passed in. What came from outside has
a type of its own (``UnverifiedKeyPackage``) until its ``verify`` gives the trusted one
(``KeyPackage``). Bytes from others raise :class:`geventim.errors.PeerError` only.

Start at :class:`geventim.mls.group.Group`, which changes only when a staged commit is merged.

=====================  ==================================================================
``group``              a member's view of one group: send, receive, propose, commit, merge
``key_package``        what lets others add us
``external_join``      what we read before we join by ourselves
``external_proposals`` proposals from outside a group
``subgroup``           branching and reinitialisation
``policy``             the limits and the application's decisions, as one value
``archive``            a group as bytes and back
=====================  ==================================================================
"""
