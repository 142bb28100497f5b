"""What one account may ask for in a while, and what happens over it."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
from msgspec.structs import replace

from geventim.chat import limits
from geventim.chat import requests as ask
from geventim.chat.codec import Malformed, encode
from geventim.chat.limits import COMMIT_SIZE, ENTRY_SIZE
from geventim.chat.replies import Added, Error, LoggedIn, NameList, Ok, Subscribed
from geventim.chat.values import Access, Status
from geventim.errors import PeerError
from geventim.service import dispatch
from geventim.service.people import budgets as module
from geventim.service.people.budgets import Budget, Budgets, Cost, Spending, costs
from tests.service.doubles import World, fresh_id
from tests.service.identities import registration
from tests.service.specimens import REQUESTS

ALICE, BOB = b"a" * 16, b"b" * 16


PROTOCOL = Path(__file__).parents[3] / "docs" / "protocol.md"


def test_the_budgets_are_those_of_the_documentation():
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \| ([\d,.]+) \|", PROTOCOL.read_text("utf-8"), re.M)
    described = {
        name: (burst.replace(",", ""), rate.replace(",", "")) for name, burst, rate in rows
    }
    assert {
        name: Budget(float(burst), float(rate)) for name, (burst, rate) in described.items()
    } == {name: getattr(Budgets(), name) for name in Budgets.__slots__}


def test_every_request_has_a_budget():
    assert set(module.ONE) | module.FREE == {*get_args(ask.AnyRequest), Malformed}
    assert not set(module.ONE) & module.FREE
    assert set(module.ONE.values()) < set(Budgets.__slots__)


class TestRegistrations:
    def register(self, world, number, address, *, key=None):
        client = world.client(f"key{number}")
        client.session.address = address
        fields = registration(f"user{number}", f"key{number}")
        return client.ask(ask.Register, **fields)

    def test_an_address_cannot_fill_a_server_with_accounts(self):
        world = World()
        burst = int(Budgets().registrations.burst)
        codes = [
            getattr(self.register(world, number, "192.0.2.1"), "code", "")
            for number in range(burst + 5)
        ]
        assert codes == [""] * burst + ["too_many_accounts"] * 5
        assert isinstance(self.register(world, 50, "192.0.2.2"), LoggedIn)
        assert isinstance(self.register(world, 51, ""), LoggedIn)
        world.timers.advance(1 / Budgets().registrations.rate)
        assert isinstance(self.register(world, 52, "192.0.2.1"), LoggedIn)

    def test_invites_are_bounded_by_their_number_alone(self):
        world = World(Access.INVITE)
        code = world.service.accounts.invite(100, 1)
        for number in range(40):
            client = world.client(f"key{number}")
            client.session.address = "192.0.2.1"
            fields = registration(f"user{number}", f"key{number}", code)
            assert isinstance(client.ask(ask.Register, **fields), LoggedIn)


class Ledger:
    def __init__(self, most=module.REMEMBERED, **budgets):
        self.time = 1_000.0
        self.spending = Spending(Budgets(**budgets), lambda: self.time, most)

    def spend(self, budget="names", amount=1.0, account=ALICE):
        return self.spending.spend(account, [Cost(budget, amount)])


class TestSpending:
    def test_a_burst_is_free_and_then_time_pays(self):
        ledger = Ledger(names=Budget(3, 0.5))
        assert [ledger.spend() for _ in range(4)] == [0, 0, 0, 2.0]
        ledger.time += 2.0
        assert [ledger.spend() for _ in range(2)] == [0, 2.0]

    def test_who_has_to_wait_gets_nothing_until_then(self):
        ledger = Ledger(names=Budget(2, 100.0))
        assert [ledger.spend() for _ in range(3)] == [0, 0, 1.0]
        ledger.time += 0.75
        assert ledger.spend() == 0.25
        ledger.time += 0.25
        assert ledger.spend() == 0

    def test_every_account_has_its_own(self):
        ledger = Ledger(names=Budget(1, 1.0))
        assert [ledger.spend(account=account) for account in (ALICE, BOB)] == [0, 0]
        assert ledger.spend(account=BOB) > 0

    def test_what_costs_more_than_there_can_be_is_paid_afterwards(self):
        ledger = Ledger(names=Budget(10, 1.0))
        assert ledger.spend(amount=30) == 0
        assert ledger.spend() == 21.0

    def test_nothing_is_paid_where_something_is_refused(self):
        ledger = Ledger(messages=Budget(10, 1.0), size=Budget(5, 1.0))
        costs = [Cost("messages"), Cost("size", 3)]
        assert ledger.spending.spend(ALICE, costs) == 0
        assert ledger.spending.spend(ALICE, costs) == 1.0
        assert [ledger.spend("messages") for _ in range(9)] == [0] * 9
        assert ledger.spend("messages") > 0

    def test_a_clock_that_is_set_back_shuts_nobody_out(self):
        ledger = Ledger(names=Budget(2, 1.0))
        assert [ledger.spend() for _ in range(3)] == [0, 0, 1.0]
        ledger.time -= 500.0
        assert ledger.spend() == 1.0
        ledger.time += 1.0
        assert ledger.spend() == 0

    def test_without_budgets_nothing_is_counted(self):
        spending = Spending(None, lambda: 0.0)
        assert spending.spend(ALICE, [Cost("names", 1e9)]) == 0
        assert spending.spend(ALICE, [Cost("names", 1e9)]) == 0

    def test_memory_is_bounded_and_who_asks_is_remembered(self):
        ledger = Ledger(most=100, names=Budget(5, 0.001))
        for _ in range(5):
            assert ledger.spend() == 0
        for number in range(1_000):
            ledger.time += 0.001
            ledger.spend(account=number.to_bytes(16, "big"))
            assert ledger.spend() > 0
            assert len(ledger.spending._purses) <= 100


@pytest.fixture
def small():
    """A world in which everything can be asked for three times."""
    world = World()
    few = {name: Budget(3, 0.5) for name in Budgets.__slots__}
    few["kept"] = Budget(3 * ENTRY_SIZE, 0.5 * ENTRY_SIZE)
    world.policy = dispatch.Policy(
        world.policy.server_key, world.policy.access, budgets=Budgets(**few)
    )
    world.start()
    return world


REPEATED = [request for request in REQUESTS if not isinstance(request, ask.Quit)]


class TestRequests:
    @pytest.mark.parametrize("request_", REPEATED, ids=lambda request: type(request).__name__)
    def test_no_request_can_be_repeated_without_end(self, small, request_):
        client = small.enter("alice")
        client.received.clear()
        for number in range(1, 12):
            client.say(replace(request_, id=number))
        assert [getattr(client.replies(n)[0], "code", "") == "busy" for n in (1, 3)] == [False] * 2
        last = client.replies(11)[0]
        assert (last.code, last.wait) == ("busy", pytest.approx(2.0))
        small.timers.advance(60.0)
        client.say(replace(request_, id=12))
        assert getattr(client.replies(12)[0], "code", "") != "busy"

    def test_what_is_no_request_has_a_budget_too(self, small):
        client = small.enter("alice")
        frame = encode(ask.ListNames(id=9)).replace(b"list-names", b"fast-names")
        for _ in range(4):
            small.service.receive(client.session, frame)
        codes = [reply.code for reply in client.replies(9)]
        assert codes == ["bad_request"] * 3 + ["busy"]

    def test_who_goes_on_and_on_is_not_listened_to(self, small):
        client = small.enter("alice")
        frames = encode(ask.ListNames(id=9)) * 200
        with pytest.raises(PeerError, match="has to wait"):
            small.service.receive(client.session, frames)
        refused = [reply for reply in client.replies(9) if isinstance(reply, Error)]
        assert len(refused) == limits.REFUSED

    def test_an_account_cannot_log_in_without_end(self, small):
        small.enter("alice").lose()
        for _ in range(3):
            client = small.client("alice")
            assert client.ask(ask.Login, nick="alice").nick == "alice"
            client.lose()
        reply = small.client("alice").ask(ask.Login, nick="alice")
        assert (reply.code, reply.wait) == ("busy", 2.0)

    def test_groups_of_many_unknown_names_are_paid_by_the_name(self):
        world = World()
        client = world.enter("mallory")
        names = tuple(f"nobody{number}" for number in range(256))

        def create():
            return client.ask(
                ask.CreateGroup,
                message_id=fresh_id(),
                name="crew",
                members=names,
            )

        assert [create().code for _ in range(4)] == ["unknown_users"] * 2 + ["busy"] * 2

    def test_what_commits_make_a_server_keep_is_bounded_over_a_day(self):
        """None is refused for good, however large: it is a matter of time."""
        budget, day = Budgets().kept, 86_400
        kept, ledger = 0, Ledger()
        waits = []
        while ledger.time < 1_000 + day:
            session = SimpleNamespace(account=SimpleNamespace(id=ALICE))
            commit = ask.Commit(
                id=1, conversation=BOB, message_id=BOB, head=1, payload=0, message=0
            )
            wait = ledger.spending.spend(ALICE, costs(session, commit, bytes(COMMIT_SIZE)))
            kept += COMMIT_SIZE * (wait == 0)
            waits.append(wait)
            ledger.time += max(wait, 0.05)
        assert kept <= budget.burst + budget.rate * day + COMMIT_SIZE < 400 * 1024 * 1024
        assert max(waits) == pytest.approx(module.MOST_WAIT)

    def test_a_large_state_costs_more_than_a_small_one(self):
        world = World()
        client = world.enter("alice")
        room = client.room()

        def give(size):
            payload = bytes(size)
            return client.ask(ask.Void, payload, conversation=room, seq=0)

        codes = [getattr(give(800 * 1024), "code", "") for _ in range(30)]
        assert codes == [""] * 23 + ["busy"] * 7
        world.timers.advance(60)
        codes = [getattr(give(20 * 1024), "code", "") for _ in range(300)]
        assert codes == [""] * 300

    def test_nobody_puts_others_into_groups_as_fast_as_it_can(self):
        world = World()
        victim, mallory = world.enter("alice"), world.enter("mallory")
        codes = []
        for number in range(60):
            made = mallory.ask(
                ask.CreateGroup, message_id=fresh_id(), name=f"crowd-{number}", members=()
            )
            group = made.conversation.id
            turn = mallory.turn(group)
            reply = mallory.commit(group, head=turn.head, add=["alice"])
            codes.append(getattr(reply, "code", ""))
        assert codes == [""] * 40 + ["busy"] * 20
        assert len(victim.events(Added)) == 40
        assert isinstance(mallory.change(mallory.room("den")), int)

    def test_a_log_is_read_once_for_nothing(self, small):
        client = small.enter("alice")
        rooms = [client.open(name) for name in ("one", "two")]
        small.timers.advance(60.0)
        for info in rooms:
            client.change(info.id, ["alice"])
            small.timers.advance(60.0)
        replies = [client.subscribe(rooms[0].id) for _ in range(5)]
        assert [type(reply) for reply in replies] == [Subscribed] * 4 + [Error]
        assert isinstance(client.subscribe(rooms[1].id), Subscribed)

    def test_twenty_messages_a_second_never_meet_a_budget(self):
        world = World()
        client = world.enter("alice")
        room = client.room()
        client.received.clear()
        for _ in range(20 * 200):
            world.timers.advance(0.05)
            client.post(room)
        assert [m for m, _ in client.received if isinstance(m, Error)] == []

    def test_others_are_not_concerned(self, small):
        alice, bob = small.enter("alice"), small.enter("bob")
        for _ in range(5):
            alice.ask(ask.ListNames)
        assert isinstance(bob.ask(ask.ListNames), NameList)
        assert isinstance(alice.ask(ask.SetStatus, status=Status.DND), Ok)
