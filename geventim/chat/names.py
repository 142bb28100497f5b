"""Which nicks and conversation names exist, and when two of them are the same name.

A name is 1 to 32 characters after NFKC: letters of one script with their marks, the digits 0 to 9,
and ``_ - .``; it begins with a letter or digit. Two names are the same when they differ by case
only, and too close when they look alike by the confusables of Unicode (UTS #39).
"""

import functools
import unicodedata
from typing import Final

from confusable_homoglyphs import categories, confusables

from geventim.chat import limits
from geventim.chat.normal import compose
from geventim.errors import UserError

PUNCTUATION: Final = frozenset("_-.")
DIGITS: Final = frozenset("0123456789")

REMEMBERED: Final = 4096
"""Names whose forms are kept: a client compares the names of all its conversations at a time."""

MARKS_IN_A_ROW: Final = 2
"""More combining marks than any living language stacks on one letter in NFKC."""

INVISIBLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
"""Letters and marks that show as nothing (Default_Ignorable_Code_Point)."""

SHARED_LETTERS: Final = frozenset("\u30fc")
"""Letters of no script of their own that names may have: the long vowel of Japanese.

The others look like punctuation (U+02BC) or only stretch a word (U+0640).
"""

WRITTEN_TOGETHER: Final = (
    frozenset({"HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"HAN", "HANGUL"}),
    frozenset({"HAN", "BOPOMOFO"}),
)
"""Scripts that count as one because a language writes them side by side (UTS #39 §5.1)."""

DOT_ABOVE: Final = "\u0307"
LEFT_TO_RIGHT: Final = "\u200e"

OLD: Final = " (old)"
"""What is put behind the nick of an account that was released; no name has such an end."""

RESERVED: Final = frozenset({"server", "system"})
"""What would be taken for the server, as a nick or as the name of a conversation."""

COMMANDS: Final = frozenset(
    "accept add away ban cancel confirm create delete edit fetch files forget go group groups help"
    " history identity ignore invite join kick leave me members mute names newkey open operator"
    " quit quote react read rejoin remove reply room rooms search secret send set settings status"
    " timer trust unban unignore unmute verify web who whois".split()
)
"""Commands of this program, some of them to come."""

HABITS: Final = frozenset(
    "action afk amsg block bye chanserv channel clear close connect ctcp cycle dcc describe deop"
    " devoice disconnect dm error exit halfop info ison kickban knock list lusers map memoserv mode"
    " motd msg nick nickserv notice op part pin ping pm poll privmsg query r raw reconnect remind"
    " report say shout shrug silence slap squit stats t tell thread time topic unblock unpin uptime"
    " version voice w wallops whisper whoami whowas".split()
)
"""Commands of other chat programs, which people type by habit."""

EVERYONE: Final = frozenset(
    "abuse admin administrator admins all announcement anybody anyone bot channels everybody"
    " everyone here hostmaster lobby mod moderator moderators mods nobody online operators ops"
    " owners postmaster public root security services staff support sysop webmaster".split()
)
"""Groups of people, and those whose word counts."""

CODE: Final = frozenset(
    "classmethod dataclass decorator deprecated fixture import media override param property"
    " returns staticmethod throws".split()
)
"""What stands behind an ``@`` at the beginning of a line of code, alone."""

NO_NICKS: Final = COMMANDS | HABITS | EVERYONE | CODE
"""What nobody can call themselves: somebody who types it after a sign means something else."""

ADVICE: Final = (
    f"A name has 1 to {limits.NAME_LENGTH} letters of one alphabet, digits, '_', '-' or '.', and"
    " begins with a letter or digit."
)


def check_name(text: str) -> str:
    """``text`` in the form that is kept and shown (NFKC).

    Raises :class:`UserError` with code ``bad_name`` if it cannot be a name.
    """
    if len(text) > 4 * limits.NAME_LENGTH:
        raise UserError("bad_name", "That name is too long.", ADVICE)
    name = compose(text)
    if not 1 <= len(name) <= limits.NAME_LENGTH:
        raise UserError("bad_name", "That name is empty or too long.", ADVICE)
    if not _is_well_formed(name):
        raise UserError("bad_name", "That name has characters that names do not have.", ADVICE)
    scripts = {categories.alias(char) for char in name} - {"COMMON", "INHERITED"}
    if len(scripts) > 1 and not any(scripts <= together for together in WRITTEN_TOGETHER):
        raise UserError("bad_name", "That name mixes letters of several alphabets.", ADVICE)
    _refuse_reserved(name, RESERVED)
    return name


def check_nick(text: str) -> str:
    """The same for a nick that somebody wants to claim, which must not be taken for a command.

    Those that were claimed before a word was reserved stay: :func:`check_name` lets them pass.
    """
    nick = check_name(text)
    _refuse_reserved(nick, NO_NICKS)
    return nick


def is_name(text: str) -> bool:
    """Whether ``text`` is a name, in the form that is kept."""
    try:
        return check_name(text) == text
    except UserError:
        return False


def is_known_nick(text: str) -> bool:
    """Whether ``text`` may be what a server calls somebody: a name, or that of an old account."""
    return is_name(text.removesuffix(OLD))


def fold(name: str) -> str:
    """The form in which two spellings of the same name are equal (UAX #15 with case folding)."""
    return compose(compose(name).casefold())


@functools.lru_cache(REMEMBERED)
def fold_again(name: str) -> str:
    """The same for what is asked about often, as the names of all conversations are; no texts."""
    return fold(name)


@functools.lru_cache(REMEMBERED)
def skeleton(name: str) -> str:
    """The form in which names that look alike are equal (UTS #39 §4)."""
    alike = "".join(map(_prototype, compose(name))).casefold()
    # What is left of this mark stands above i and j, which have a dot already.
    return alike.replace(DOT_ABOVE, "")


def _is_well_formed(name: str) -> bool:
    takes_mark = False
    marks = 0
    for position, char in enumerate(name):
        if char in INVISIBLE:
            return False
        if unicodedata.category(char) in {"Mn", "Mc"}:
            marks += 1
            if not takes_mark or marks > MARKS_IN_A_ROW:
                return False
            continue
        marks = 0
        takes_mark = _is_letter(char)
        if not takes_mark and char not in DIGITS and (position == 0 or char not in PUNCTUATION):
            return False
    return True


def _is_letter(char: str) -> bool:
    return char.isalpha() and (categories.alias(char) != "COMMON" or char in SHARED_LETTERS)


def _refuse_reserved(name: str, words: frozenset[str]) -> None:
    """Raise :class:`UserError` if ``name`` is, or looks like, one of ``words``."""
    if fold(name) in words or skeleton(name) in _skeletons(words):
        raise UserError("bad_name", f"The name '{name}' is reserved.", "Choose another one.")


@functools.cache
def _skeletons(words: frozenset[str]) -> frozenset[str]:
    return frozenset(map(skeleton, words))


@functools.lru_cache(maxsize=4096)
def _prototype(char: str) -> str:
    """What stands for ``char`` and everything that looks like it, as one to three characters."""
    alike = _lookalikes(char)
    longest = max(alike, key=lambda glyphs: (len(glyphs), glyphs))
    if len(longest) == 1:
        return min(alike, key=_strangeness)
    return "".join(
        min((glyph for glyph in _lookalikes(c) if len(glyph) == 1), key=_strangeness)
        for c in longest
    )


def _strangeness(glyph: str) -> tuple[bool, bool, str]:
    # Letters of ASCII come first: 0, which looks like O, is the same as o once case is gone.
    return (not (glyph.isascii() and glyph.isalpha()), not glyph.islower(), glyph)


def _lookalikes(char: str) -> set[str]:
    # The data links each character with its prototype, in both directions, so that two steps reach
    # everything that shares a prototype. It has letters that run from right to left between marks.
    alike = {char, f"{LEFT_TO_RIGHT}{char}{LEFT_TO_RIGHT}"}
    for _ in range(2):
        alike |= {
            other["c"] for glyphs in alike for other in confusables.confusables_data.get(glyphs, ())
        }
    return {glyphs.strip(LEFT_TO_RIGHT) for glyphs in alike}
