from geventim.chat.values import Kind
from geventim.client.people import roster
from geventim.client.people.credentials import Somebody
from geventim.client.people.roster import Difference
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.messages.proposals import Add, Remove
from tests.client.members import NOW, charter_of, engine, group_of

PLACE = b"c" * 16
ALICE, BOB, CAROL, DORA = (
    Somebody(engine(nick).account, nick) for nick in ("alice", "bob", "carol", "dora")
)


def group():
    return group_of(PLACE, charter_of(Kind.GROUP), "alice", "bob", "carol")


def test_everybody_is_found_by_account_and_by_leaf():
    made, *_ = group()
    assert roster.members(made.vantage.public.tree) == {
        each.account: each for each in (ALICE, BOB, CAROL)
    }
    assert [
        roster.find(made.vantage.public.tree, each.account) for each in (ALICE, BOB, CAROL, DORA)
    ] == [
        0,
        1,
        2,
        None,
    ]


def test_what_a_commit_changes():
    made, *_ = group()
    package = engine("dora").generate_key_packages(1, NOW)[0].key_package
    staged = made.commit(CommitRequest((Add(package), Remove(1)), now=NOW))
    difference = roster.changed_by(staged.effects)
    assert difference == Difference((DORA,), (BOB,))


def test_who_gets_in_anew_neither_comes_nor_goes():
    made, *_ = group()
    bob = engine("bob")
    entrance = bob.read_entrance(made.group_info())
    _, message = bob.enter(entrance, None, lambda _: None, 1, lambda _: b"")
    assert roster.changed_by(made.receive(message).effects) == Difference()


def test_what_changed_between_two_rosters():
    before = {each.account: each for each in (ALICE, BOB)}
    after = {each.account: each for each in (BOB, CAROL)}
    assert roster.between(before, after) == Difference((CAROL,), (ALICE,))
    assert roster.between(before, before) == Difference()
