from dataclasses import replace

import pytest

from geventim.chat.values import Kind, account_id, dm_id
from geventim.client.sealing import gates
from geventim.client.sealing.charter import (
    CHARTER,
    NAME_SIZE,
    Charter,
    check_name,
    check_pair,
    check_rest,
    name_claim,
    psk_name,
)
from geventim.crypto.signature import verify
from geventim.errors import AuthenticationError, PeerError
from geventim.mls.ground.extensions import Extension
from tests.client.members import INCARNATION, PLACE, charter_of, engine, group_of, server_key

GATE = b"g" * 32
ROOM, GROUP, DM = (charter_of(kind) for kind in (Kind.ROOM, Kind.GROUP, Kind.DM))
KEYED = charter_of(Kind.ROOM, gate=GATE)
ALICE = engine("alice").client.signing_key


@pytest.mark.parametrize("charter", [ROOM, GROUP, DM, KEYED], ids=lambda each: str(each.kind))
def test_it_comes_back_from_its_extension(charter: Charter) -> None:
    assert Charter.read((charter.extension(),)) == charter
    charter.verify_name(PLACE)


def test_it_is_its_parts_one_behind_the_other() -> None:
    assert KEYED.extension() == Extension(
        CHARTER,
        b"\x01\x01"
        + (b"\x20" + GATE)
        + server_key().public
        + INCARNATION
        + account_id(ALICE.public)
        + ALICE.public
        + b"\x04name"
        + (b"\x40\x40" + ALICE.sign(b"geventim name" + PLACE + INCARNATION + b"name")),
    )
    assert DM.extension().extension_data[:3] == b"\x01\x03\x00"
    assert DM.extension().extension_data[-2:] == b"\x00\x00"


@pytest.mark.parametrize(
    "extensions",
    [
        (),
        (Extension(CHARTER, b""),),
        (Extension(CHARTER, b"\x02" + ROOM.extension().extension_data[1:]),),
        (Extension(CHARTER, b"\x01\x04" + ROOM.extension().extension_data[2:]),),
        (Extension(CHARTER, ROOM.extension().extension_data + b"\0"),),
        (Extension(CHARTER, ROOM.extension().extension_data[:-1]),),
        (replace(ROOM, gate=b"ggggg").extension(),),
        (replace(GROUP, gate=GATE).extension(),),
        (replace(DM, gate=GATE).extension(),),
        (replace(ROOM, founder=b"a" * 16).extension(),),
        (replace(ROOM, name="").extension(),),
        (replace(ROOM, name="n" * (NAME_SIZE + 1)).extension(),),
        (replace(ROOM, name_signature=b"").extension(),),
        (replace(DM, name="name", name_signature=bytes(64)).extension(),),
        (Extension(CHARTER, ROOM.extension().extension_data.replace(b"name", b"nam\xff")),),
        (ROOM.extension(), Extension(0xF000, b"")),
        (Extension(0xF000, b""),),
    ],
)
def test_what_makes_no_sense(extensions: tuple[Extension, ...]) -> None:
    with pytest.raises(PeerError):
        Charter.read(extensions)


def test_only_its_founder_names_a_conversation_and_no_other() -> None:
    renamed = GROUP.renamed(PLACE, "another", ALICE)
    renamed.verify_name(PLACE)
    bobs = GROUP.renamed(PLACE, "another", engine("bob").client.signing_key)
    for charter, place in [
        (bobs, PLACE),
        (renamed, b"d" * 16),
        (replace(renamed, name="third"), PLACE),
        (replace(renamed, incarnation=b"j" * 16), PLACE),
    ]:
        with pytest.raises(AuthenticationError):
            charter.verify_name(place)
    verify(ALICE.public, name_claim(PLACE, INCARNATION, b"another"), renamed.name_signature)


def test_only_the_gate_of_a_keyed_room_may_be_another() -> None:
    check_rest(KEYED, KEYED.with_gate(b"h" * 32))
    for charter in (ROOM, GROUP, DM, KEYED):
        check_rest(charter, charter)
    for other in (
        ROOM,
        replace(KEYED, kind=Kind.GROUP),
        replace(KEYED, server=bytes(32)),
        replace(KEYED, incarnation=bytes(16)),
        replace(KEYED, founder=bytes(16)),
        replace(KEYED, identity=bytes(32)),
        KEYED.renamed(PLACE, "another", ALICE),
    ):
        with pytest.raises(PeerError):
            check_rest(KEYED, other)
    with pytest.raises(PeerError):
        check_rest(ROOM, KEYED)


def test_only_the_founder_may_change_the_name() -> None:
    group, _ = group_of(PLACE, GROUP, "alice", "bob")
    alice, bob = (leaf for _, leaf in group.members())
    renamed = GROUP.renamed(PLACE, "another", ALICE)
    assert check_name(GROUP, renamed, PLACE, alice) == renamed
    assert check_name(GROUP, GROUP, PLACE, bob) == GROUP
    # The rest of what is new is judged elsewhere.
    assert check_name(GROUP, replace(renamed, server=bytes(32)), PLACE, alice) == renamed
    for new, committer in [(renamed, bob), (replace(renamed, name="third"), alice)]:
        with pytest.raises(AuthenticationError):
            check_name(GROUP, new, PLACE, committer)


def pair_id(one: str, other: str) -> bytes:
    return dm_id(engine(one).account, engine(other).account)


def test_a_pair_is_the_two_that_it_is_named_after() -> None:
    place = pair_id("alice", "bob")
    groups = group_of(place, charter_of(Kind.DM, place), "alice", "carol")
    leaves = [leaf for _, leaf in groups[0].members()]
    with pytest.raises(PeerError):
        check_pair(groups[0].group_id, leaves)
    check_pair(groups[0].group_id, leaves[:1])


def test_the_psk_has_the_name_of_the_gate() -> None:
    secret = gates.NewKey("text", b"s" * 64)
    assert psk_name(secret.gate) != psk_name(GATE)
    assert secret.gate in psk_name(secret.gate).psk_id
