import sys
from collections import Counter

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geventim.client.said.markup import (
    DEPTH,
    LONGEST,
    NODES,
    Code,
    CodeBlock,
    Emphasis,
    Items,
    Link,
    Node,
    Paragraph,
    Quotation,
    Strong,
    Words,
    parse,
    words_of,
)


def line(*parts):
    return Paragraph(tuple(Words(part) if isinstance(part, str) else part for part in parts))


def words(text):
    return (line(text),)


EXAMPLES = {
    "hi": words("hi"),
    "two\nlines\n\nand more": words("two\nlines\n\nand more"),
    "two\nlines\n\nand `more`": (line("two\nlines"), line("and ", Code("more"))),
    "*a* **b** `c`": (line(Emphasis((Words("a"),)), " ", Strong((Words("b"),)), " ", Code("c")),),
    "snake_case_name": words("snake_case_name"),
    "```py\nif x:\n\tgo\n```": (CodeBlock("if x:\n\tgo", "py"),),
    "```what is this\nx\n```": (CodeBlock("what is this\nx"),),
    "> it is\n> late": (Quotation(words("it is\nlate")),),
    "- a\n- b": (Items((words("a"), words("b"))),),
    "3. a\n4. b": (Items((words("a"), words("b")), 3),),
    "see https://a.b/c(d).": (line("see ", Link("https://a.b/c(d)", "https://a.b/c(d)"), "."),),
    "<http://a.b>": (line(Link("http://a.b", "http://a.b")),),
    "[here](https://a.b)": (line(Link("https://a.b", "here")),),
    "[*here*](mailto:a@b.c)": (line(Link("mailto:a@b.c", "here")),),
    "\\*no\\*": words("*no*"),
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_light_markup_is_read(text):
    assert parse(text) == EXAMPLES[text]


@pytest.mark.parametrize(
    "text",
    [
        *("<b>x</b>", "<script>", "&amp;", "# title", "a\n---", "| a |\n|---|", "~~x~~"),
        *("[a]\n\n[a]: b", "[x](javascript:alert)", "[x](data:text/html,y)", "[x](file:///etc)"),
        *("[x](//a.b)", "[x](http://)", "javascript:alert", "[x](HTTPS:a)", "mailto:"),
    ],
)
def test_nothing_else_is(text):
    assert parse(text) in {words(text), tuple(line(each) for each in text.split("\n\n"))}


@pytest.mark.parametrize("text", [*EXAMPLES, "<b>"])
def test_a_plain_text_is_what_it_says(text):
    assert parse(text, is_plain=True) == words(text)


def test_no_picture_is_loaded():
    assert parse("![x](http://a.b/c.png)") == (line("!", Link("http://a.b/c.png", "x")),)


def test_a_link_does_not_hide_where_it_leads():
    assert not Link("http://evil.example", "http://good.example").is_plain
    assert Link("http://a.b", "http://a.b").is_plain
    assert Link("mailto:a@b.c", "a@b.c").is_plain


def test_an_empty_text_has_no_parts():
    assert parse("") == ()


@pytest.mark.parametrize(
    "text",
    [
        *(">" * (DEPTH + 3) + " a", "- " * (DEPTH + 3) + "a", "*a " * DEPTH + "b*" * DEPTH),
        *("*a* " * NODES, "```\n" * NODES, "[" * 4_000, "[a](" * 2_000, "*" * LONGEST),
    ],
)
def test_what_is_too_deep_or_too_much_is_shown_as_it_was_written(text):
    parts = parse(text)
    assert parts == words(text) or depth(parts) <= DEPTH


@pytest.mark.parametrize(
    "piece", ["[", "[a](", "[<", "![", "[`", "*a", "*", "`a", "<a", "- a\n", "**_a", "[]", "[\n"]
)
def test_no_text_takes_many_steps_for_a_character(piece):
    text = (piece * LONGEST)[:LONGEST]
    parse("*a*")
    assert count_steps(lambda: parse(text)) <= 30 * LONGEST


def count_steps(call):
    """How many functions are called."""
    steps = 0

    def count(_, event, __):
        nonlocal steps
        steps += event == "call"

    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(None)
    return steps


def test_a_long_text_is_shown_as_it_was_written():
    text = "*a* " * LONGEST
    assert parse(text) == words(text)


def children(node):
    match node:
        case Emphasis() | Strong() | Paragraph() | Quotation():
            return node.parts
        case Items():
            return [each for item in node.items for each in item]
    return ()


def depth(nodes):
    return max((1 + depth(children(node)) for node in nodes), default=0)


def spell(nodes):
    return "".join(
        getattr(node, "language", "")
        + getattr(node, "text", "")
        + (node.url if isinstance(node, Link) and not node.is_plain else "")
        + spell(children(node))
        for node in nodes
    )


@given(st.text(st.sampled_from("ab*_`>-+[]()<>! \n\\~#"), max_size=300))
@example("[](>)")
@settings(max_examples=500)
def test_no_letter_is_lost_and_nothing_is_too_deep(text):
    parts = parse(text)
    # What is not written in an address stands there by its number: there may be more letters.
    lost = Counter(filter(str.isalpha, text)) - Counter(filter(str.isalpha, spell(parts)))
    assert not lost
    assert depth(parts) <= DEPTH + 2


@given(st.text(max_size=500))
def test_any_text_has_parts_that_can_be_carried(text):
    parts = parse(text)
    kinds = Words | Code | CodeBlock | Emphasis | Strong | Link | Paragraph | Quotation | Items
    encoded = msgspec.json.encode(parts) if text.isprintable() else b"[]"
    assert len(msgspec.json.decode(encoded, type=list[dict])) == (
        len(parts) if text.isprintable() else 0
    )
    assert all(isinstance(each, Node) and isinstance(each, kinds) for each in parts)


def test_no_repr_shows_the_text():
    assert "hi" not in repr(parse("*hi*"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("**one** _two_ `three`", "one two three"),
        ("> one\n\ntwo", "one\ntwo"),
        ("- one\n- two", "one\ntwo"),
        ("```py\none = 2\n```", "one = 2"),
        ("[one](https://two.example)", "one"),
        ("", ""),
    ],
)
def test_words_can_be_had_without_their_marks(text, words):
    assert words_of(text).strip() == words
    assert words_of(text, is_plain=True) == text
