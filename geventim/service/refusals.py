"""Every sentence with which a request is refused."""

import math
from dataclasses import dataclass

from msgspec.structs import replace

from geventim.chat import limits
from geventim.chat.replies import Error
from geventim.chat.values import Conversation, Kind, Sanction
from geventim.errors import UserError
from geventim.log import outcomes


@dataclass(frozen=True, slots=True)
class Sentence:
    """A word for programs, a sentence for people, and what to do about it.

    ``wait`` is in how many seconds the same may be asked again, where time is all it takes.
    """

    code: str
    text: str
    advice: str = ""
    wait: float = 0.0

    def reply(self, request: int) -> Error:
        """The reply that refuses ``request``."""
        error = Error(id=request, code=self.code, text=self.text, advice=self.advice)
        return replace(error, wait=self.wait) if self.wait else error

    def error(self) -> UserError:
        """The same, to be raised where an answer was expected."""
        return UserError(self.code, self.text, self.advice)


NOT_LOGGED_IN = Sentence("not_logged_in", "Log in first.")
ALREADY_LOGGED_IN = Sentence("already_logged_in", "This connection has logged in already.")
BAD_SIGNATURE = Sentence("bad_signature", "The claim is not signed by its identity key.")
STORAGE_FAILED = Sentence(
    "storage_failed", "The server could not store this.", "Tell its operator, and try again later."
)
NO_CONVERSATION = Sentence("no_conversation", "That conversation does not exist.")
NOT_A_MEMBER = Sentence("not_a_member", "You are not a member of that conversation.")
NOT_ALLOWED = Sentence(
    "not_allowed", "Only the creator of a group, or an operator, can delete a conversation."
)
NOT_OUT = Sentence("not_allowed", "That account is a member of the conversation.")
BAD_DEPARTURE = Sentence(
    "bad_departure", "This does not say, signed by its author, that somebody goes."
)
NO_COMMIT = Sentence("no_commit", "There is no such message, or change of members or keys.")
NOT_ALLOWED_TO_CHANGE = Sentence(
    "not_allowed", "The members or the key of this conversation cannot be changed like that."
)
NO_ACCOUNT = Sentence("unknown_account", "Somebody who is named by this change does not exist.")
STALE_HEAD = Sentence(
    "stale_head",
    "The members or keys of this conversation have changed.",
    "Apply what has changed, and try again.",
)
OTHER_HISTORY = Sentence(
    "other_history", "The server's log of this conversation is not the one that you have read."
)
NO_TURN = Sentence(
    "no_turn", "It is not your turn to change this conversation.", "Ask for another turn."
)
BAD_GATE = Sentence(
    "bad_gate", "This room is keyed, and that is not its key.", "Ask a member for the key."
)
NO_CHALLENGE = Sentence(
    "no_challenge", "There is nothing to be signed with a key.", "Ask for a challenge first."
)
LINE_FULL = Sentence(
    "line_full",
    f"{limits.LINE} others are waiting to change this conversation.",
    "Try again in a minute.",
)
ONESELF = Sentence("oneself", "You cannot write to yourself.")
TOO_LARGE = Sentence(
    "too_large", f"A message has at most {limits.PAYLOAD_SIZE} bytes.", "Send it in parts."
)
COMMIT_TOO_LARGE = Sentence(
    "too_large", f"A change of members has at most {limits.COMMIT_SIZE} bytes."
)
HELP_TOO_LARGE = Sentence(
    "too_large", f"Who asks for help, or helps, sends at most {limits.ASK_SIZE} bytes."
)
KEY_PACKAGE_TOO_LARGE = Sentence(
    "too_large", f"A key package has at most {limits.KEY_PACKAGE_SIZE} bytes."
)
CHUNK_TOO_LARGE = Sentence("too_large", f"A chunk has at most {limits.CHUNK_SIZE} bytes.")
BAD_CHUNK = Sentence("bad_chunk", "That file has no such chunk, or one of another size.")
NOT_NEXT = Sentence(
    "not_next", "Chunks are put one after the other, and another one is next.", "Ask which it is."
)
NOT_WHOLE = Sentence("not_whole", "Some chunks of that file are missing.", "Put them first.")
IS_FINISHED = Sentence("is_finished", "That file is whole; nothing can be put into it any more.")
EMPTY_BLOB = Sentence("bad_request", "A file that is sealed has some bytes.")
NO_BLOB = Sentence("no_blob", "There is no such file for you.")
BLOB_EXPIRED = Sentence(
    "expired", "That file is not kept any more.", "Ask whoever sent it to send it again."
)
NO_FILES = Sentence("no_files", "This server takes no files.", "Only its operator can change that.")
NO_SPACE = Sentence(
    "no_space", "The server has no room for that file.", "Tell its operator, and try again later."
)
TOO_MANY_BEGUN = Sentence(
    "too_many_begun",
    f"You have begun to send {limits.UNFINISHED} files that are not finished.",
    "Finish some of them, or cancel them.",
)
TOO_MANY_ACCOUNTS = Sentence(
    "too_many_accounts",
    "Many accounts were made from your address in a short time.",
    "Try again in a few minutes.",
)
NO_INVITE = Sentence(
    "no_invite",
    "There is no such invite; it may have been used up, or have ended.",
    "Those that hold are listed by: eim-server invites",
)
NOT_INVITED = Sentence(
    "not_invited",
    "This server lets newcomers in with a valid invite code only.",
    "Ask the operator for an invite link. If you have been here before, bring your identity from"
    " where you have it: eim-client identity export",
)


def busy(wait: float) -> Sentence:
    """The account has asked for more than its share."""
    seconds = math.ceil(wait)
    when = "a second" if seconds == 1 else f"{seconds} seconds"
    text = "You have asked the server for much in a short time."
    return Sentence("busy", text, f"Try again in {when}.", wait)


def malformed(kind: str, reason: str) -> Sentence:
    """The request is none that this server knows."""
    return Sentence("bad_request", f"This server does not understand '{kind}': {reason}"[:500])


def unknown_account(nick: str) -> Sentence:
    """Whoever asks has no account; whether somebody else owns ``nick`` is not said."""
    return Sentence("unknown_account", f"The nick '{nick}' is not yours on this server yet.")


def nick_taken(nick: str) -> Sentence:
    """``nick`` is, or looks like, somebody else's."""
    return Sentence(
        "nick_taken",
        f"The nick '{nick}' belongs to someone else, or looks too much like theirs.",
        "Choose another one. If it is yours, bring your identity from where you have it:"
        " eim-client identity export",
    )


def not_listed(nick: str) -> Sentence:
    """The operator has not allowed ``nick``, or somebody has it: a stranger is not told which."""
    return Sentence(
        "not_listed",
        f"'{nick}' is none of the nicks that this server has listed and nobody has claimed.",
        "Ask its operator to allow it. If it is yours, bring your identity from where you have it:"
        " eim-client identity export",
    )


def user_not_found(nick: str) -> Sentence:
    """There is no account of that nick."""
    return Sentence("user_not_found", f"User '{nick}' not found.")


def users_not_found(nicks: list[str]) -> Sentence:
    """Some of those named for a group do not exist."""
    names = ", ".join(f"'{nick}'" for nick in nicks)
    who = "User" if len(nicks) == 1 else "Users"
    text = f"{who} {names} not found."
    return Sentence("unknown_users", text[: limits.TEXT_SIZE], "No group was created.")


def no_room(name: str) -> Sentence:
    """There is no such room."""
    return Sentence("no_room", f"There is no room '{name}'.")


def name_taken(name: str) -> Sentence:
    """``name`` is, or looks like, that of a room or of somebody."""
    return Sentence(
        "name_taken",
        f"The name '{name}' is taken, or looks too much like one that is.",
        "Choose another one.",
    )


def no_key_package(nick: str) -> Sentence:
    """Nobody can add this person."""
    return Sentence(
        "no_key_package",
        f"{nick} cannot be added: their client has not left any keys for that.",
        "They can be added once they have connected.",
    )


def too_many_guesses(seconds: int) -> Sentence:
    """An account, or those at its address, have given too many wrong keys."""
    return Sentence(
        "too_many_guesses",
        "Too many wrong keys came from you.",
        f"Try again in {seconds} seconds.",
    )


def full(conversation: Conversation, room_limit: int) -> Sentence:
    """A room has as many members as this server allows, or a group as many as anybody can have."""
    if conversation.kind is Kind.GROUP:
        text = f"A group has at most {limits.GROUP_LEAVES} members."
    else:
        text = f"The room '{conversation.name}' has {room_limit} members already."
    return Sentence("room_full", text)


def do_not_disturb(nick: str) -> Sentence:
    """The recipient has said so."""
    return Sentence(
        "do_not_disturb", f"{nick} is in 'Do Not Disturb' mode and will not receive messages."
    )


def quota_stored(size: int) -> Sentence:
    """The account has as many messages on the server as it may."""
    return Sentence(
        "quota_stored",
        f"The server keeps {size // 2**20:,} MiB of your messages, and takes no more.",
        "Messages that expire make room. Or ask the server's operator for more.",
    )


def quota_files(size: int) -> Sentence:
    """The account has as many bytes of files on the server as it may."""
    return Sentence(
        "quota_files",
        f"The server keeps at most {size // 2**20:,} MiB of files for you, and this would be more.",
        "Delete files that nobody needs, or ask the server's operator for more.",
    )


def file_too_large(size: int) -> Sentence:
    """Nobody may send a file like that here."""
    return Sentence("too_large", f"This server takes files of up to {size // 2**20:,} MiB.")


def quota_created(count: int) -> Sentence:
    """The account has as many rooms and groups as it may."""
    return Sentence(
        "quota_created",
        f"You have created {count:,} rooms and groups, and cannot create more.",
        "Delete a group that nobody needs, or ask the server's operator for more.",
    )


def quota_places(nicks: list[str], count: int) -> Sentence:
    """Some who are to be added are in as many conversations as others may put them into."""
    names = ", ".join(nicks)
    verb = "is" if len(nicks) == 1 else "are"
    text = f"{names} {verb} in {count:,} conversations, and cannot be added to more."
    return Sentence("quota_places", text[: limits.TEXT_SIZE], "Nobody was added.")


BANNED = Sentence(
    "banned", "The operator of this server has banned you.", "Only they can change that."
)
REMOVED = Sentence(
    "removed",
    "The operator of this server has removed this account; it cannot be used any more.",
    "To come back, ask for another nick, and begin with an empty data directory.",
)
RELEASED = Sentence(
    "removed",
    "The operator of this server has ended this account and given its nick back.",
    "To come back, begin with an empty data directory; the nick may be free.",
)
MUTED = Sentence("muted", "The operator of this server has muted you: you can read, but not write.")
SANCTIONS = {
    Sanction.MUTED: MUTED,
    Sanction.BANNED: BANNED,
    Sanction.REMOVED: REMOVED,
    Sanction.RELEASED: RELEASED,
}
"""What somebody is told for whom one holds."""


def account_ended(nick: str) -> Sentence:
    """There is nobody any more to talk to, nor to do anything about."""
    return Sentence("account_ended", f"{nick} is not on this server any more.")


def not_sanctioned(nick: str, sanction: Sanction) -> Sentence:
    """What is to be lifted does not hold."""
    return Sentence("not_sanctioned", f"{nick} is not {sanction}.")


def not_in(nick: str, name: str) -> Sentence:
    """Who is to be put out is not in."""
    return Sentence("not_a_member", f"{nick} is not in '{name}'.")


def no_place(place: str) -> Sentence:
    """There is no conversation that an operator could mean."""
    return Sentence(
        "no_place",
        f"There is no room '{place}', and no group.",
        "A group is named by the first digits of its id, or as FOUNDER/LABEL.",
    )


def several_places(place: str, ids: list[str]) -> Sentence:
    """There are several that an operator could mean."""
    text = f"'{place}' may be one of several groups: {', '.join(sorted(ids))}."
    return Sentence("several_places", text[: limits.TEXT_SIZE], "Name it by its id.")


BY_REFUSAL = {
    outcomes.NO_CONVERSATION: NO_CONVERSATION,
    outcomes.NOT_A_MEMBER: NOT_A_MEMBER,
    outcomes.NOT_ALLOWED: NOT_ALLOWED,
    outcomes.STALE_HEAD: STALE_HEAD,
    outcomes.NO_COMMIT: NO_COMMIT,
    outcomes.NO_TURN: NO_TURN,
    outcomes.BAD_GATE: BAD_GATE,
    outcomes.NOT_INVITED: NOT_INVITED,
}
"""The sentences that need nothing more than the refusal."""
