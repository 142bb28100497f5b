"""The words that client and server share; it never learns what a message says.

=================  ===================================================================
``limits``         every size and count that is bounded
``names``          which nicks and conversation names exist, and when two are the same
``normal``         Unicode normal forms, whatever the text
``values``         accounts, conversations, entries: what a server keeps
``requests``       what a client may ask
``replies``        what a server answers, and what it tells unasked
``codec``          requests and replies to frames and back
``access``         the access key, and what it means to the handshake
``links``          server addresses and invite links
``administration`` what the operator's commands say to a running server
=================  ===================================================================
"""
