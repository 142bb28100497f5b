"""Why something came to nothing, in words: what is wrong, and what can be done.

The server's refusals come with sentences of its own. For those of the client there is a table.
"""

from collections.abc import Mapping
from typing import Any, Final

from geventim.errors import DeniedError, GeventIMError
from geventim.lines import causes

REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "account_lost": (
        "This server does not know your account any more. It may have lost what it had.",
        "Ask its operator for an invite link, and start with that; what is here stays yours.",
    ),
    "ambiguous_name": (
        "'{name}' is more than one of your conversations.",
        "Say which by '@', '#' or its id.",
    ),
    "bad_file": (
        "'{name}' is not what was sent: something in it was changed.",
        "Nothing of it was kept. Ask for it once more.",
    ),
    "bad_key_package": (
        "What is given out as a key package of {nick} is not valid.",
        "Nothing was sent.",
    ),
    "bad_name.long": ("Nobody has a name that long.", ""),
    "bad_path": ("'{path}' cannot be used: {why}.", ""),
    "bad_server": ("The server contradicts itself: {why}.", ""),
    "bad_timer": ("A timer is between {seconds} seconds and {days} days, or 0.", ""),
    "bad_wish": ("A wish is a JSON object with an 'id' and a 'wish'.", ""),
    "bad_wish.invalid": ("That wish is not valid: {why}.", ""),
    "bad_value": ("'{name}' cannot be that: {why}.", ""),
    "cancelled": ("That was not done, as was wished.", ""),
    "changed_meanwhile": (
        "{nick} has another identity key by now.",
        "Compare again: @verify {nick}",
    ),
    "damaged": (
        "{pages} of the history cannot be read, and what is there is missing here: {why}.",
        "",
    ),
    "elsewhere": ("That message is not in '{name}'.", ""),
    "failed_here.on": (
        "This program has failed ({place}). It goes on; please report this line.",
        "",
    ),
    "failed_here.wish": ("This program has failed with that wish.", ""),
    "file_too_large": ("'{path}' is too large: a file has at most {size:,} bytes.", ""),
    "gone_back": (
        "The server has gone back: of {listed} it has an older or another history than your client"
        " has read, or none. Its operator may have restored a backup, or it hides what was said"
        " since: ask them elsewhere.",
        "Nothing is sent there until you type '@rejoin all', which goes on with what the server"
        " has and shows who is in each.",
    ),
    "group_exists": ("Group name already exists.", ""),
    "in_order": ("Nothing is wrong with '{name}': there is nothing to rejoin.", ""),
    "in_order.all": ("The server has gone back with none of your conversations.", ""),
    "is_member": ("{nick} is a member of group {name} already.", ""),
    "key_package_time": (
        "The keys that {nick} has left were made by a clock that is far from this machine's.",
        "Nothing was sent. They are replaced once {nick} has connected.",
    ),
    "leaving": ("This client is about to leave.", ""),
    "moved_out": (
        "{nick} was exported from here, and is in another client since. This one is over.",
        "To come back, export it there and import it here.",
    ),
    "name_taken": (
        "You have a conversation already whose name is '{name}', or looks like it.",
        "Choose another name.",
    ),
    "not_away": ("Only somebody who is away can say why.", "'@status away TEXT' does both."),
    "no_conversation": ("You know no conversation called '{name}'.", ""),
    "no_file": ("No such file came with that message.", "@files lists those that can be fetched."),
    "no_identity": ("That file holds no identity.", ""),
    "no_identity.header": ("That file holds no identity, or that of a newer program.", ""),
    "no_identity.more": ("That file holds more than an identity.", ""),
    "no_member": ("{nick} is no member of group {name}.", ""),
    "no_more.group": (
        "There is no '{name}' on the server any more; what you have read of it stays here.",
        "To make it anew: @group set {name} NICK [...]",
    ),
    "no_more.room": (
        "There is no '{name}' on the server any more; what you have read of it stays here.",
        "To make it anew: @create room {name} [KEY]",
    ),
    "no_emoji": ("A reaction is one emoji, or the name of one such as 'tada'.", ""),
    "no_message": ("There is no such message here.", ""),
    "no_message.deleted": ("That message was deleted.", ""),
    "no_room": ("There is no room '{name}'.", "Make one: @create room {name} [KEY]"),
    "no_source": ("'{path}' cannot be sent: {why}.", ""),
    "no_space_here": ("There is no space left for '{path}' on this machine.", "Make some."),
    "no_transfer": ("There is no transfer {number} under way.", "@files lists them."),
    "nothing_said": ("There is nothing to send.", ""),
    "no_secret": ("There is no secret #{number}.", ""),
    "not_a_member.any_more": ("You are not a member of '{name}' any more.", ""),
    "not_a_member.room": ("You are not in room '{name}'.", "Enter it with '@join {name}'."),
    "not_allowed.founder": ("Only the founder of group {name} can remove people from it.", ""),
    "not_allowed.no_group": ("'{name}' is not a group.", ""),
    "not_allowed.pair": ("Nobody leaves a conversation of two.", ""),
    "not_changed": ("The key was not changed.", ""),
    "not_changed.group": ("Nothing was changed in group {name}.", ""),
    "not_changed.left": (
        "Somebody left '{name}' and could read the new key; it stays as it was.",
        "Change it again.",
    ),
    "not_compared": (
        "You have not seen the safety number of {nick} yet.",
        "Compare it first: @verify {nick}",
    ),
    "no_upload": ("That file was not uploaded, or was sent already.", ""),
    "not_sent": (
        "What you wrote in '{name}' earlier was not sent, and is a draft now. {reason}",
        "",
    ),
    "not_sent.letter": ("What you wrote to {name} was not sent: {message} ({reason})", ""),
    "several_places": ("A page is before, after or around one message.", ""),
    "unknown_message": ("There is no such message in the history here.", ""),
    "unknown_setting": ("There is no setting '{name}'.", "There is: {known}."),
    "not_ignored": ("You do not ignore '{nick}'.", "@ignore lists whom you do."),
    "not_keyed": ("'{name}' is not a keyed room.", "Make one: @newkey ROOM"),
    "not_keyed.group": (
        "'{name}' is a group that you are in, and has no key.",
        "'@join {name}' goes there.",
    ),
    "not_keyed.open": (
        "'{name}' is not a keyed room: whoever runs the server can be in it.",
        "If that is all right, type '@join {name}'.",
    ),
    "not_yours.delete": (
        "Only the author of a message can delete it, and in a group its founder.",
        "",
    ),
    "not_yours.edit": ("Only the author of a message can edit it.", ""),
    "not_let_in": ("You have not been let into '{name}'.", "Ask somebody who is in it."),
    "nothing_to_trust": (
        "The identity key of {nick} has not changed.",
        "'@verify {nick}' compares it.",
    ),
    "other_group": (
        "The server shows a group that is older than the new '{name}'.",
        "Nothing was sent there.",
    ),
    "other_room": (
        "The server shows another room '{name}' than the one that you know.",
        "Nothing was sent there.",
    ),
    "out_of_step": (
        "Your client has not caught up with '{name}' yet.",
        "Try again in a moment.",
    ),
    "own_name": ("You have your own name and key, whoever else says so.", ""),
    "part_changed": (
        "Something else changes '{path}' all the time, and it was not received.",
        "Ask for it once more, or have it saved elsewhere.",
    ),
    "source_changed": (
        "'{path}' changes all the time, and was not sent.",
        "Send a copy of it.",
    ),
    "superseded": ("{nick} has logged in elsewhere.", "This session has ended."),
    "superseded.message": ("That was not sent.", ""),
    "to_oneself.ignore": ("You cannot ignore yourself.", ""),
    "to_oneself.remove": ("You leave with '@group leave {name}'.", ""),
    "to_oneself.secret": ("A secret is for somebody else.", ""),
    "to_oneself.verify": ("There is nothing to compare with oneself.", ""),
    "terminal_only": (
        "That is not done from a browser alone.",
        "Give your passphrase again, or use a terminal.",
    ),
    "too_large": (
        "That message is too long: at most {size:,} bytes fit.",
        "Send it in parts, or as a file.",
    ),
    "too_large.wish": ("A wish has at most {size:,} bytes.", ""),
    "too_many.added": ("At most {count} people are added at a time.", ""),
    "too_many.group": ("A group is created with at most {count} people.", ""),
    "too_many_transfers": (
        "{count} transfers are under way, and there can be no more.",
        "Wait for one of them, or give one up: @cancel NUMBER",
    ),
    "too_late": ("That cannot be undone: it may have been done already.", ""),
    "unknown_name": ("You are in no conversation called '{name}'.", ""),
    "unknown_wish": ("This program knows no such wish.", ""),
    "untrusted": (
        "{nick} is not who you know, or has another identity key than before; nothing is sent to"
        " them.",
        "Ask them elsewhere. '@verify {nick}' compares the key, '@trust {nick}' accepts it.",
    ),
    "user_not_found.rejoin": (
        "The server knows no '{nick}' now.",
        "If they come back: @rejoin {nick}",
    ),
    "wrong_clock": ("{clock}", "Nothing was sent."),
    "wrong_clock.entering": (
        "{clock}",
        "Until they agree, nobody can write to you for the first time, or add you.",
    ),
    "wrong_key.room": ("That is not the key of '{name}'.", "Nothing was sent."),
    "wrong_key.secret": ("That key does not open secret #{number}.", "Try again: @open {number}"),
    "wrong_passphrase.file": (
        "That does not open the file, or the file is damaged.",
        "Try again.",
    ),
}
"""By code, and case if there are several: what is wrong, and what can be done."""

BY_SERVER: Final = frozenset({"group_exists"})
"""What is told as the server's answer: people know these sentences from there."""

NAMED: Final = 5
"""Conversations that are named; of more there is only the number."""


def sentence(code: str, case: str, facts: Mapping[str, Any], happened: int = 1) -> str:
    """What is said of what has ``happened`` so many times."""
    if "said" in facts:
        text = str(facts["said"])
    elif not case and code in causes.CAUSES:
        text = causes.explain(code, facts, happened)
    else:
        what, remedy = REFUSALS[f"{code}.{case}" if case else code]
        text = f"{what} {remedy}".rstrip().format(**facts, **_worded(facts, happened))
    if "invited" in facts:
        return f"{facts['invited']} could not be added to '{facts['group']}': {text}"
    return text


def explain(error: GeventIMError) -> str:
    """What is said of ``error``."""
    if isinstance(error, DeniedError):
        return sentence(error.code, error.case, error.facts)
    return str(error)


def _worded(facts: Mapping[str, Any], happened: int) -> dict[str, str]:
    """What has to be put into words before it can be said."""
    reason = facts.get("words", "")
    if "why_case" in facts:
        others = {name: fact for name, fact in facts.items() if name != "why_case"}
        reason = sentence(facts["why"], facts["why_case"], others)
    return {
        "reason": reason,
        "clock": causes.disagreement(facts["seconds"]) if "seconds" in facts else "",
        "pages": "1 page" if happened == 1 else f"{happened} pages",
        "listed": _list(facts.get("names", ())),
    }


def _list(names: tuple[str, ...]) -> str:
    quoted = [f"'{name}'" for name in names]
    if len(quoted) > NAMED:
        return f"{', '.join(quoted[:NAMED])} and {len(quoted) - NAMED} more"
    return " and ".join([part for part in (", ".join(quoted[:-1]), *quoted[-1:]) if part])
