"""What is left to do of a change to who is in a group."""

from geventim.chat.values import Kind
from geventim.client.conversation.alteration import Alteration
from geventim.client.conversation.conversation import roster
from geventim.mls.messages.proposals import Add, Remove
from tests.client.members import NOW, PLACE, charter_of, engine, group_of


def test_what_is_done_is_not_done_again():
    (group, _) = group_of(PLACE, charter_of(Kind.GROUP), "alice", "bob")
    tree = group.vantage.public.tree
    accounts = {somebody.nick: account for account, somebody in roster.members(tree).items()}
    bob, carol = (
        engine(nick).generate_key_packages(1, NOW)[0].key_package for nick in ("bob", "carol")
    )
    alteration = Alteration((bob, carol), (accounts["bob"],))
    assert alteration.added == (accounts["bob"], engine("carol").account)
    assert not alteration.is_done(tree)
    removal, addition = Alteration((carol,), (accounts["bob"], b"nobody")).proposals(tree)
    assert removal == Remove(1)
    assert addition == Add(carol)
    assert Alteration((bob,)).is_done(tree)
    assert Alteration((bob,)).proposals(tree) == []
    assert Alteration(removed=(b"nobody",)).is_done(tree)
