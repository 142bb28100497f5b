"""Light markup: a text as a small tree, which each front end draws in its own way.

Emphasis, strong, code, blocks of code, quotes, lists and links are read, as CommonMark has them. A
line end in a text is one that its author meant. Nothing else is read: no HTML, no picture, no link
that names itself by a reference. A link shows where it goes, unless that is what it says.
"""

import functools
import re
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

DEPTH: Final = 8
"""Blocks and emphases within each other; what is deeper is shown as it was written."""

LONGEST: Final = 8 * 1024
"""Characters of a text whose markup is read: that takes a few microseconds for each."""

NODES: Final = 1_024
"""Parts of a text; one that has more is shown as it was written."""

BRACKETS: Final = 512
"""Places where a link may begin, each of which takes longer than a node; with more it is as with
more nodes.
"""

SCHEMES: Final = frozenset({"http", "https", "mailto"})
"""What a link may be."""


_SIGNS: Final = frozenset("*_`~>-+[<:")
_NUMBERED: Final = re.compile(r"^ {0,3}\d{1,9}[.)] ", re.MULTILINE)
_URL: Final = re.compile(r"(?<![\w])https?://[^\s<>`|\\]{1,2000}")
_LANGUAGE: Final = re.compile(r"[A-Za-z0-9+#._-]{1,20}")


class Node(Struct, frozen=True, tag_field="node"):
    """Root of all parts of a text."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Words(Node, frozen=True, tag="words"):
    """A text that means what it says letter by letter; it may have several lines."""

    text: str


class Code(Node, frozen=True, tag="code"):
    """Words of a program, within a line."""

    text: str


class CodeBlock(Node, frozen=True, tag="code_block"):
    """Lines of a program, in a ``language`` if its author says which."""

    text: str
    language: str = ""


class Emphasis(Node, frozen=True, tag="emphasis"):
    """What is stressed."""

    parts: tuple[Node, ...]


class Strong(Node, frozen=True, tag="strong"):
    """What is stressed more."""

    parts: tuple[Node, ...]


class Link(Node, frozen=True, tag="link"):
    """Words that lead to ``url``. Where these say something else, both are to be shown."""

    url: str
    text: str

    @property
    def is_plain(self) -> bool:
        """Whether the words are where it leads."""
        return self.text in {self.url, self.url.removeprefix("mailto:")}


class Paragraph(Node, frozen=True, tag="paragraph"):
    """Lines that belong together."""

    parts: tuple[Node, ...]


class Quotation(Node, frozen=True, tag="quote"):
    """What somebody else has said."""

    parts: tuple[Node, ...]


class Items(Node, frozen=True, tag="list"):
    """A list, numbered from ``first`` on, or not numbered if that is None."""

    items: tuple[tuple[Node, ...], ...]
    first: int | None = None


class _TooMuchError(Exception):
    """A text that nobody writes to be read."""


def parse(text: str, *, is_plain: bool = False) -> tuple[Node, ...]:
    """The parts of ``text``, one after the other; those of a text that ``is_plain`` are itself."""
    if is_plain or not _may_have_markup(text) or _takes_long(text):
        return _as_written(text)
    try:
        return _Reader(_markdown().parse(text)).blocks(0)
    except _TooMuchError:
        return _as_written(text)


def words_of(text: str, *, is_plain: bool = False) -> str:
    """The words of ``text`` alone, as for a mention of it in few words."""
    return "\n".join(map(_spell, parse(text, is_plain=is_plain)))


def _as_written(text: str) -> tuple[Node, ...]:
    return (Paragraph((Words(text),)),) if text else ()


def _takes_long(text: str) -> bool:
    return len(text) > LONGEST or text.count("[") > BRACKETS


def _may_have_markup(text: str) -> bool:
    """Whether it is worth looking; most texts are words."""
    return not _SIGNS.isdisjoint(text) or _NUMBERED.search(text) is not None


@functools.cache
def _markdown() -> MarkdownIt:
    """What reads text, with the few rules that we want."""
    rules = ["fence", "blockquote", "list", "backticks", "emphasis", "link", "autolink", "escape"]
    markdown = MarkdownIt("zero", {"maxNesting": 4 * DEPTH})
    markdown.enable([*rules, "newline"])
    markdown.validateLink = bool  # type: ignore[method-assign, assignment] # see _is_url
    return markdown


class _Reader:
    """Makes nodes of what markdown-it has found."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._made = 0

    def blocks(self, depth: int, end: str = "") -> tuple[Node, ...]:
        """The blocks up to the token ``end``, or to the last."""
        self._check(depth)
        found: list[Node] = []
        while self._at < len(self._tokens):
            token = self._take()
            if token.type == end:
                break
            node = self._block(token, depth)
            if node is not None:
                found.append(node)
        return tuple(found)

    def _block(self, token: Token, depth: int) -> Node | None:
        match token.type:
            case "inline":
                inline = _Inline(token.children or (), self._check)
                return Paragraph(inline.parts(depth + 1))
            case "fence":
                text = token.content.removesuffix("\n")
                if not token.info.strip() or _LANGUAGE.fullmatch(token.info.strip()):
                    return CodeBlock(text, token.info.strip())
                return CodeBlock(f"{token.info.strip()}\n{text}")
            case "blockquote_open":
                return Quotation(self.blocks(depth + 1, "blockquote_close"))
            case "bullet_list_open":
                return Items(self._items(depth + 1, "bullet_list_close"))
            case "ordered_list_open":
                first = int(token.attrs.get("start", 1))
                return Items(self._items(depth + 1, "ordered_list_close"), first)
        return None

    def _items(self, depth: int, end: str) -> tuple[tuple[Node, ...], ...]:
        items = []
        while self._take().type != end:
            items.append(self.blocks(depth, "list_item_close"))
        return tuple(items)

    def _take(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _check(self, depth: int) -> None:
        self._made += 1
        if depth > DEPTH or self._made > NODES:
            raise _TooMuchError


class _Inline:
    """The same for what is within a line; ``check`` is called for every node."""

    def __init__(self, tokens: Sequence[Token], check: Callable[[int], None]) -> None:
        self._tokens = tokens
        self._check = check
        self._at = 0

    def parts(self, depth: int, end: str = "") -> tuple[Node, ...]:
        """The parts up to the token ``end``, or to the last."""
        found: list[Node] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            self._check(depth)
            if token.type == end:
                break
            for node in self._part(token, depth):
                last = found[-1] if found else None
                if isinstance(last, Words) and isinstance(node, Words):
                    found[-1] = Words(last.text + node.text)
                else:
                    found.append(node)
        return tuple(found)

    def _part(self, token: Token, depth: int) -> Sequence[Node]:
        match token.type:
            case "text":
                return _find_links(token.content)
            case "softbreak" | "hardbreak":
                return [Words("\n")]
            case "code_inline":
                return [Code(token.content)]
            case "em_open":
                return [Emphasis(self.parts(depth + 1, "em_close"))]
            case "strong_open":
                return [Strong(self.parts(depth + 1, "strong_close"))]
            case "link_open":
                text = "".join(map(_spell, self.parts(depth + 1, "link_close")))
                return [_link(str(token.attrs.get("href", "")), text)]
        return [Words(token.content)]


def _link(url: str, text: str) -> Node:
    """A link, or words if it leads where none of ours does."""
    if not _is_url(url):
        return Words(f"[{text}]({url})")
    return Link(url, text or url)


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        place = parts.path if parts.scheme == "mailto" else parts.hostname
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(place) and url.isprintable() and " " not in url


def _find_links(text: str) -> list[Node]:
    """Words, and the addresses among them as links."""
    found: list[Node] = []
    end = 0
    for match in _URL.finditer(text):
        url = _trim(match.group())
        if not _is_url(url):
            continue
        if match.start() > end:
            found.append(Words(text[end : match.start()]))
        found.append(Link(url, url))
        end = match.start() + len(url)
    if end < len(text):
        found.append(Words(text[end:]))
    return found


def _trim(url: str) -> str:
    """An address without the end of the sentence that it is in."""
    url = url.rstrip(".,;:!?'\"*_")
    if url.endswith(")") and "(" not in url:
        url = url.rstrip(")")
    return url


def _spell(node: Node) -> str:
    """The words of a part; what begins a line of its own does so."""
    match node:
        case Words() | Code() | CodeBlock() | Link():
            return node.text
        case Emphasis() | Strong() | Paragraph():
            return "".join(map(_spell, node.parts))
        case Quotation():
            return "\n".join(map(_spell, node.parts))
        case Items():
            return "\n".join(_spell(each) for item in node.items for each in item)
    return ""
