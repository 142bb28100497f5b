"""The small world of the client, seen through typed lines."""

from tests.client.conftest import alice, bob, bounds, world

__all__ = ["alice", "bob", "bounds", "world"]
