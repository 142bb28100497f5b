from geventim.chat.replies import Appended, ConversationInfo, LoggedIn, Opened, Turn
from geventim.chat.requests import Commit, CreateRoom, Login, Register, TakeTurn
from geventim.chat.values import Kind, Purpose, Status
from geventim.client.people.profile import Keys, Profile
from geventim.load import arrival
from geventim.load.dialogue import Dialogue

KEYS = Keys.generate(bytes)
ROOM = b"room".ljust(16)
LOGGED_IN = LoggedIn(id=0, nick="alice", status=Status.NORMAL, signature_key=bytes(32))


def carry_out(steps, *replies):
    """What is asked when these are the replies, and what the steps end with."""
    dialogue, asked = Dialogue(steps), []
    for reply in replies:
        asked.append((dialogue.wanted.request, dialogue.wanted.payload))
        dialogue.answer(reply)
    return asked, dialogue.result


def test_who_registers_claims_the_nick_of_the_profile():
    profile = Profile("alice", "", "there", bytes(32), KEYS, "letmein")
    ((request, _),), logged_in = carry_out(arrival.register(profile), LOGGED_IN)
    assert isinstance(request, Register)
    assert request == profile.registration()
    assert logged_in == LOGGED_IN


def test_who_comes_back_logs_in():
    asked, _ = carry_out(arrival.log_in("alice"), LOGGED_IN)
    assert asked == [(Login(id=0, nick="alice"), b"")]


def test_a_room_is_made_empty():
    info = ConversationInfo(ROOM, Kind.ROOM, "hall", b"i" * 16)
    asked, made = carry_out(arrival.create("hall", bytes), Opened(id=0, conversation=info))
    assert asked == [(CreateRoom(id=0, message_id=bytes(16), name="hall"), b"")]
    assert made == info


def test_who_joins_commits_on_the_head_that_the_turn_has_told():
    steps = arrival.join(ROOM, KEYS.account, bytes, b"state")
    asked, seq = carry_out(steps, Turn(id=0, head=7), Appended(id=0, seq=8, time=0.0))
    (turn, _), (commit, payload) = asked
    assert turn == TakeTurn(id=0, conversation=ROOM, purpose=Purpose.JOIN)
    assert isinstance(commit, Commit)
    assert (commit.conversation, commit.head, commit.added) == (ROOM, 7, (KEYS.account,))
    assert (commit.message, commit.payload, payload) == (0, 5, b"state")
    assert seq == 8
