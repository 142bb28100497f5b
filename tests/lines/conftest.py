"""The small world of the client, seen through typed lines."""

from tests.client.conftest import alice, bob, few_key_packages, world

__all__ = ["alice", "bob", "few_key_packages", "world"]
