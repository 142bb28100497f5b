"""The small world of the client, seen through typed lines."""

from tests.client.conftest import alice, bob, world

__all__ = ["alice", "bob", "world"]
