import os

import pytest

from geventim.client.conversation.own_commit import OwnCommit
from geventim.client.kept.memory import Memory
from geventim.client.kept.record import Pending
from geventim.errors import MisuseError

ID = bytes(16)


class Engine:
    """Says what was restored."""

    def restore(self, fixed, moving):
        return fixed, moving


@pytest.fixture
def memory():
    return Memory({})


def pending():
    return Pending(os.urandom(16), 3, b"m", b"", b"", (), (), None, b"fixed", b"moving")


def again(memory):
    """Another process."""
    return OwnCommit(Memory(memory.take_changes()), Engine(), ID)


def test_it_leads_to_the_group_that_was_prepared(memory):
    own, made = OwnCommit(memory, Engine(), ID), pending()
    own.put(made, "group")
    assert own.take() == (made, "group")
    assert own.pending is None


def test_it_outlives_the_process_with_its_place_and_its_group(memory):
    own, made = OwnCommit(memory, Engine(), ID), pending()
    own.put(made, "group")
    own.accept(7)
    later = again(memory)
    assert later.pending.seq == 7
    taken, group = later.take()
    assert (taken.message_id, group) == (made.message_id, (b"fixed", b"moving"))


def test_one_that_was_taken_or_dropped_is_not_kept(memory):
    own = OwnCommit(memory, Engine(), ID)
    own.put(pending(), "group")
    own.drop()
    assert own.pending is None
    own.accept(7)
    assert [value for value in memory.take_changes().values() if value is not None] == []


def test_there_is_none_to_be_taken_where_none_was_put(memory):
    with pytest.raises(MisuseError):
        OwnCommit(memory, Engine(), ID).take()
