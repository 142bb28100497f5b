from geventim.client import answers, wishes
from geventim.client.answers import Done, Refusal, Refused, Result
from geventim.terminal.screen.asking import Asking


def test_every_wish_has_an_id_and_gets_its_answer_once():
    sent, done, refused = [], [], []
    asking = Asking(sent.append)
    for _ in range(2):
        asking.ask(wishes.People(id=0), done.append, refused.append)
    first, second = (wish.id for wish in sent)
    assert first != second
    names = answers.Names(("ana",))
    asking.take(Done(first, names))
    asking.take(Done(first, names))
    asking.take(Refused(second, Refusal("c", "t", False)))
    assert done == [names]
    assert [each.code for each in refused] == ["c"]


def test_answers_of_others_are_left_alone():
    asking = Asking(lambda _: None)
    asking.take(Done(7, Result()))
    asking.take(Done(None, Result()))
