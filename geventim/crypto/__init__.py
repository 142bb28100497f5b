"""Cryptographic primitives under this project's names, and the only importer of Cryptodome.

Knows no protocol: no labels, no message layouts. Secrets never appear in a ``repr``.

=============  ==========================================================
``etm``        AES-CBC with HMAC, encrypt-then-MAC
``cbc``        AES-CBC alone, for protocols with tags of their own
``mac``        HMAC for many short messages
``aead``       AES-GCM and ChaCha20-Poly1305
``dh``         X25519
``signature``  Ed25519
``ed25519``    the curve arithmetic that verifies signatures
``kdf``        HKDF and scrypt
``hpke``       hybrid public-key encryption, base mode
``readable``   keys as text that people can read out
=============  ==========================================================
"""

import os

# Without GMP the library uses its own Curve25519 code, which is almost twice as fast. It reads the
# variable once, at its first import, which is why this stands before every other module here.
os.environ.setdefault("PYCRYPTODOME_DISABLE_GMP", "1")
