"""What outlives the process: named values, and the changes that are yet to be kept."""

from collections.abc import Callable, Iterator, Mapping


class Memory:
    """Named values as they were kept; what changes is handed out once, to be kept as well."""

    def __init__(self, kept: Mapping[str, bytes]) -> None:
        self._values: dict[str, bytes] = {}
        self._folders: dict[str, dict[str, None]] = {}
        self._changed: set[str] = set()
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
        self._keep(name, value)
        self._changed.add(name)

    def put_later(self, name: str, source: Callable[[], bytes]) -> None:
        """Remember under ``name`` what ``source`` gives when the changes are taken.

        For what changes with every message, but is written once for many of them.
        """
        self._sources[name] = source

    def drop(self, name: str) -> None:
        """Forget what is under ``name``."""
        self._sources.pop(name, None)
        if self._values.pop(name, None) is not None:
            del self._folders[_folder(name)][name]
            self._changed.add(name)

    def under(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """The names that begin with ``prefix``, without it, and their values."""
        self._settle()
        for name, value in self._values.items():
            if name.startswith(prefix):
                yield name.removeprefix(prefix), value

    def inside(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """The same for a ``folder``, which ends with a slash, and has no other folder in it.

        How much else there is makes no difference.
        """
        self._settle()
        for name in self._folders.get(folder, ()):
            yield name.removeprefix(folder), self._values[name]

    def take_changes(self) -> dict[str, bytes | None]:
        """What changed since the last call; None stands for what was forgotten."""
        self._settle()
        changes = {name: self._values.get(name) for name in sorted(self._changed)}
        self._changed.clear()
        return changes

    def _keep(self, name: str, value: bytes) -> None:
        self._values[name] = value
        self._folders.setdefault(_folder(name), {})[name] = None

    def _settle(self) -> None:
        sources, self._sources = self._sources, {}
        for name, source in sources.items():
            self.put(name, source())


def _folder(name: str) -> str:
    """What of ``name`` goes up to the last slash."""
    return name[: name.rfind("/") + 1]
