import pytest

from geventim.chat import limits
from geventim.chat.values import Kind
from geventim.client.kept.memory import Memory
from geventim.client.sealing.engine import DAY, LIFETIME
from geventim.client.sealing.key_packages import RENEWAL, STOCK, KeyPackages
from geventim.client.steps.clocks import Clocks
from geventim.client.steps.effects import Compute
from geventim.errors import PeerError, StoreError
from geventim.mls.groups import archive
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.messages.message import encode_message
from geventim.mls.messages.proposals import Add
from tests.client.members import NOW, charter_of, draw, engine

FEW = 3


class Owner:
    """Somebody's key packages, and what was uploaded of them."""

    def __init__(self, kept=None):
        self.now = float(NOW)
        self.memory = Memory(kept or {})
        self.engine = engine("alice")
        self.packages = KeyPackages(self.engine, self.memory, Clocks(lambda: self.now), FEW)

    def restock(self):
        """Upload what is wanted; the requests."""
        asked, steps, result = [], self.packages.restock(), None
        try:
            while True:
                effect = steps.send(result)
                if isinstance(effect, Compute):
                    result = effect.call()
                else:
                    asked.append(effect)
                    result = None, b""
        except StopIteration:
            return asked

    def kept(self):
        return dict(self.memory.under("package/"))


@pytest.fixture
def owner():
    return Owner()


def invite(package):
    """A Welcome to the owner of ``package``."""
    group = engine("bob").found(draw("group")(16), charter_of(Kind.GROUP), NOW)
    return group.commit(CommitRequest((Add(package.key_package),), now=NOW)).welcome


def own(owner, number=0):
    return archive.restore_key_package(list(owner.kept().values())[number])


def test_the_stock_is_more_than_the_server_calls_few():
    assert limits.FEW_KEY_PACKAGES < STOCK <= limits.KEY_PACKAGES


def test_the_first_upload_has_a_stock_and_a_last_resort(owner):
    assert owner.packages.wanted
    assert not owner.packages.stocked
    stock, last = (each.request for each in owner.restock())
    assert (len(stock.sizes), stock.last_resort) == (FEW, False)
    assert (len(last.sizes), last.last_resort) == (1, True)
    assert sum(stock.sizes) == stock.payload
    assert max(stock.sizes) < limits.KEY_PACKAGE_SIZE
    assert len(owner.kept()) == FEW + 1
    assert not owner.packages.wanted
    assert owner.packages.stocked
    assert Owner(owner.memory.take_changes()).packages.stocked


def test_keys_are_kept_before_their_packages_leave(owner):
    steps = owner.packages.restock()
    made = next(steps).call()
    steps.send(made)
    kept = set(owner.memory.take_changes())
    assert {"package/" + each.key_package.reference().hex() for each in made} <= kept


def test_what_is_missing_is_uploaded_when_there_is_little_left(owner):
    owner.restock()
    owner.packages.run_low(1)
    assert owner.packages.wanted
    (again,) = owner.restock()
    assert len(again.request.sizes) == FEW - 1
    assert not owner.packages.wanted


def test_a_package_is_found_by_its_welcome_and_used_once(owner):
    owner.restock()
    package = own(owner)
    welcome = invite(package)
    found = owner.packages.find(welcome)
    assert found.key_package.reference() == package.key_package.reference()
    owner.packages.spend(found)
    assert owner.packages.find(welcome) is None


def test_a_welcome_for_somebody_else_finds_nothing(owner):
    owner.restock()
    other = engine("carol").generate_key_packages(1, NOW)[0]
    assert owner.packages.find(invite(other)) is None


def test_what_is_no_welcome_is_the_peers_fault(owner):
    owner.restock()
    for data in (b"", b"xx", encode_message(own(owner).key_package)):
        with pytest.raises(PeerError):
            owner.packages.find(data)


def test_a_used_last_resort_is_replaced_and_serves_until_the_next_one_is(owner):
    last = owner.restock()[-1]
    reference = owner.packages._stock.last
    package = archive.restore_key_package(owner.kept()[reference.hex()])
    welcome = invite(package)
    owner.packages.spend(owner.packages.find(welcome))
    assert owner.packages.find(welcome) is not None
    assert owner.packages.wanted
    (second,) = owner.restock()
    assert second.request.last_resort
    assert second.payload != last.payload
    assert owner.packages.find(welcome) is not None, "others may have claimed it before"
    newer = archive.restore_key_package(owner.kept()[owner.packages._stock.last.hex()])
    owner.packages.spend(newer)
    owner.restock()
    assert owner.packages.find(welcome) is None


def test_a_last_resort_is_replaced_before_it_expires(owner):
    owner.restock()
    owner.now += LIFETIME - RENEWAL - 2 * DAY
    assert not owner.packages.wanted
    owner.now += 2 * DAY
    assert owner.packages.wanted


def test_what_nobody_can_use_any_more_is_forgotten(owner):
    owner.restock()
    owner.now += LIFETIME - DAY
    owner.packages.expire()
    assert len(owner.kept()) == FEW + 1
    owner.now += 1
    owner.packages.expire()
    assert owner.kept() == {}


def test_damage_is_the_stores_fault():
    with pytest.raises(StoreError):
        Owner({"packages": b"\xc1"})
