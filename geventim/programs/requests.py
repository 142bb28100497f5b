"""What a program can ask of a client: each wish as a method that returns its result."""

from abc import ABC, abstractmethod
from typing import Any, TypeVar

from geventim.chat.values import Status
from geventim.client import answers, wishes
from geventim.client.answers import Result
from geventim.client.sealing.content import Format
from geventim.client.wishes import Wish

Some = TypeVar("Some", bound=Result)


class Requests(ABC):
    """Each method waits for its result.

    Raises :class:`UserError` with the code and the sentence of a refusal, and ``no_answer`` if
    there is none in time. A conversation is named by its id, as ``@nick`` or ``#name``, or by a
    bare name where that fits only one. See :mod:`geventim.client.wishes`.
    """

    @abstractmethod
    def wish(self, wish: Wish) -> Result:
        """What comes of ``wish``; its id is replaced."""

    def say(
        self,
        to: str,
        text: str,
        *,
        reply_to: str = "",
        format: Format = Format.TEXT,  # noqa: A002 - it is called so in the wish
        files: tuple[str, ...] = (),
        message_id: str = "",
    ) -> answers.Said:
        """Send ``text`` to a conversation; returns when the server has it on disk.

        With ``files``, which are absolute paths, that may take longer than the client waits. With a
        ``message_id``, 16 random bytes in hexadecimal digits, it can be called again by a program
        that does not know whether it was sent: it is not sent twice.
        """
        wish = wishes.Say(
            id=0,
            to=to,
            text=text,
            reply_to=reply_to,
            format=format,
            files=files,
            message_id=message_id,
        )
        return self._get(answers.Said, wish)

    def edit(
        self,
        message_id: str,
        text: str,
        *,
        format: Format = Format.TEXT,  # noqa: A002 - the same
    ) -> answers.Said:
        """Put ``text`` in the place of a message of the user."""
        wish = wishes.Edit(id=0, message_id=message_id, text=text, format=format)
        return self._get(answers.Said, wish)

    def delete_message(self, message_id: str) -> answers.Said:
        """Delete a message for everybody."""
        return self._get(answers.Said, wishes.DeleteMessage(id=0, message_id=message_id))

    def react(self, message_id: str, reaction: str = "") -> answers.Said:
        """React to a message with an emoji, or take that back."""
        wish = wishes.React(id=0, message_id=message_id, reaction=reaction)
        return self._get(answers.Said, wish)

    def set_timer(self, conversation: str, seconds: int) -> answers.Said:
        """Have what is said from now on deleted so many ``seconds`` after it was read; 0: never."""
        wish = wishes.SetTimer(id=0, conversation=conversation, seconds=seconds)
        return self._get(answers.Said, wish)

    def fetch_file(self, message_id: str, index: int = 0, path: str = "") -> str:
        """Receive a file of a message; where it is. See the wish."""
        wish = wishes.FetchFile(id=0, message_id=message_id, index=index, path=path)
        return self._get(answers.Fetched, wish).path

    def transfers(self) -> tuple[answers.Moving, ...]:
        """Files that are being sent or fetched."""
        return self._get(answers.Transfers, wishes.Transfers(id=0)).transfers

    def cancel(self, *, message_id: str = "", transfer: int | None = None) -> None:
        """Do not send a message that waits to be sent, or give up a transfer."""
        self.wish(wishes.Cancel(id=0, message_id=message_id, transfer=transfer))

    def conversations(self) -> tuple[answers.Conversation, ...]:
        """Every conversation that the user is in."""
        return self._get(answers.Conversations, wishes.Conversations(id=0)).conversations

    def members(self, conversation: str) -> tuple[answers.Member, ...]:
        """Who is in a conversation, and how far they are trusted."""
        wish = wishes.Members(id=0, conversation=conversation)
        return self._get(answers.Members, wish).members

    def open_dm(self, nick: str) -> answers.Conversation:
        """The conversation with ``nick``; it is begun if there is none."""
        return self._get(answers.Conversation, wishes.OpenDm(id=0, nick=nick))

    def join(self, name: str, key: str = "") -> answers.Conversation:
        """Be in the room ``name``, with its ``key`` if it has one."""
        return self._get(answers.Conversation, wishes.Join(id=0, name=name, key=key))

    def rooms(self, after: str = "") -> answers.Rooms:
        """The rooms that there are, a page of them: those behind the name ``after``, by name."""
        return self._get(answers.Rooms, wishes.Rooms(id=0, after=after))

    def create_room(self, name: str, key: str = "") -> answers.Conversation:
        """Make the room ``name``, which can be entered with ``key`` alone if one is given."""
        return self._get(answers.Conversation, wishes.CreateRoom(id=0, name=name, key=key))

    def create_group(self, name: str, members: tuple[str, ...]) -> answers.Conversation:
        """Make a group of the user and ``members``."""
        wish = wishes.CreateGroup(id=0, name=name, members=members)
        return self._get(answers.Conversation, wish)

    def add(self, conversation: str, members: tuple[str, ...]) -> None:
        """Let ``members`` into a group."""
        self.wish(wishes.Add(id=0, conversation=conversation, members=members))

    def remove(self, conversation: str, members: tuple[str, ...]) -> None:
        """Put ``members`` out of a group that the user has founded."""
        self.wish(wishes.Remove(id=0, conversation=conversation, members=members))

    def leave(self, conversation: str) -> answers.Conversation:
        """Be in a room or group no longer."""
        return self._get(answers.Conversation, wishes.Leave(id=0, conversation=conversation))

    def delete(self, conversation: str) -> answers.Conversation:
        """End a group for all its members."""
        return self._get(answers.Conversation, wishes.Delete(id=0, conversation=conversation))

    def new_key(self, conversation: str, *, create: bool = False) -> str:
        """Have another key for a keyed room; with ``create`` one is made if there is none."""
        wish = wishes.NewKey(id=0, conversation=conversation, create=create)
        return self._get(answers.RoomKey, wish).key

    def room_code(self, conversation: str) -> answers.RoomCode:
        """The code of a conversation for its members to compare."""
        return self._get(answers.RoomCode, wishes.RoomCode(id=0, conversation=conversation))

    def rejoin(self, conversation: str) -> None:
        """Go on with a conversation that was stopped."""
        self.wish(wishes.Rejoin(id=0, conversation=conversation))

    def secret(self, nick: str, key: str, text: str) -> answers.Said:
        """Send ``text`` to ``nick``, sealed so that only ``key`` opens it."""
        return self._get(answers.Said, wishes.Secret(id=0, nick=nick, key=key, text=text))

    def open_secret(self, number: int, key: str) -> answers.Opened:
        """What the secret with this ``number`` says."""
        return self._get(answers.Opened, wishes.OpenSecret(id=0, number=number, key=key))

    def secrets(self) -> tuple[int, ...]:
        """The numbers of all secrets that can be opened."""
        return self._get(answers.Secrets, wishes.Secrets(id=0)).numbers

    def timeline(
        self,
        conversation: str = "",
        *,
        limit: int = 50,
        before: int | str | None = None,
        after: int | str | None = None,
        around: int | str | None = None,
    ) -> answers.Messages:
        """What was written, in a conversation or in all: the last messages, or those of a page."""
        wish = wishes.Timeline(
            id=0,
            conversation=conversation,
            limit=limit,
            before=before,
            after=after,
            around=around,
        )
        return self._get(answers.Messages, wish)

    def search(
        self,
        words: tuple[str, ...] = (),
        *,
        author: str = "",
        conversation: str = "",
        limit: int = 50,
        before: int | None = None,
        until: float | None = None,
        with_files: bool = False,
    ) -> answers.Messages:
        """The last messages that have all of ``words``, newest first."""
        wish = wishes.Search(
            id=0,
            words=words,
            author=author,
            conversation=conversation,
            limit=limit,
            before=before,
            until=until,
            with_files=with_files,
        )
        return self._get(answers.Messages, wish)

    def mark_read(self, conversation: str, order: int | None = None) -> None:
        """The user has read a conversation, up to the message with this ``order`` or all of it."""
        self.wish(wishes.MarkRead(id=0, conversation=conversation, order=order))

    def draft(self, conversation: str, text: str) -> None:
        """Keep ``text`` as what was typed in a conversation and not sent; none if it is empty."""
        self.wish(wishes.Draft(id=0, conversation=conversation, text=text))

    def mute(self, conversation: str, *, muted: bool = True) -> None:
        """Do not call the user for what is written in a conversation."""
        self.wish(wishes.Mute(id=0, conversation=conversation, muted=muted))

    def settings(self) -> answers.Settings:
        """Every setting."""
        return self._get(answers.Settings, wishes.Settings(id=0))

    def change_setting(self, name: str, value: Any) -> answers.Settings:
        """Settle that the setting ``name`` has this ``value``."""
        wish = wishes.ChangeSetting(id=0, name=name, value=value)
        return self._get(answers.Settings, wish)

    def find(self, name: str) -> answers.Found:
        """Who and what ``name`` may stand for, as far as is known here."""
        return self._get(answers.Found, wishes.Find(id=0, name=name))

    def people(self) -> tuple[str, ...]:
        """Who is connected."""
        return self._get(answers.Names, wishes.People(id=0)).names

    def whois(self, nick: str) -> answers.Somebody:
        """Everything that is known of ``nick``."""
        return self._get(answers.Somebody, wishes.Whois(id=0, nick=nick))

    def verify(self, nick: str) -> answers.Number:
        """The safety number for the user and ``nick`` to compare."""
        return self._get(answers.Number, wishes.Verify(id=0, nick=nick))

    def confirm(self, nick: str) -> None:
        """Both have compared the safety number that was shown, and it is right."""
        self.wish(wishes.Confirm(id=0, nick=nick))

    def trust(self, nick: str) -> None:
        """The other key that was seen is that of ``nick``."""
        self.wish(wishes.Trust(id=0, nick=nick))

    def contacts(self) -> tuple[str, ...]:
        """The nicks of everybody whose key is known here."""
        return self._get(answers.Nicks, wishes.Contacts(id=0)).nicks

    def ignored(self) -> tuple[str, ...]:
        """Whom the user ignores."""
        return self._get(answers.Nicks, wishes.Ignored(id=0)).nicks

    def ignore(self, nick: str, *, ignored: bool = True) -> tuple[str, ...]:
        """Hear nothing of ``nick`` any more; or of them again, if not ``ignored``."""
        return self._get(answers.Nicks, wishes.Ignore(id=0, nick=nick, ignored=ignored)).nicks

    def status(self, status: Status | None = None, text: str = "") -> Status:
        """Have another status; without one, only say which it is.

        Who is away may say why: everybody who writes meanwhile is told that ``text`` once.
        """
        wish = wishes.SetStatus(id=0, status=status, text=text)
        return self._get(answers.OwnStatus, wish).status

    def export_identity(self, passphrase: str) -> bytes:
        """The content of a file that moves the user to another machine; ``passphrase`` opens it.

        Once the client there connects, this one is over.
        """
        wish = wishes.ExportIdentity(id=0, passphrase=passphrase)
        return self._get(answers.Exported, wish).content

    def snapshot(self) -> answers.Snapshot:
        """How everything is now, after the event with the number ``n``."""
        return self._get(answers.Snapshot, wishes.Snapshot(id=0))

    def resume(self, after: str) -> None:
        """Be told again what came ``after`` the event with that number."""
        self.wish(wishes.Resume(id=0, after=after))

    def _get(self, kind: type[Some], wish: Wish) -> Some:
        result = self.wish(wish)
        assert isinstance(result, kind)  # noqa: S101 - the agent's promise, for the type checker
        return result
