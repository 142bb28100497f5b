"""What outlives the process: named values, and the changes that are yet to be kept.

Most values are held here as long as the process lives. Some are archived: they are only where they
are kept, and read when somebody asks. Their names are held.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

Archive = Callable[[str], bytes | None]
"""Reads what is kept under a name, in any thread. Raises :class:`StoreError`."""


def no_archive(_: str) -> None:
    """Nothing is read where nothing is kept."""


class Memory:
    """Named values as they were kept; what changes is handed out once, to be kept as well.

    Of the values called ``archived`` only the names are known; ``archive`` reads one.
    """

    def __init__(
        self,
        kept: Mapping[str, bytes],
        archived: Iterable[str] = (),
        archive: Archive = no_archive,
    ) -> None:
        self._values: dict[str, bytes] = {}
        self._folders: dict[str, dict[str, None]] = {}
        self._before: dict[str, bytes | None] = {}
        self._sources: dict[str, Callable[[], bytes]] = {}
        self._archived = dict.fromkeys(archived)
        self._archiving: set[str] = set()
        self._archive = archive
        for name, value in kept.items():
            self._keep(name, value)

    def get(self, name: str) -> bytes | None:
        """The value under ``name``, unless it is archived."""
        source = self._sources.get(name)
        return self._values.get(name) if source is None else source()

    def put(self, name: str, value: bytes) -> None:
        """Remember ``value`` under ``name``."""
        self._sources.pop(name, None)
        self._archiving.discard(name)
        self._before.setdefault(name, self._values.get(name))
        self._keep(name, value)

    def put_later(self, name: str, source: Callable[[], bytes]) -> None:
        """Remember under ``name`` what ``source`` gives when the changes are taken.

        For what changes with every message, but is written once for many of them.
        """
        self._sources[name] = source

    def archive(self, name: str, value: bytes) -> None:
        """Remember ``value`` under ``name``, and hold only the name once the changes are taken."""
        self.put(name, value)
        self._archiving.add(name)

    def read_archived(self, name: str) -> bytes | None:
        """What is archived under ``name``; in any thread, and it may take its time.

        It is there once all changes are kept that were taken before. Raises :class:`StoreError`.
        """
        value = self._values.get(name)
        return self._archive(name) if value is None else value

    def drop(self, name: str) -> None:
        """Forget what is under ``name``."""
        self._sources.pop(name, None)
        self._archiving.discard(name)
        if name in self._values:
            self._before.setdefault(name, self._values[name])
            self._release(name)
        elif name in self._archived:
            self._before[name] = None

    def names(self, prefix: str) -> Iterator[str]:
        """All names that begin with ``prefix``, without it."""
        for name in self._values.keys() | self._sources.keys() | self._archived.keys():
            if name.startswith(prefix):
                yield name.removeprefix(prefix)

    def under(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """The names that begin with ``prefix``, without it, and their values; none is archived.

        Where that ends with a slash it makes no difference how much else there is.
        """
        self.settle()
        if prefix.endswith("/"):
            names = iter(self._folders.get(prefix, ()))
        else:
            names = (name for name in self._values if name.startswith(prefix))
        for name in names:
            yield name.removeprefix(prefix), self._values[name]

    def take_changes(self) -> dict[str, bytes | None]:
        """What changed since the last call; None stands for what was forgotten."""
        self.settle()
        changes = {name: self._values.get(name) for name in sorted(self._before)}
        self._before.clear()
        for name in changes.keys() & self._archived.keys():
            del self._archived[name]
        for name in self._archiving:
            self._release(name)
            self._archived[name] = None
        self._archiving.clear()
        return changes

    def restored(self) -> "Memory":
        """Another one, of what there was when changes were last taken."""
        values = self._values | {
            name: value for name, value in self._before.items() if value is not None
        }
        for name, value in self._before.items():
            if value is None:
                values.pop(name, None)
        return Memory(values, self._archived, self._archive)

    def settle(self) -> None:
        """Ask every source for its value; if one of them raises, nothing has changed."""
        given = {name: source() for name, source in self._sources.items()}
        for name, value in given.items():
            self.put(name, value)

    def _keep(self, name: str, value: bytes) -> None:
        is_new = name not in self._values
        self._values[name] = value
        if is_new:
            for folder in _folders(name):
                self._folders.setdefault(folder, {})[name] = None

    def _release(self, name: str) -> None:
        del self._values[name]
        for folder in _folders(name):
            del self._folders[folder][name]


def _folders(name: str) -> list[str]:
    """What of ``name`` goes up to each of its slashes."""
    return [name[: end + 1] for end, letter in enumerate(name) if letter == "/"]
