import hashlib

from geventim.mls.epochs.transcript import confirmed_transcript_hash, interim_transcript_hash
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import (
    AuthenticatedContent,
    FramedContent,
    FramedContentAuthData,
    Member,
)
from tests.mls.builder import SUITE


def test_the_confirmed_hash_covers_all_but_the_tag() -> None:
    content = FramedContent(b"id", 1, Member(0), b"", Commit((), None))
    for tag in (b"one", b"other"):
        message = AuthenticatedContent(2, content, FramedContentAuthData(b"sig", tag))
        data = b"before" + b"\x00\x02" + content.encode() + b"\x03sig"
        expected = hashlib.sha256(data).digest()
        assert confirmed_transcript_hash(SUITE, b"before", message) == expected


def test_the_interim_hash_covers_the_tag() -> None:
    expected = hashlib.sha256(b"confirmed" + b"\x03tag").digest()
    assert interim_transcript_hash(SUITE, b"confirmed", b"tag") == expected
