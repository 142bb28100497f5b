"""A user who is put into a file while their client runs."""

import pytest

from geventim.client import wishes
from geventim.client.answers import Exported
from geventim.client.people import identity_file
from geventim.client.people.profile import EXPORTED
from geventim.errors import UserError

pytestmark = pytest.mark.usefixtures("cheap_passphrases")


def export(world, person, secret="sesame"):
    person.wish(wishes.ExportIdentity(id=1, passphrase=secret))
    world.run()
    return person.answers()[1]


def test_the_file_opens_and_holds_who_they_are(world, alice, bob):
    exported = export(world, alice)
    assert isinstance(exported, Exported)
    identity = identity_file.open_sealed(exported.content, "sesame")
    profile = alice.agent.context.user.profile
    assert (identity.nick, identity.address) == ("alice", profile.server)
    assert (identity.server_key, identity.keys) == (profile.server_key, profile.keys.encode())
    assert any("pin" in name for name in identity.kept)
    with pytest.raises(UserError):
        identity_file.open_sealed(exported.content, "sesam")


def test_it_is_kept_that_they_may_turn_up_elsewhere(world, alice):
    assert alice.agent.context.user.memory.get(EXPORTED) is None
    export(world, alice)
    assert alice.agent.context.user.memory.get(EXPORTED) == b""


def test_who_has_moved_out_is_not_exported_again(world, alice):
    export(world, alice)
    alice.agent.context.user.meet_own_copy()
    alice.wish(wishes.ExportIdentity(id=2, passphrase="x"))
    world.run()
    assert alice.answers()[2].code == "moved_out"


def test_nobody_else_hears_of_it_and_nothing_shows_it(world, alice, bob):
    bob.news()
    exported = export(world, alice)
    assert bob.news() == []
    assert "content" not in repr(exported)
    assert "sesame" not in repr(wishes.ExportIdentity(id=1, passphrase="sesame"))
