import secrets

import msgspec
import pytest

from geventim.chat.values import Kind
from geventim.client.kept.record import MOVED, Record
from geventim.client.people import identity_file
from geventim.client.people.identity_file import HEADER, Identity, open_sealed, seal
from geventim.client.people.profile import ENTRY, NICK
from geventim.crypto import passphrase
from geventim.crypto.readable import format_key, generate_key
from geventim.errors import UserError

KEYED = Record(b"R" * 16, Kind.ROOM, "den", b"I" * 16, room_key=b"the key of the den")
OPEN = Record(b"L" * 16, Kind.ROOM, "lobby", b"I" * 16)
KEPT = {
    ENTRY: b"i" * 32 + b"c" * 32,
    "pin/bob": b"1",
    "rival/bob": b"2",
    **{f"talk/{record.id.hex()}": msgspec.msgpack.encode(record) for record in (KEYED, OPEN)},
}
ALICE = Identity.of("alice", "127.0.0.1:5555", b"s" * 32, KEPT)

pytestmark = pytest.mark.usefixtures("cheap_passphrases")


def sealed(secret="open sesame", identity=ALICE):
    return seal(identity, secret, secrets.token_bytes)


def refused(content, secret="open sesame"):
    with pytest.raises(UserError) as caught:
        open_sealed(content, secret)
    return caught.value.code


def test_who_one_is_and_whom_one_trusts_moves():
    moved = open_sealed(sealed(), "open sesame")
    assert moved == ALICE
    assert (moved.nick, moved.address, moved.server_key) == ("alice", "127.0.0.1:5555", b"s" * 32)
    assert moved.values() == {
        **{name: KEPT[name] for name in (ENTRY, "pin/bob", "rival/bob")},
        NICK: b"alice",
        MOVED: b"",
        f"key/{KEYED.id.hex()}": b"the key of the den",
    }


def test_nothing_is_readable_in_the_file():
    content = sealed()
    assert content.startswith(HEADER)
    for part in (b"alice", b"i" * 8, b"c" * 8, b"s" * 8, b"bob"):
        assert part not in content


def test_another_passphrase_or_another_file_is_refused():
    assert refused(sealed(), "open") == "wrong_passphrase"
    assert refused(sealed()[:-1]) == "wrong_passphrase"
    assert refused(b"") == "no_identity"
    assert refused(b"geventim identity 2\n" + sealed()[len(HEADER) :]) == "no_identity"


def test_key_text_opens_however_it_is_grouped():
    key = generate_key()
    content = sealed(format_key(key))
    assert open_sealed(content, key.upper()) == ALICE
    assert open_sealed(content, format_key(key).replace(" ", "-")) == ALICE
    assert refused(content, generate_key()) == "wrong_passphrase"


@pytest.mark.parametrize(
    "inside",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode({"nick": "alice"}),
        msgspec.msgpack.encode(msgspec.structs.replace(ALICE, keys=b"short")),
        msgspec.msgpack.encode(msgspec.structs.replace(ALICE, kept={"talk/ab": b"3"})),
    ],
)
def test_what_is_sealed_but_no_identity_is_refused(inside):
    content = HEADER + passphrase.seal("open sesame", inside, HEADER, secrets.token_bytes)
    assert refused(content) == "no_identity"


def test_no_repr_shows_keys():
    assert "iiii" not in repr(ALICE)


def test_a_file_can_be_as_large_as_its_trust():
    pins = {f"pin/{number}": bytes(100) for number in range(1_000)}
    content = sealed(identity=msgspec.structs.replace(ALICE, kept=pins))
    assert len(content) < identity_file.LARGEST
    assert open_sealed(content, "open sesame").kept == pins
