import pytest

from geventim.chat.values import Kind
from geventim.client.operations.addressing import address, find
from geventim.errors import UserError


@pytest.fixture
def context(world, alice, bob):
    alice.say("@group set team bob", "@bob hello")
    world.advance()
    return alice.agent.context


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lobby", Kind.ROOM),
        ("#lobby", Kind.ROOM),
        ("#LOBBY", Kind.ROOM),
        ("team", Kind.GROUP),
        ("#team", Kind.GROUP),
        ("bob", Kind.DM),
        ("@bob", Kind.DM),
        ("@BOB", Kind.DM),
    ],
)
def test_a_name_that_fits_one_is_that(context, name, kind):
    found = find(context, name)
    assert found.record.kind is kind
    assert find(context, found.id.hex()) is found
    for other in (found.id.hex(" "), found.id.hex()[:-2]):
        with pytest.raises(UserError, match="unknown_name"):
            find(context, other)


@pytest.mark.parametrize("name", ["nobody", "#bob", "@lobby", "@", "#", "", "00" * 16])
def test_a_name_that_fits_none_is_refused(context, name):
    with pytest.raises(UserError) as caught:
        find(context, name)
    assert caught.value.code == "unknown_name"


def test_a_name_that_fits_two_is_refused_unless_it_says_which(world, alice, bob, context):
    team = find(context, "team")
    context.user.labels.call(team.record, "bob")
    with pytest.raises(UserError) as caught:
        find(context, "bob")
    assert caught.value.code == "ambiguous_name"
    assert find(context, "#bob") is team
    assert find(context, "@bob").record.kind is Kind.DM


def test_what_one_has_left_is_not_found(world, alice, context):
    alice.say("@group leave team")
    world.advance()
    with pytest.raises(UserError):
        find(context, "team")


def test_nobody_is_asked_for_what_is_known(context):
    with pytest.raises(StopIteration) as end:
        next(address(context, "lobby"))
    assert end.value.value.name == "lobby"
