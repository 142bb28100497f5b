"""Files in sealed chunks, and servers that give back something else."""

import hashlib
import os
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.channel.file import (
    CHUNK,
    SEALED_CHUNK,
    FileOpener,
    FileSealer,
    chunk_size,
    count_chunks,
    sealed_size,
)
from geventim.chat import limits
from geventim.errors import AuthenticationError, MisuseError

SECRET = bytes(range(32))
SIZES = [0, 1, 15, 16, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 77]


def content(size: int) -> bytes:
    return os.urandom(size)


def pieces(plaintext: bytes) -> list[bytes]:
    return [
        plaintext[index * CHUNK : index * CHUNK + chunk_size(len(plaintext), index)]
        for index in range(count_chunks(len(plaintext)))
    ]


def seal(plaintext: bytes, secret: bytes = SECRET) -> list[bytes]:
    sealer = FileSealer(secret, len(plaintext), os.urandom)
    return [sealer.seal(piece) for piece in pieces(plaintext)]


def opened(chunks: Sequence[bytes], size: int, secret: bytes = SECRET) -> bytes:
    opener = FileOpener(secret, size)
    return b"".join(map(opener.open, chunks))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_is_opened(size: int) -> None:
    plaintext = content(size)
    sealer, opener = FileSealer(SECRET, size, os.urandom), FileOpener(SECRET, size)
    chunks = [sealer.seal(piece) for piece in pieces(plaintext)]
    assert b"".join(map(opener.open, chunks)) == plaintext
    assert sealer.is_complete
    assert opener.is_complete
    assert sealer.hash == hashlib.sha256(plaintext).digest()
    opener.verify(sealer.hash)
    assert sum(map(len, chunks)) == sealed_size(size)
    assert {len(chunk) for chunk in chunks[:-1]} <= {SEALED_CHUNK}
    assert len(chunks[-1]) <= SEALED_CHUNK


def test_the_server_takes_chunks_of_this_size() -> None:
    assert limits.CHUNK_SIZE == SEALED_CHUNK == CHUNK + limits.CHUNK_OVERHEAD


@given(st.integers(0, 2**45))
def test_sizes_add_up(size: int) -> None:
    count = count_chunks(size)
    last = chunk_size(size, count - 1)
    assert (count - 1) * CHUNK + last == size
    assert 0 < sealed_size(size) - (count - 1) * SEALED_CHUNK <= SEALED_CHUNK


def test_the_same_is_sealed_differently_each_time() -> None:
    """Also under one secret: every chunk has an IV that nobody could predict."""
    same = bytes(2 * CHUNK)
    (first, second), (again, _) = seal(same), seal(same)
    assert len({first[:64], second[:64], again[:64]}) == 3


class TestLyingServers:
    """None of what follows gets past the opener."""

    SIZE = 3 * CHUNK + 100

    @pytest.fixture
    def chunks(self) -> list[bytes]:
        return seal(content(self.SIZE))

    def refuse(self, chunks: Sequence[bytes], size: int = SIZE, secret: bytes = SECRET) -> None:
        with pytest.raises(AuthenticationError):
            opened(chunks, size, secret)

    def test_chunks_that_are_swapped_are_refused(self, chunks: list[bytes]) -> None:
        first, second, *rest = chunks
        self.refuse([second, first, *rest])

    def test_a_chunk_that_is_repeated_is_refused(self, chunks: list[bytes]) -> None:
        self.refuse([chunks[0], chunks[0]])

    def test_a_chunk_that_is_left_out_is_refused(self, chunks: list[bytes]) -> None:
        self.refuse([chunks[0], *chunks[2:]])

    def test_a_file_that_is_cut_is_refused(self, chunks: list[bytes]) -> None:
        """Whole chunks less: the one that is last then was not sealed as the last."""
        self.refuse(chunks[:2], 2 * CHUNK)

    def test_a_file_that_is_extended_is_refused(self, chunks: list[bytes]) -> None:
        whole = seal(content(2 * CHUNK))
        self.refuse([*whole, whole[1]], 3 * CHUNK)
        with pytest.raises(MisuseError):
            opened([*chunks, chunks[-1]], self.SIZE)

    def test_a_chunk_of_another_file_is_refused(self, chunks: list[bytes]) -> None:
        other = seal(content(self.SIZE), os.urandom(32))
        self.refuse([chunks[0], other[1]])

    @pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c + b"x", lambda c: b""])
    def test_a_chunk_of_another_length_is_refused(
        self, chunks: list[bytes], change: Callable[[bytes], bytes]
    ) -> None:
        self.refuse([change(chunks[0])])

    @pytest.mark.parametrize("place", [0, 16, CHUNK // 2, SEALED_CHUNK - 1])
    def test_a_chunk_that_was_altered_is_refused(self, chunks: list[bytes], place: int) -> None:
        altered = bytearray(chunks[0])
        altered[place] ^= 1
        self.refuse([bytes(altered)])

    def test_another_size_of_the_last_chunk_is_refused(self, chunks: list[bytes]) -> None:
        self.refuse(chunks, self.SIZE + 1)

    def test_a_refused_chunk_changes_nothing(self, chunks: list[bytes]) -> None:
        opener = FileOpener(SECRET, self.SIZE)
        opener.open(chunks[0])
        with pytest.raises(AuthenticationError):
            opener.open(chunks[0])
        for chunk in chunks[1:]:
            opener.open(chunk)
        assert opener.is_complete

    def test_another_hash_is_refused(self, chunks: list[bytes]) -> None:
        opener = FileOpener(SECRET, self.SIZE)
        for chunk in chunks:
            opener.open(chunk)
        with pytest.raises(AuthenticationError):
            opener.verify(bytes(32))


class TestGoingOn:
    """After an interruption."""

    def test_the_rest_is_sealed_and_opened_and_the_hash_is_that_of_the_whole(self) -> None:
        plaintext = content(2 * CHUNK + 5)
        first, second, third = pieces(plaintext)
        begun = FileSealer(SECRET, len(plaintext), os.urandom).seal(first)
        sealer, opener = (
            FileSealer(SECRET, len(plaintext), os.urandom),
            FileOpener(SECRET, len(plaintext)),
        )
        sealer.skip(first)
        rest = [sealer.seal(second), sealer.seal(third)]
        assert opened([begun, *rest], len(plaintext)) == plaintext
        opener.skip(first)
        assert [opener.open(chunk) for chunk in rest] == [second, third]
        opener.verify(sealer.hash)


class TestMisuse:
    def test_a_secret_has_its_size(self) -> None:
        for secret, size in ((bytes(31), 1), (SECRET, -1)):
            with pytest.raises(MisuseError):
                FileSealer(secret, size, os.urandom)

    def test_a_piece_has_its_size(self) -> None:
        sealer = FileSealer(SECRET, CHUNK + 1, os.urandom)
        with pytest.raises(MisuseError):
            sealer.seal(b"x")
        sealer.seal(bytes(CHUNK))
        with pytest.raises(MisuseError):
            sealer.seal(b"")
        with pytest.raises(MisuseError):
            _ = sealer.hash
        sealer.seal(b"x")
        with pytest.raises(MisuseError):
            sealer.seal(b"x")

    def test_nothing_follows_the_last_chunk(self) -> None:
        opener = FileOpener(SECRET, 0)
        (chunk,) = seal(b"")
        opener.open(chunk)
        with pytest.raises(MisuseError):
            opener.open(chunk)
