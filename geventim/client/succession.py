"""An agent that failed in a way that nobody foresaw, and the one that takes its place.

Whatever it has changed since changes were last taken is gone with it: in memory as on disk either
all of an entry has happened, or nothing. The new one begins with what is kept, knows what failed,
and gets the lines that had not taken effect. It has to be connected anew.
"""

from collections.abc import Callable

from geventim.client.agent import Agent
from geventim.client.causes import Cause
from geventim.client.events import Error
from geventim.client.files.disk import Disk
from geventim.client.kept.memory import Memory
from geventim.client.measures import USUAL, Measures
from geventim.client.people.profile import Profile
from geventim.client.steps.attention import FORESEEN, Subject, describe


class Succession:
    """The agents of ``profile``, one after the other; see :class:`.Agent`."""

    def __init__(
        self,
        profile: Profile,
        memory: Memory,
        *,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        disk: Disk | None = None,
        measures: Measures = USUAL,
    ) -> None:
        self._profile = profile
        self._memory = memory
        self._clock = clock
        self._random = random
        self._disk = disk
        self._measures = measures
        self._told: set[str] = set()
        self.agent = self._appoint()
        self.agent.take_up()

    def succeed(self, error: Exception) -> None:
        """Replace the agent, which has raised ``error``; raise that if it was foreseen."""
        if isinstance(error, FORESEEN):
            raise error
        failed = self.agent
        if failed.ended is not None:
            # There is nothing to go on with.
            return
        self._memory = self._memory.restored()
        self.agent = self._appoint()
        legacy = failed.bequeath()
        self._blame(legacy.failed, describe(error))
        self.agent.inherit(legacy)

    def _blame(self, subject: Subject | None, place: str) -> None:
        """Note what the program has failed with. The user is told now, or once it is passed over.

        What is due in a conversation, and fails again, is not tried any more.
        """
        context = self.agent.context
        failure = None if subject is None else context.user.failures.note(subject, place)
        if subject is not None and subject.seq:
            return
        if place not in self._told:
            self._told.add(place)
            context.user.emit(Error.of("failed_here", case="on", place=place))
        conversation = None if subject is None else context.conversations.get(subject.conversation)
        if subject is not None and failure is not None and failure.is_final:
            context.user.failures.forget(subject)
            if conversation is not None:
                conversation.stop(Cause.FAILED_HERE)

    def _appoint(self) -> Agent:
        return Agent(
            self._profile,
            self._memory,
            clock=self._clock,
            random=self._random,
            disk=self._disk,
            measures=self._measures,
        )
