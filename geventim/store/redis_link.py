"""The way to Redis: commands there, answers back, and every failure a :class:`StoreError`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException
from redis.retry import Retry

from geventim.errors import StoreError

TIMEOUT: Final = 5.0
"""Seconds in which Redis has to answer."""

Command = tuple[Any, ...]


class RedisLink:
    """Connections to the server, or the cluster, at ``url`` (``redis://HOST:PORT/DB``).

    Raises :class:`StoreError` when it cannot be reached, or would forget what it has acknowledged.
    """

    def __init__(self, url: str) -> None:
        with _failures():
            # Who asked knows whether to ask again; a command that may have been carried out is not
            # repeated behind its back.
            options: dict[str, Any] = {
                "socket_timeout": TIMEOUT,
                "socket_connect_timeout": TIMEOUT,
                "retry": Retry(NoBackoff(), 0),
            }
            first = redis.Redis.from_url(url, **options)
            self._client: Any = first
            self._is_spread = False
            try:
                self._check_durability()
                if int(self.ask("INFO", "cluster")["cluster_enabled"]) and self._nodes() > 1:
                    self._client = redis.RedisCluster.from_url(url, **options)
                    self._is_spread = True
                    first.close()
            except BaseException:
                first.close()
                raise

    def ask(self, *command: Any, home: str = "") -> Any:
        """The answer to one command.

        A cluster has to be asked where a command belongs, unless it is at ``home`` with that key.
        """
        with _failures():
            client, options = self._client, {}
            if home and self._is_spread:
                options["target_nodes"] = client.get_node_from_key(home)
            return client.execute_command(*command, **options)

    def ask_all(self, commands: Sequence[Command], *, atomic: bool = False) -> list[Any]:
        """The answers to ``commands``, sent together; if ``atomic``, nothing comes between them."""
        with _failures(), self._client.pipeline(transaction=atomic) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            answers: list[Any] = pipeline.execute()
            return answers

    def close(self) -> None:
        """Give the connections back."""
        with _failures():
            self._client.close()

    def _check_durability(self) -> None:
        settings = self.ask("CONFIG GET", "append*")
        if settings.get("appendonly") != "yes" or settings.get("appendfsync") != "always":
            raise StoreError(
                "this Redis may forget what it has acknowledged; start it with"
                " '--appendonly yes --appendfsync always'"
            )

    def _nodes(self) -> int:
        return int(self.ask("CLUSTER INFO")["cluster_known_nodes"])


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what the library raises, which may quote what was sent, into :class:`StoreError`."""
    try:
        yield
    except redis.AuthenticationError:
        raise StoreError("Redis refuses the password") from None
    except (redis.ConnectionError, redis.TimeoutError):
        raise StoreError("Redis cannot be reached") from None
    except (redis.RedisError, RedisClusterException, ValueError) as error:
        raise StoreError(f"Redis has failed: {type(error).__name__}") from None
