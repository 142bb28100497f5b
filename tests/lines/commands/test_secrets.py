from geventim.client.events import Error, Message, Secret


def type_in(world, person, *lines):
    """Type lines, and let them take effect; what came of them."""
    person.news()
    person.say(*lines)
    world.run()
    return person.news()


def test_a_key_that_is_typed_at_once_is_not_asked_for(world, alice, bob):
    type_in(world, alice, "@secret bob sesame meet at ten")
    assert len(bob.seen(Secret)) == 1
    (opened,) = type_in(world, bob, "@open #1 sesame")
    assert (type(opened), opened.nick, opened.message) == (Message, "alice", "meet at ten")


def test_a_wrong_one_says_so(world, alice, bob):
    type_in(world, alice, "@secret bob sesame meet at ten")
    (error,) = type_in(world, bob, "@open 1 poppy")
    assert (type(error), error.code) == (Error, "wrong_key")
    assert "@open 1" in error.text


def test_a_secret_that_is_not_there_asks_for_nothing(world, alice):
    (error,) = type_in(world, alice, "@open 7")
    assert (type(error), error.code) == (Error, "no_secret")
    assert not alice.lines.hides_input


def test_an_empty_line_cancels(world, alice, bob):
    type_in(world, alice, "@secret bob sesame meet at ten")
    question, answer = type_in(world, bob, "@open 1", "")
    assert question.text == "Enter the key of secret #1; an empty line cancels."
    assert answer.text == "Secret #1 stays closed."
    assert not bob.lines.hides_input
