"""Session records, against a second implementation written from docs/protocol.md."""

import hashlib
import hmac

import pytest
from Cryptodome.Cipher import AES
from hypothesis import given
from hypothesis import strategies as st

from geventim.channel.records import (
    CLOSE,
    FRAMES,
    MAX_RECORD,
    RecordOpener,
    RecordSealer,
    capacity,
    possible,
)
from geventim.errors import AuthenticationError, MisuseError

SECRET = bytes(range(100, 132))


def derive(secret: bytes, label: bytes) -> bytes:
    return hmac.new(secret, label + b"\x01", hashlib.sha256).digest()


def open_record(secret: bytes, interval: int, number: int, record: bytes) -> bytes:
    for _ in range(number // interval):
        secret = derive(secret, b"geventim v1 record rekey")
    mac_key = derive(secret, b"geventim v1 record mac")
    encryption_key = derive(secret, b"geventim v1 record encryption")
    assert int.from_bytes(record[:4], "big") == len(record) - 4
    iv, ciphertext, tag = record[5:21], record[21:-32], record[-32:]
    covered = record[4:5] + number.to_bytes(8, "big") + iv + ciphertext + (72).to_bytes(8, "big")
    assert hmac.new(mac_key, covered, hashlib.sha256).digest() == tag
    padded = AES.new(encryption_key, AES.MODE_CBC, iv).decrypt(ciphertext)
    assert padded[-padded[-1] :] == padded[-1:] * padded[-1]
    return padded[: -padded[-1]]


def make_pair(interval: int = 2**20) -> tuple[RecordSealer, RecordOpener]:
    source = iter(range(10_000))

    def random(size: int) -> bytes:
        return next(source).to_bytes(size, "big")

    return RecordSealer(SECRET, interval, random), RecordOpener(SECRET, interval)


def read(opener: RecordOpener, record: bytes) -> bytes:
    return opener.open(record[4], record[5:])


def test_records_are_laid_out_as_documented() -> None:
    sealer, _ = make_pair(interval=3)
    for number in range(10):
        plaintext = b"x" * (7 * number)
        record = sealer.seal(FRAMES if number < 9 else CLOSE, plaintext)
        assert record[4] == (FRAMES if number < 9 else CLOSE)
        assert open_record(SECRET, 3, number, record) == plaintext


@given(st.lists(st.binary(max_size=200), max_size=8), st.integers(1, 4))
def test_what_is_sealed_is_opened(plaintexts: list[bytes], interval: int) -> None:
    sealer, opener = make_pair(interval)
    assert [read(opener, sealer.seal(FRAMES, text)) for text in plaintexts] == plaintexts
    assert sealer.count == opener.count == len(plaintexts)


def test_keys_change_at_the_interval() -> None:
    ours, _ = make_pair(interval=2)
    _, never = make_pair()
    records = [ours.seal(FRAMES, b"text") for _ in range(3)]
    assert [read(never, record) for record in records[:2]] == [b"text"] * 2
    with pytest.raises(AuthenticationError):
        read(never, records[2])


def test_a_record_opens_once_in_its_place_and_under_its_type() -> None:
    sealer, opener = make_pair()
    first, second = sealer.seal(FRAMES, b"1"), sealer.seal(FRAMES, b"2")
    for record in (second, first[:4] + bytes([CLOSE]) + first[5:]):
        with pytest.raises(AuthenticationError):
            read(opener, record)
    # A failure moves nothing: the right record still opens.
    assert read(opener, first) == b"1"
    with pytest.raises(AuthenticationError):
        read(opener, first)
    assert read(opener, second) == b"2"


def test_a_seal_that_fails_changes_nothing() -> None:
    sealer, opener = make_pair(interval=1)
    assert read(opener, sealer.seal(FRAMES, b"1")) == b"1"
    sealer._random = lambda size: b"short"
    with pytest.raises(MisuseError):
        sealer.seal(FRAMES, b"2")
    sealer._random = bytes
    assert read(opener, sealer.seal(FRAMES, b"2")) == b"2"


def test_resting_costs_no_record() -> None:
    sealer, opener = make_pair(interval=3)
    for number in range(8):
        text = bytes([number])
        assert read(opener, sealer.seal(FRAMES, text)) == text
        for _ in range(2):
            sealer.rest()
            opener.rest()


def test_equal_plaintexts_look_different() -> None:
    sealer, _ = make_pair()
    first, second = sealer.seal(FRAMES, bytes(64)), sealer.seal(FRAMES, bytes(64))
    assert first[5:21] != second[5:21]
    assert first[21:] != second[21:]


@pytest.mark.parametrize("limit", [65, 4096, MAX_RECORD - 1, MAX_RECORD])
def test_capacity_is_what_fits_the_limit(limit: int) -> None:
    sealer, _ = make_pair()
    assert len(sealer.seal(FRAMES, bytes(capacity(limit)))) - 4 <= limit
    assert len(sealer.seal(FRAMES, bytes(capacity(limit) + 1))) - 4 > limit


@given(st.integers(0, 300))
def test_every_length_that_is_made_is_possible(size: int) -> None:
    sealer, _ = make_pair()
    length = len(sealer.seal(FRAMES, bytes(size))) - 4
    assert possible(length)
    # half a block more is what a room record has
    assert [more for more in range(1, 17) if possible(length + more)] == [8, 16]


@pytest.mark.parametrize("length", [0, 1, 32, 34, 41, 49, 64, 66])
def test_other_lengths_are_not(length: int) -> None:
    assert not possible(length)


def test_a_repr_shows_no_key() -> None:
    sealer, opener = make_pair()
    read(opener, sealer.seal(FRAMES, b"text"))
    shown = repr(sealer) + repr(opener) + repr(sealer._key)
    for secret in (SECRET, sealer._secret, sealer._key.mac, sealer._key.encryption):
        assert repr(secret)[2:-1] not in shown
        assert secret.hex() not in shown
