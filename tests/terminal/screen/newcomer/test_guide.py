from geventim.client import answers, wishes
from geventim.client.people.trust import Standing
from geventim.terminal.screen.orders import Copy
from tests.terminal.screen.play import Play, identify


def done(play):
    return [step.name for step in play.scene().guide if step.is_done]


def test_who_is_new_sees_what_is_done(play):
    assert done(play) == ["Your name", "The server", "Invite a friend"]
    assert "First steps" in play.lines()[0]


def test_each_step_is_done_as_it_happens(play):
    play.type("hello")
    play.press("enter")
    assert "Say hello" in done(play)
    play.model.world.is_stale = True
    lobby = play.model.world.rooms.get(identify("lobby"))
    play.model.world.list_members(lobby, (answers.Member("bo", "0", Standing.VERIFIED),))
    assert "Verify a friend" in done(play)
    play.model.saved("ana.identity")
    assert play.scene().guide == ()


def test_it_never_blocks(play):
    play.type("a")
    assert play.input == "a"
    for number in range(20):
        play.hear(f"text {number}")
    assert "First steps" not in "".join(play.lines())
    assert play.scene().guide


def test_esc_hides_it(play):
    play.press("esc")
    assert play.scene().guide == ()
    play.press("f2")
    assert play.scene().overlay.title == "First steps"


def test_only_who_is_new_sees_it():
    play = Play()
    play.history = True
    play.enter()
    assert play.scene().guide == ()


def test_it_is_seen_where_one_has_come_first(play):
    play.press("meta 1")
    assert play.scene().guide == ()
    play.press("meta 2")
    assert play.scene().guide


def test_a_friend_is_invited_by_link_and_code(play):
    play.press("f2", *["down"] * 3, "enter")
    overlay = play.scene().overlay
    assert overlay.rows == (("eim://127.0.0.1:5555", ""),)
    assert len(overlay.figure) > 10
    assert all(line in "".join(play.lines()) for line in overlay.figure)
    play.press("enter")
    assert play.of(Copy)[0].text == "eim://127.0.0.1:5555"
    assert play.scene().overlay is None


def test_it_is_found_in_the_palette_too(play):
    play.press("ctrl p", *"invite", "enter")
    assert play.scene().overlay.title == "Invite a friend with this link"
    play.press("x", "esc")
    assert play.scene().overlay is None


def test_verifying_is_begun_in_the_input(play):
    play.press("f2", *["down"] * 5, "enter")
    assert play.input == "/verify "
    assert play.of(wishes.Verify) == []
