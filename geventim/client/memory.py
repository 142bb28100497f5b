"""What outlives the process: named values, and the changes that are yet to be kept."""

from collections.abc import Iterator, Mapping


class Memory:
    """Named values as they were kept; what changes is handed out once, to be kept as well."""

    def __init__(self, kept: Mapping[str, bytes]) -> None:
        self._values = dict(kept)
        self._changed: set[str] = set()

    def get(self, name: str) -> bytes | None:
        """The value under ``name``."""
        return self._values.get(name)

    def put(self, name: str, value: bytes) -> None:
        """Remember ``value`` under ``name``."""
        self._values[name] = value
        self._changed.add(name)

    def drop(self, name: str) -> None:
        """Forget what is under ``name``."""
        self._values.pop(name, None)
        self._changed.add(name)

    def under(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """The names that begin with ``prefix``, without it, and their values."""
        for name, value in self._values.items():
            if name.startswith(prefix):
                yield name.removeprefix(prefix), value

    def take_changes(self) -> dict[str, bytes | None]:
        """What changed since the last call; None stands for what was forgotten."""
        changes = {name: self._values.get(name) for name in sorted(self._changed)}
        self._changed.clear()
        return changes
