"""Every sentence with which a request is refused."""

from dataclasses import dataclass

from geventim.chat import limits, log
from geventim.chat.replies import Error
from geventim.chat.values import Conversation, Kind
from geventim.errors import UserError


@dataclass(frozen=True, slots=True)
class Sentence:
    """A word for programs, a sentence for people, and what to do about it."""

    code: str
    text: str
    advice: str = ""

    def reply(self, request: int) -> Error:
        """The reply that refuses ``request``."""
        return Error(id=request, code=self.code, text=self.text, advice=self.advice)

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
NO_COMMIT = Sentence("no_commit", "There is no such change of members or keys.")
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
LINE_FULL = Sentence(
    "line_full",
    f"{limits.LINE} others are waiting to change this conversation.",
    "Try again in a minute.",
)
TOO_MANY_CLAIMS = Sentence(
    "too_many_claims",
    f"Nobody can add more than {limits.CLAIMS} people in a minute.",
    "Try again in a minute.",
)
GROUP_EXISTS = Sentence("group_exists", "Group name already exists.")
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
NOT_INVITED = Sentence(
    "not_invited",
    "This server lets newcomers in with a valid invite code only.",
    "Ask the operator for an invite link.",
)


def malformed(kind: str, reason: str) -> Sentence:
    """The request is none that this server knows."""
    return Sentence("bad_request", f"This server does not understand '{kind}': {reason}"[:500])


def unknown_account(nick: str) -> Sentence:
    """Nobody owns ``nick``."""
    return Sentence("unknown_account", f"Nobody has claimed the nick '{nick}' yet.")


def nick_taken(nick: str) -> Sentence:
    """``nick`` is, or looks like, somebody else's."""
    return Sentence(
        "nick_taken",
        f"The nick '{nick}' belongs to someone else, or looks too much like theirs.",
        "Choose another one. If it is yours, bring your identity from where you have it:"
        " eim-client identity export",
    )


def not_listed(nick: str) -> Sentence:
    """The operator has not allowed ``nick``."""
    return Sentence(
        "not_listed", f"This server has not listed '{nick}'.", "Ask its operator to allow it."
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


def no_group(name: str) -> Sentence:
    """There is no such group."""
    return Sentence("no_group", f"Group '{name}' does not exist.")


def not_in_group(name: str) -> Sentence:
    """There is such a group, but not for this account."""
    return Sentence("not_a_member", f"You are not a member of group {name}.")


def no_key_package(nick: str) -> Sentence:
    """Nobody can add this person."""
    return Sentence(
        "no_key_package",
        f"{nick} cannot be added: their client has not left any keys for that.",
        "They can be added once they have connected.",
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


BY_REFUSAL = {
    log.NO_CONVERSATION: NO_CONVERSATION,
    log.NOT_A_MEMBER: NOT_A_MEMBER,
    log.NOT_ALLOWED: NOT_ALLOWED,
    log.NAME_TAKEN: GROUP_EXISTS,
    log.STALE_HEAD: STALE_HEAD,
    log.NO_COMMIT: NO_COMMIT,
    log.NO_TURN: NO_TURN,
    log.BAD_GATE: BAD_GATE,
    log.NOT_INVITED: NOT_INVITED,
}
"""The sentences that need nothing more than the refusal."""
