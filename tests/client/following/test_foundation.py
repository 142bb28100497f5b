"""The charter of a conversation: founded, and checked."""

from dataclasses import replace

import pytest

from geventim.chat.values import Kind
from geventim.client.following.foundation import check_charter, found_charter
from geventim.client.sealing.charter import Charter
from geventim.errors import PeerError
from tests.client.hostile import say
from tests.client.world import SERVER_SIGNER


def test_the_founder_signs_what_it_is(alice):
    room = alice.room()
    charter = check_charter(room, room.group.extensions)
    assert charter.kind is Kind.ROOM
    assert (charter.name, charter.server) == ("lobby", SERVER_SIGNER.public)
    assert charter.founder == alice.agent.context.user.account
    assert charter.incarnation == room.record.incarnation


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": Kind.GROUP},
        {"server": bytes(32)},
        {"incarnation": bytes(16)},
        {"gate": bytes(32)},
        {"name_signature": bytes(64)},
    ],
)
def test_another_one_is_not_accepted(alice, fields):
    room = alice.room()
    charter = replace(found_charter(room), **fields)
    with pytest.raises(PeerError):
        check_charter(room, (charter.extension(),))


def test_what_two_people_have_has_no_name(world, alice, bob):
    say(world, alice, "@bob hi")
    pair = alice.conversation(Kind.DM, "bob")
    assert found_charter(pair).name == ""
    check_charter(pair, (found_charter(pair).extension(),))


def test_a_group_is_called_what_its_founder_signs_whatever_the_server_calls_it(world, alice, bob):
    say(world, alice, "@group set team bob")
    group = alice.conversation(Kind.GROUP, "team")
    key = alice.profile.keys.identity
    charter = Charter.read(group.group.extensions).renamed(group.id, "crew", key)
    assert check_charter(group, (charter.extension(),)).name == "crew"


def test_a_room_of_another_name_is_another_room(alice):
    room = alice.room()
    key = alice.profile.keys.identity
    charter = Charter.read(room.group.extensions).renamed(room.id, "lounge", key)
    with pytest.raises(PeerError):
        check_charter(room, (charter.extension(),))
