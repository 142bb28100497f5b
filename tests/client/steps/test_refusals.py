from geventim.chat.replies import Error
from geventim.client.steps import refusals
from geventim.client.steps.effects import RefusedError
from geventim.service import refusals as said


def test_a_refusal_has_the_words_of_the_server():
    error = refusals.refusal(Error(id=1, code="c", text="No.", advice="Ask."))
    assert isinstance(error, RefusedError)
    assert (error.code, error.text, error.advice) == ("c", "No.", "Ask.")


def test_the_words_are_those_that_the_server_uses():
    sentences = {each.code for each in vars(said).values() if isinstance(each, said.Sentence)}
    ours = {each for name, each in vars(refusals).items() if name.isupper() and name != "PASSING"}
    made = {said.busy(1.0), said.no_key_package("bob"), said.no_room("den"), said.name_taken("den")}
    sentences |= {sentence.code for sentence in made}
    assert ours - sentences == set()


def test_what_may_pass_is_among_them():
    assert len(refusals.PASSING) == 4
