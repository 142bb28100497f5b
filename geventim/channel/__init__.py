"""The encrypted connection between a client and a server, without input or output.

Its one duty: bytes in, events out, bytes out. It must not know what a frame says, who may log in,
or how bytes travel; key pairs, pins, access key and randomness are handed to it.

==============  ================================================================
``noise``       the state machine of the Noise Protocol Framework
``cipher``      this project's cipher for it: AES-CBC with HMAC
``preamble``    the eight bytes before the handshake
``records``     session records: sealed, numbered, rekeyed
``room``        room records: encrypted once for many sessions
``life``        signs of life: PING and PONG
``file``        files in sealed chunks, which no connection looks into
``states``      every state of a connection and every legal move
``events``      what a connection reports
``connection``  what both sides share: buffers, records, the one door for errors
``handshake``   how a connection begins: :class:`Initiator` and :class:`Responder`
==============  ================================================================
"""
