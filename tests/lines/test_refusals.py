"""Every refusal, error and notice of the client has its sentence, and every sentence its user."""

import ast
import importlib
import string
from pathlib import Path

import pytest

from geventim.client.causes import Cause
from geventim.errors import DeniedError, UserError
from geventim.lines import notices, refusals
from geventim.lines.causes import CAUSES
from geventim.lines.refusals import REFUSALS, explain, sentence

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / "geventim" / "client"
WEB = ROOT / "geventim" / "web"

REFUSED = {"DeniedError", "BadWishError", "Error.of"}
NOTICED = {"Notice.own", "Notice.told"}
WORDED = {"clock", "pages", "listed", "reason"}
"""What refusals make words of by themselves."""

PASSED_ON = {"refusals.py": "what the server says", "outcomes.py": "what the server says"}
"""Modules that raise errors with the words of others."""


def calls(*places):
    """All calls in ``places``, with the module that they are in."""
    for path in sorted(path for place in places for path in place.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path, name.removesuffix(".__init__"), node


def named(node):
    """What is called, without the module of it."""
    return ast.unparse(node.func).removeprefix("events.")


def values(node, module):
    """What an argument can be."""
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return values(node.body, module) | values(node.orelse, module)
    if isinstance(node, ast.Name) and hasattr(importlib.import_module(module), node.id):
        return {getattr(importlib.import_module(module), node.id)}
    return set()


def used(kinds):
    """The keys that calls of these kinds need, with the facts that come along."""
    found = {}
    for path, module, node in calls(CLIENT, WEB):
        if named(node) not in kinds or path.name == "events.py":
            continue
        code = node.args[1 if named(node) == "BadWishError" else 0]
        keywords = {each.arg: each.value for each in node.keywords}
        cases = values(keywords["case"], module) if "case" in keywords else {""}
        for value in values(code, module):
            for case in cases:
                key = f"{value}.{case}" if case else value
                found.setdefault(key, []).append(set(keywords) - {"case", "count", None})
    return found


def fields(text):
    """What a sentence is made of."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_refusal_has_a_sentence_and_every_sentence_a_refusal():
    assert set(used(REFUSED)) - set(CAUSES) == set(REFUSALS)


def test_every_notice_has_a_sentence_and_every_sentence_a_notice():
    assert set(used(NOTICED)) == {key for key in notices.NOTICES if key != "added.many"}


def test_every_cause_has_a_sentence():
    assert set(CAUSES) == set(Cause)


def test_the_facts_of_a_refusal_are_those_of_its_sentence():
    for key, facts in used(REFUSED).items():
        if key in REFUSALS:
            for each in facts:
                wanted = fields("".join(REFUSALS[key])) - WORDED - {"count"}
                assert wanted <= each, key


def test_nothing_in_the_client_makes_a_sentence():
    """Errors have words of their own only where they are those of the server."""
    found = [
        f"{path.name}: {ast.unparse(node)}"
        for path, _, node in calls(CLIENT)
        if named(node) in {"UserError", "RefusedError"} and path.name not in PASSED_ON
    ]
    assert found == []


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UserError("x", "No.", "Do this."), "No. Do this."),
        (
            DeniedError("no_room", name="den"),
            "There is no room 'den'. Make one: @create room den [KEY]",
        ),
        (DeniedError("to_oneself", case="ignore"), "You cannot ignore yourself."),
        (DeniedError("too_large", size=65536), "That message is too long: at most 65,536 bytes"),
        (DeniedError("wrong_clock", seconds=-7200), "This machine's clock is 2 hours behind"),
        (DeniedError("no_key", name="den"), "The room 'den' is keyed, and your client does not"),
    ],
)
def test_an_error_is_explained(error, text):
    assert explain(error).startswith(text)


def test_what_others_say_of_somebody_is_told_with_who_that_is():
    facts = {"said": "No.", "invited": "bob", "group": "team"}
    assert sentence("busy", "", facts) == "bob could not be added to 'team': No."
    facts = {"nick": "bob", "invited": "bob", "group": "team"}
    assert "bob is not who you know" in sentence("untrusted", "", facts)


@pytest.mark.parametrize(
    ("names", "listed"),
    [
        (("a", "b"), "of 'a' and 'b' it"),
        (("a", "b", "c"), "of 'a', 'b' and 'c' it"),
        (tuple("abcdefg"), "of 'a', 'b', 'c', 'd', 'e' and 2 more it"),
    ],
)
def test_several_conversations_are_named_and_many_are_counted(names, listed):
    assert listed in sentence("gone_back", "", {"names": names}, len(names))


def test_pages_that_cannot_be_read_are_counted():
    assert sentence("damaged", "", {"why": "x"}).startswith("1 page of the history")
    assert sentence("damaged", "", {"why": "x"}, 3).startswith("3 pages of the history")


def test_what_people_know_as_the_servers_answer_has_a_sentence():
    assert set(REFUSALS) >= refusals.BY_SERVER
