"""Sentences for people, words for programs."""

import pytest

from geventim.chat import limits
from geventim.chat.codec import encode, replies
from geventim.chat.replies import Error
from geventim.log.outcomes import NO_CONVERSATION, NOT_A_MEMBER, NOT_ALLOWED
from geventim.service import refusals


def test_sentence_is_a_reply_and_an_error():
    sentence = refusals.Sentence("code", "Text.", "Advice.")
    assert sentence.reply(7) == Error(id=7, code="code", text="Text.", advice="Advice.")
    error = sentence.error()
    assert (error.code, error.text, error.advice) == ("code", "Text.", "Advice.")


def test_promised_sentences():
    assert refusals.user_not_found("bob").text == "User 'bob' not found."
    expected = "alice is in 'Do Not Disturb' mode and will not receive messages."
    assert refusals.do_not_disturb("alice").text == expected


@pytest.mark.parametrize(
    ("nicks", "text"),
    [(["a"], "User 'a' not found."), (["a", "b"], "Users 'a', 'b' not found.")],
)
def test_unknown_people_are_all_named(nicks, text):
    assert refusals.users_not_found(nicks).text == text


def test_every_refusal_of_an_append_has_a_sentence():
    for refusal in (NO_CONVERSATION, NOT_A_MEMBER, NOT_ALLOWED):
        assert refusals.BY_REFUSAL[refusal].text


def test_longest_names_make_a_reply_that_a_client_takes():
    nicks = ["\U0001d400" * 4 * limits.NAME_LENGTH] * limits.GROUP_MEMBERS
    for sentence in (refusals.users_not_found(nicks), refusals.malformed("x" * 64, "y" * 9999)):
        ((reply, _),) = replies.decode(encode(sentence.reply(1)))
        assert isinstance(reply, Error)
