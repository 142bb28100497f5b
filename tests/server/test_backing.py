"""What a server stands on, and whom it refuses to stand with."""

import os
import sys

import gevent
import pytest

from geventim.chat.values import Access
from geventim.crypto.signature import SigningKey
from geventim.errors import StoreError, UserError
from geventim.net.timers import Timers
from geventim.server.backing import CommonStore, OwnStore, _with_password, open_backing
from geventim.server.data import DataDirectory
from geventim.service.dispatch import Policy, Service
from tests.conftest import PATIENCE
from tests.net.shared_store import Common, SharedStore
from tests.service.surroundings import Audience

KEY = bytes(32)


@pytest.fixture
def directory(tmp_path):
    opened = DataDirectory(tmp_path)
    yield opened
    opened.close()


class Agreeing(SharedStore):
    """Whoever comes first decides."""

    def agree(self, server_key):
        return self.common.__dict__.setdefault("key", server_key)


def service_of(backing):
    policy = Policy(KEY, Access.OPEN)
    signer = SigningKey(KEY)
    neighbours = backing.neighbours
    return Service(backing.journal, Timers(), Audience, os.urandom, signer, policy, neighbours)


def test_without_a_store_everything_is_in_the_directory(directory):
    backing = open_backing(None, directory, KEY)
    assert isinstance(backing, OwnStore)
    assert backing.neighbours is None
    backing.join(service_of(backing))
    backing.close()
    assert (directory.path / "log.sqlite").exists()


def test_store_that_cannot_be_reached(directory):
    with pytest.raises(StoreError):
        open_backing("redis://127.0.0.1:1/0", directory, KEY)


def test_servers_with_the_same_key_hear_each_other():
    common = Common()
    backings = [CommonStore(Agreeing(common), KEY) for _ in range(2)]
    services = [service_of(backing) for backing in backings]
    for backing, service in zip(backings, services, strict=True):
        backing.join(service)
    with gevent.Timeout(PATIENCE):
        while any(backing.neighbours.untold() for backing in backings):
            gevent.sleep(0.005)
    assert len(common.items["board"]) >= 6  # each has asked, said who is there, and that it is
    for backing in backings:
        backing.close()


def test_server_with_another_key_is_refused():
    common = Common()
    first = CommonStore(Agreeing(common), KEY)
    store = Agreeing(common)
    with pytest.raises(UserError, match="server/key") as caught:
        CommonStore(store, b"1" * 32)
    assert caught.value.code == "other_key"
    assert store.closed
    first.close()


def test_without_its_library_a_common_store_says_how_to_get_it(directory, monkeypatch):
    monkeypatch.setitem(sys.modules, "geventim.store.redis.store", None)
    with pytest.raises(UserError, match=r"pip install '\.\[cluster\]'") as caught:
        open_backing("redis://127.0.0.1:6379/0", directory, KEY)
    assert caught.value.code == "no_redis"


@pytest.mark.parametrize(
    ("store", "address"),
    [
        ("redis://h:1/2?replicas=1", "redis://:a%2Fb%40%3A@h:1/2?replicas=1"),
        ("rediss://user@h", "rediss://user:a%2Fb%40%3A@h"),
        ("unix:///run/redis?db=1", "unix://:a%2Fb%40%3A@/run/redis?db=1"),
    ],
)
def test_a_password_may_hold_what_ends_an_address(store, address):
    assert _with_password(store, "a/b@:") == address
