"""The way to Redis: commands there, answers back, and every failure a :class:`StoreError`."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.exceptions import AskError, MovedError, RedisClusterException
from redis.retry import Retry

from geventim.errors import StoreError
from geventim.store.redis import layout, scripts
from geventim.store.redis.bounds import USUAL, Bounds

TIMEOUT: Final = 5.0
"""Seconds in which Redis has to answer."""

MOST_REPLICAS: Final = 100

STRAYED: Final = (
    redis.ConnectionError,
    redis.TimeoutError,
    AskError,
    MovedError,
    RedisClusterException,
)
"""What happens when a part of a cluster is no longer where it was."""

Command = tuple[Any, ...]

log = logging.getLogger(__name__)


class RedisLink:
    """Connections to the server, or the cluster, at ``url`` (``redis://HOST:PORT/DB``).

    With ``?replicas=N`` in the address, what is written must have reached so many replicas, within
    ``bounds``. How often something has failed is in ``failures``.

    Raises :class:`StoreError` when it cannot be reached, would forget what it has acknowledged, or
    has fewer replicas.
    """

    def __init__(self, url: str, bounds: Bounds = USUAL) -> None:
        self.failures = 0
        self._bounds = bounds
        url, self.replicas = split_url(url)
        with self._watched():
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
                if int(self.ask("INFO", "cluster")["cluster_enabled"]) and self._nodes() > 1:
                    self._client = redis.RedisCluster.from_url(url, **options)
                    self._is_spread = True
                    first.close()
                self._check_durability()
                self._check_replicas()
            except BaseException:
                self._client.close()
                raise

    def ask(self, *command: Any, home: str = "") -> Any:
        """The answer to one command.

        A cluster has to be asked where a command belongs, unless it is at ``home`` with that key.
        """
        with self._watched():
            client, options = self._client, {}
            if home and self._is_spread:
                options["target_nodes"] = client.get_node_from_key(home)
            return client.execute_command(*command, **options)

    def ask_all(self, commands: Sequence[Command], *, atomic: bool = False) -> list[Any]:
        """The answers to ``commands``, sent together; if ``atomic``, nothing comes between them."""
        with self._watched(), self._client.pipeline(transaction=atomic) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            answers: list[Any] = pipeline.execute()
            return answers

    def write(self, *command: Any) -> Any:
        """The answer to one command that changes something; see :meth:`write_all`."""
        (answer,) = self.write_all([command])
        return answer

    def write_all(self, commands: Sequence[Command]) -> list[Any]:
        """The answers to ``commands`` when as many replicas as wanted know all that these do.

        What they find done already is waited for, too. After :class:`StoreError` they may have been
        carried out, and others may see it.
        """
        if not self.replicas or not commands:
            return self.ask_all(commands)
        answers: list[Any] = [None] * len(commands)
        with self._watched():
            try:
                for client, places in self._homes(commands):
                    found = self._write_there(client, [commands[place] for place in places])
                    for place, answer in zip(places, found, strict=True):
                        answers[place] = answer
            except STRAYED:
                if self._is_spread:
                    self._client.nodes_manager.initialize()
                raise
        return answers

    def close(self) -> None:
        """Give the connections back."""
        with self._watched():
            self._client.close()

    def _check_durability(self) -> None:
        for client in self._primaries():
            settings = client.config_get("append*") | client.config_get("maxmemory-policy")
            if settings.get("appendonly") != "yes" or settings.get("appendfsync") != "always":
                raise StoreError(
                    "this Redis may forget what it has acknowledged; start it with"
                    " '--appendonly yes --appendfsync always'"
                )
            policy = settings.get("maxmemory-policy")
            if policy != "noeviction":
                raise StoreError(
                    f"this Redis drops what is stored when its memory is full ('{policy}'); start"
                    " it with '--maxmemory-policy noeviction'"
                )

    def _check_replicas(self) -> None:
        connected = min(
            client.info("replication")["connected_slaves"] for client in self._primaries()
        )
        if connected < self.replicas:
            raise StoreError(
                f"this Redis has {connected} replicas, and {self.replicas} are wanted; start them,"
                " or change 'replicas' in the address of the store"
            )
        if connected and not self.replicas:
            log.warning("replicas are not waited for: '?replicas=' is not in the store's address")

    def _primaries(self) -> list[Any]:
        if not self._is_spread:
            return [self._client]
        return list(map(self._client.get_redis_connection, self._client.get_primaries()))

    def _homes(self, commands: Sequence[Command]) -> Iterator[tuple[Any, list[int]]]:
        """Where the commands belong, and the places of those that belong there."""
        if not self._is_spread:
            yield self._client, list(range(len(commands)))
            return
        homes: dict[str, tuple[Any, list[int]]] = {}
        for place, command in enumerate(commands):
            node = self._client.get_node_from_key(_key(command))
            homes.setdefault(node.name, (node, []))[1].append(place)
        for node, places in homes.values():
            yield self._client.get_redis_connection(node), places

    def _write_there(self, client: Any, commands: Sequence[Command]) -> list[Any]:
        # What one connection has written counts for its WAIT. There is always something: what
        # another connection wrote before is older than that.
        mark = layout.mark(_key(commands[0]))
        with client.pipeline(transaction=False) as pipeline:
            for command in commands:
                pipeline.execute_command(*command)
            pipeline.execute_command("EVAL", scripts.MARK, 1, mark)
            pipeline.execute_command("WAIT", self.replicas, self._bounds.replica_wait)
            answers: list[Any] = pipeline.execute()
        reached = answers[-1]
        if reached < self.replicas:
            raise StoreError(f"{reached} replicas have answered, and {self.replicas} are wanted")
        return answers[:-2]

    def _nodes(self) -> int:
        return int(self.ask("CLUSTER INFO")["cluster_known_nodes"])

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            with _failures():
                yield
        except StoreError:
            self.failures += 1
            raise


def split_url(url: str) -> tuple[str, int]:
    """The address of a Redis as the library takes it, and how many replicas are wanted.

    Raises :class:`StoreError`.
    """
    parts = urlsplit(url)
    options = parse_qsl(parts.query, keep_blank_values=True)
    wanted = [value for name, value in options if name == "replicas"]
    if not wanted:
        return url, 0
    (number, *more) = wanted
    if more or not (number.isascii() and number.isdigit() and int(number) <= MOST_REPLICAS):
        raise StoreError(f"'replicas' in an address is a number up to {MOST_REPLICAS}")
    others = [option for option in options if option[0] != "replicas"]
    return parts._replace(query=urlencode(others)).geturl(), int(number)


def _key(command: Command) -> str:
    """The first key of a command."""
    key: str = command[3] if command[0] == "EVAL" else command[1]
    return key


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
