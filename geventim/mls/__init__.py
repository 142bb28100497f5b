"""Messaging Layer Security (RFC 9420): group keys for any number of members, sans-IO.

One module per noun of the RFC. Knows no conversation, network, disk, clock or random source: bytes
and values go in and come out, and what the world provides is passed in. What came from outside has
a type of its own (``UnverifiedKeyPackage``) until its ``verify`` gives the trusted one
(``KeyPackage``). Bytes from others raise :class:`geventim.errors.PeerError` only.

A folder is a chapter, and imports only those that stand before it. Start at
:class:`.groups.group.Group`, which changes only when a staged commit is merged.

============  ====================================================================================
``ground``    cipher suites, credentials, capabilities, extensions, leaf nodes; ``policy``: the
              limits and the application's decisions, as one value
``tree``      the ratchet tree and the group context
``schedule``  the key schedule, pre-shared keys, the secret tree
``messages``  framing, key packages, proposals, Welcome, GroupInfo, and what makes them safe
``epochs``    one epoch, and the commits that count in it
``groups``    ``group``: a member's view of one: send, receive, propose, commit, merge;
              ``external_join``, ``subgroup``; ``archive``: a group as bytes and back
============  ====================================================================================
"""
