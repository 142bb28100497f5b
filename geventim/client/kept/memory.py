"""What outlives the process: named values, and the changes that are yet to be kept."""

from collections.abc import Callable, Iterator, Mapping


class Memory:
    """Named values as they were kept; what changes is handed out once, to be kept as well."""

    def __init__(self, kept: Mapping[str, bytes]) -> None:
        self._values: dict[str, bytes] = {}
        self._folders: dict[str, dict[str, None]] = {}
        self._before: dict[str, bytes | None] = {}
        self._sources: dict[str, Callable[[], bytes]] = {}
        for name, value in kept.items():
            self._keep(name, value)

    def get(self, name: str) -> bytes | None:
        """The value under ``name``."""
        source = self._sources.get(name)
        return self._values.get(name) if source is None else source()

    def put(self, name: str, value: bytes) -> None:
        """Remember ``value`` under ``name``."""
        self._sources.pop(name, None)
        self._before.setdefault(name, self._values.get(name))
        self._keep(name, value)

    def put_later(self, name: str, source: Callable[[], bytes]) -> None:
        """Remember under ``name`` what ``source`` gives when the changes are taken.

        For what changes with every message, but is written once for many of them.
        """
        self._sources[name] = source

    def drop(self, name: str) -> None:
        """Forget what is under ``name``."""
        self._sources.pop(name, None)
        if name in self._values:
            self._before.setdefault(name, self._values.pop(name))
            self._values.pop(name, None)
            del self._folders[_folder(name)][name]

    def under(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """The names that begin with ``prefix``, without it, and their values."""
        self.settle()
        for name, value in self._values.items():
            if name.startswith(prefix):
                yield name.removeprefix(prefix), value

    def inside(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """The same for a ``folder``, which ends with a slash, and has no other folder in it.

        How much else there is makes no difference.
        """
        self.settle()
        for name in self._folders.get(folder, ()):
            yield name.removeprefix(folder), self._values[name]

    def take_changes(self) -> dict[str, bytes | None]:
        """What changed since the last call; None stands for what was forgotten."""
        self.settle()
        changes = {name: self._values.get(name) for name in sorted(self._before)}
        self._before.clear()
        return changes

    def restored(self) -> "Memory":
        """Another one, of what there was when changes were last taken."""
        values = self._values | {
            name: value for name, value in self._before.items() if value is not None
        }
        for name, value in self._before.items():
            if value is None:
                values.pop(name, None)
        return Memory(values)

    def settle(self) -> None:
        """Ask every source for its value; if one of them raises, nothing has changed."""
        given = {name: source() for name, source in self._sources.items()}
        for name, value in given.items():
            self.put(name, value)

    def _keep(self, name: str, value: bytes) -> None:
        self._values[name] = value
        self._folders.setdefault(_folder(name), {})[name] = None


def _folder(name: str) -> str:
    """What of ``name`` goes up to the last slash."""
    return name[: name.rfind("/") + 1]
