"""A lock between real threads, whatever has been patched.

After ``monkey.patch_all()`` the locks in ``threading`` and ``_thread`` are those of greenlets,
which make an event loop in every thread that has to wait for one. The queue in ``_queue`` is left
alone: a thread that waits for it sleeps, and every other thread goes on.
"""

from _queue import SimpleQueue
from types import TracebackType


class Lock:
    """Held by one thread at a time. Nothing that may switch greenlets is done under it."""

    __slots__ = ("_tokens",)

    def __init__(self) -> None:
        self._tokens: SimpleQueue[None] = SimpleQueue()
        self._tokens.put(None)

    def __enter__(self) -> None:
        self._tokens.get()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._tokens.put(None)
