import importlib
import pkgutil
import re

import pytest

import geventim
from geventim import errors
from geventim.errors import (
    AuthenticationError,
    GeventIMError,
    MisuseError,
    NetworkError,
    PeerError,
    StoreError,
    UserError,
)


def drawn():
    """Each error of the tree in the docstring, with its parent and where it is defined."""
    tree, above = {}, []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ([ │├└─]*)(\w+Error)\b(?:.*\((\w+(?:\.\w+)+)\))?", line)
        if found:
            branch, name, place = found.groups()
            depth = len(branch) // 4
            del above[depth:]
            tree[name] = (above[-1] if above else "Exception", place or "errors")
            above.append(name)
    return tree


def defined():
    """Every error that there is, with its parent and its module."""
    for module in pkgutil.walk_packages(geventim.__path__, "geventim."):
        importlib.import_module(module.name)
    tree, left = {}, [GeventIMError]
    while left:
        error = left.pop()
        place = error.__module__.removeprefix("geventim.")
        tree[error.__name__] = (error.__base__.__name__, place)
        left += error.__subclasses__()
    return tree


def test_the_tree_is_as_it_is_drawn():
    assert drawn() == defined()


def test_all_that_is_raised_on_purpose_can_be_caught_at_once():
    for error in (MisuseError("x"), PeerError("x"), NetworkError("x"), StoreError("x")):
        assert isinstance(error, GeventIMError)
        assert str(error) == "x"


def test_a_failed_authentication_says_nothing_more():
    assert str(AuthenticationError()) == "authentication failed"
    assert isinstance(AuthenticationError(), PeerError)
    with pytest.raises(TypeError):
        AuthenticationError("the tag of record 5 is wrong")


class TestUserError:
    def test_it_is_a_sentence_and_what_to_do(self):
        error = UserError("in_use", "It is in use.", "Stop the other one.")
        assert (error.code, error.text, error.advice) == (
            "in_use",
            "It is in use.",
            "Stop the other one.",
        )
        assert str(error) == "It is in use. Stop the other one."

    def test_there_may_be_nothing_to_do(self):
        assert str(UserError("gone", "It is gone.")) == "It is gone."
