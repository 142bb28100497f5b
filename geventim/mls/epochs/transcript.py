"""Transcript hashes: the history of all commits in 32 bytes (RFC 9420 §8.2)."""

from geventim.mls.ground.cipher_suite import CipherSuite
from geventim.mls.messages.framing import AuthenticatedContent
from geventim.wire.presentation import write_opaque


def confirmed_transcript_hash(
    suite: CipherSuite, interim: bytes, commit: AuthenticatedContent
) -> bytes:
    """The hash that covers ``commit`` up to its signature, after the history in ``interim``."""
    data = bytearray(interim)
    data += commit.wire_format.to_bytes(2, "big")
    commit.content.write(data)
    write_opaque(data, commit.auth.signature)
    return suite.hash(data)


def interim_transcript_hash(suite: CipherSuite, confirmed: bytes, confirmation_tag: bytes) -> bytes:
    """The hash that covers the confirmation tag too: what the next commit builds on."""
    data = bytearray(confirmed)
    write_opaque(data, confirmation_tag)
    return suite.hash(data)
