"""Helping others: who answers, whom, and how often."""

import pytest

from geventim.chat.requests import Help
from geventim.chat.values import Kind
from geventim.client.conversation import helping
from geventim.client.conversation.helping import AGE, RESENT, UNANSWERED, Helper
from geventim.client.measures import USUAL, Measures
from geventim.client.sealing.asking import Help as Answer
from geventim.client.sealing.asking import make_ask
from geventim.client.sealing.engine import SUITE
from geventim.client.steps.effects import Ask
from geventim.errors import PeerError
from geventim.mls.groups.commit_creation import CommitRequest
from tests.client.members import NOW, charter_of, draw, engine, group_of

PLACE = b"c" * 16


class User:
    """As much of one as a helper needs; ``sent`` is what left."""

    def __init__(self, nick):
        self.account = engine(nick).account
        self.time = float(NOW)
        self.sent = []
        self.ways = self.exchange = self
        self.random = draw(f"{nick} helps")
        self.measures = USUAL

    def clock(self):
        return self.time

    def send(self, ask: Ask, _):
        assert isinstance(ask.request, Help)
        self.sent.append((ask.request.account, ask.payload))


@pytest.fixture
def groups():
    alice, bob = group_of(PLACE, charter_of(Kind.ROOM), "alice", "bob")
    staged = alice.commit(CommitRequest((), now=NOW), public=True)
    alice.merge(staged)
    bob.merge(bob.receive(staged.message))
    return alice, bob


@pytest.fixture
def user():
    return User("alice")


def asked(group, count=0):
    key = SUITE.generate_key_pair(draw("key"))
    return make_ask(group.vantage, key.public, count), key


def test_who_asks_gets_the_secret_of_the_epoch_once(groups, user):
    alice, bob = groups
    helper = Helper(user, PLACE)
    helper.remember(alice, is_own=True)
    data, key = asked(bob)
    for _ in range(3):
        helper.hear(engine("bob").account, data)
    ((account, payload),) = user.sent
    assert account == engine("bob").account
    assert Answer.decode(payload).open(bob.vantage, key) == alice.member_secret


def test_who_is_out_helps_nobody_any_more(groups, user):
    alice, bob = groups
    helper = Helper(user, PLACE)
    helper.remember(alice, is_own=True)
    helper.forget()
    helper.hear(engine("bob").account, asked(bob)[0])
    assert user.sent == []


def test_a_lost_answer_is_sent_again_a_few_times(groups, user):
    """To who asks again with the same key: sealing it once more would cost as much as the first."""
    alice, bob = groups
    helper = Helper(user, PLACE)
    helper.remember(alice, is_own=True)
    account = engine("bob").account
    for count in range(UNANSWERED * (RESENT + 3)):
        before = len(user.sent)
        helper.hear(account, asked(bob, count)[0])
        helper.hear(account, asked(bob, count)[0])
        assert len(user.sent) <= before + (count % UNANSWERED == 0), "it may be on its way"
    assert len(user.sent) == 1 + RESENT
    assert len(set(user.sent)) == 1


def test_no_other_key_is_answered_again(groups, user):
    alice, bob = groups
    helper = Helper(user, PLACE)
    helper.remember(alice, is_own=True)
    account = engine("bob").account
    helper.hear(account, asked(bob)[0])
    other = SUITE.generate_key_pair(draw("another key"))
    helper.hear(account, make_ask(bob.vantage, other.public, 1))
    helper.hear(engine("alice").account, asked(bob, 1)[0])
    assert len(user.sent) == 1


def test_only_so_many_answers_are_kept(groups, user):
    user.measures = Measures(helps=0)
    alice, bob = groups
    helper = Helper(user, PLACE)
    helper.remember(alice, is_own=True)
    for count in range(3):
        helper.hear(engine("bob").account, asked(bob, count)[0])
    assert len(user.sent) == 1


def test_a_stranger_cannot_open_what_is_not_for_it(groups, user):
    alice, bob = groups
    helper = Helper(user, PLACE)
    helper.remember(alice, is_own=True)
    data, _ = asked(bob)
    helper.hear(engine("bob").account, data)
    other = SUITE.generate_key_pair(draw("other"))
    with pytest.raises(PeerError):
        Answer.decode(user.sent[0][1]).open(bob.vantage, other)


@pytest.mark.parametrize("damage", [b"", b"x" * 10, b"x" * 600])
def test_nonsense_is_not_answered(groups, user, damage):
    helper = Helper(user, PLACE)
    helper.remember(groups[0], is_own=True)
    helper.hear(engine("bob").account, damage)
    assert user.sent == []


def test_the_signature_is_that_of_who_sent_it(groups, user):
    helper = Helper(user, PLACE)
    helper.remember(groups[0], is_own=True)
    data, _ = asked(groups[1])
    helper.hear(engine("mallory").account, data)
    helper.hear(engine("bob").account, data[:-1] + bytes([data[-1] ^ 1]))
    helper.hear(engine("alice").account, data)
    assert user.sent == []


def test_who_comes_into_step_answers_those_who_have_asked(groups, user):
    alice, bob = groups
    helper = Helper(user, PLACE)
    data, _ = asked(bob)
    helper.hear(engine("bob").account, data)
    assert user.sent == []
    user.time += 1
    helper.remember(alice, is_own=False)
    assert len(user.sent) == 1


def test_but_not_those_who_have_asked_long_ago(groups, user):
    alice, bob = groups
    helper = Helper(user, PLACE)
    helper.hear(engine("bob").account, asked(bob)[0])
    user.time += helping.WAITING + 1
    helper.remember(alice, is_own=False)
    assert user.sent == []


def test_after_an_hour_nobody_is_helped(groups, user):
    alice, bob = groups
    helper = Helper(user, PLACE)
    helper.remember(alice, is_own=True)
    user.time += AGE + 1
    helper.hear(engine("bob").account, asked(bob)[0])
    assert user.sent == []


def test_only_so_many_epochs_are_remembered(groups, user):
    user.measures = Measures(epochs=2)
    alice, bob = groups
    helper, data = Helper(user, PLACE), asked(bob)[0]
    helper.remember(alice, is_own=True)
    for _ in range(2):
        alice.merge(alice.commit(CommitRequest((), now=NOW), public=True))
        helper.remember(alice, is_own=True)
    helper.hear(engine("bob").account, data)
    assert user.sent == []


def test_of_many_members_few_answer_at_first_and_all_in_the_end(user):
    nicks = ["alice", "bob", *(f"p{number}" for number in range(62))]
    alice, bob, *_ = group_of(PLACE, charter_of(Kind.ROOM), *nicks)
    staged = alice.commit(CommitRequest((), now=NOW), public=True)
    alice.merge(staged)
    bob.merge(bob.receive(staged.message))
    answered = {0: 0, 4: 0, 9: 0}
    for count in answered:
        for _ in range(40):
            helper = Helper(user, PLACE)
            helper.remember(alice, is_own=False)
            user.time += 10
            before = len(user.sent)
            helper.hear(engine("bob").account, asked(bob, count)[0])
            answered[count] += len(user.sent) - before
    assert 0 < answered[0] < answered[4] < answered[9] == 40
    before = len(user.sent)
    for _ in range(40):
        helper = Helper(user, PLACE)
        helper.remember(alice, is_own=False)
        helper.hear(engine("bob").account, asked(bob, 255)[0])
    assert len(user.sent) - before < 40, "nobody can have asked that often yet"


def test_where_most_ask_those_answer_who_are_left(user):
    """How many answer is the same on average, whether all others are in step or hardly anybody."""
    nicks = ["alice", *(f"p{number}" for number in range(63))]
    alice, *others = group_of(PLACE, charter_of(Kind.ROOM), *nicks)
    staged = alice.commit(CommitRequest((), now=NOW), public=True)
    alice.merge(staged)
    for other in others:
        other.merge(other.receive(staged.message))
    helper = Helper(user, PLACE)
    helper.remember(alice, is_own=False)
    for group, nick in zip(others, nicks[1:], strict=True):
        helper.hear(engine(nick).account, asked(group)[0])
    answered = {account for account, _ in user.sent}
    assert {engine(nick).account for nick in nicks[-helping.ANSWERS :]} <= answered
    assert len(answered) < 40
    user.time += 10
    before = len(user.sent)
    for _ in range(40):
        helper = Helper(user, PLACE)
        helper.remember(alice, is_own=False)
        helper.hear(engine("p1").account, asked(others[1])[0])
    assert len(user.sent) - before < 20
