"""How each cause comes about: what happens to alice or bob, and what they are told."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

from geventim.chat.replies import LoggedIn, Turn
from geventim.chat.values import Kind
from geventim.client import succession
from geventim.client.causes import Cause
from geventim.client.conversation.posting import post
from geventim.client.events import Notice
from geventim.client.following import amendment, messages
from geventim.client.sealing.charter import Charter
from geventim.client.sealing.content import Content, ContentKind
from geventim.mls.ground.extensions import RATCHET_TREE, Extension
from geventim.mls.messages.group_info import sign_group_info
from geventim.mls.messages.message import encode_message
from tests.client.hostile import (
    Stranger,
    altering,
    damaged,
    giving,
    introduce,
    lose_seat,
    on_commits,
    on_messages,
    replace,
    setting,
)
from tests.client.insiders import change_commits, commit, make_noise, refuse_help
from tests.client.person import Person
from tests.client.world import World

PLACE = "KeyError in geventim/client/following/messages.py, line 9"


@dataclass(frozen=True)
class Scene:
    """How ``cause`` comes about for alice, which line she sees, and what she has to type then.

    ``place`` is where alice and bob can talk afterwards.
    """

    play: Callable[[World, Person, Person], None]
    line: str
    remedy: tuple[str, ...] = ()
    place: str = "lobby"


SCENES: dict[Cause, Scene] = {}


def scene(cause: Cause, line: str, *remedy: str, place: str = "lobby"):
    """The scene of ``cause`` is what the function plays."""

    def keep(play):
        assert cause not in SCENES
        SCENES[cause] = Scene(play, line, remedy, place)
        return play

    return keep


def say(world: World, person: Person, *lines: str) -> None:
    person.say(*lines)
    world.advance()


def key_of(person: Person) -> str:
    """The key of a room that was shown to ``person`` last."""
    shown = [notice.text for notice in person.seen(Notice) if notice.code == "new_key"]
    return shown[-1].split(": ")[-1]


@scene(
    Cause.UNREADABLE,
    "A message from bob in 'lobby' could not be decrypted: it was damaged or forged."
    " It was skipped.",
)
def damage_a_message(world, alice, bob):
    alice.tamper = on_messages(lambda entry, payload: [(entry, damaged(payload))])
    say(world, bob, "lost")


@scene(
    Cause.ANOTHER_EPOCH,
    "A message from bob in 'lobby' was sealed for other members than there are now."
    " It was skipped.",
)
def repeat_a_message_of_earlier(world, alice, bob):
    seen = []

    def repeat(entry, payload):
        seen.append(payload)
        return [(entry, seen[0])]

    alice.tamper = on_messages(repeat, 2)
    say(world, bob, "old")
    world.enter("carol")
    say(world, bob, "lost")


@scene(
    Cause.NO_CONTENT,
    "A message from bob in 'lobby' says nothing that this program understands."
    " It was skipped; a newer version may show it.",
)
def write_what_fits_another_conversation(world, alice, bob):
    post(bob.room(), Content("bob", "in private", world.timers.time, ContentKind.PRIVATE))
    bob.tick()
    world.advance()


@scene(
    Cause.IMPOSTOR,
    "The server says that carol wrote a message in 'lobby' which is somebody else's."
    " It was skipped.",
)
def rename_an_author(world, alice, bob):
    alice.tamper = on_messages(setting(author="carol"))
    say(world, bob, "lost")


@scene(Cause.NO_NAME, "An entry in 'lobby' has no valid author. It was skipped.")
def take_the_name_of_an_author(world, alice, bob):
    alice.tamper = on_messages(setting(author="[Server]"))
    say(world, bob, "lost")


@scene(
    Cause.OWN_COPY,
    "In 'lobby' there is something under your name that this client did not send: its data are"
    " older than what it has sent, or somebody has your keys. It changes its keys before it sends.",
)
def restore_a_backup(world, alice, bob):
    yesterday = dict(alice.kept)
    say(world, alice, "since then")
    alice.start(yesterday)
    world.advance()


@scene(
    Cause.REPEATED,
    "A message from bob in 'lobby' came a second time. It was skipped.",
)
def accept_a_message_twice(world, alice, bob):
    """The server lets bob seal a message again that alice has read."""
    parcel = post(bob.room(), Content("bob", "again", world.timers.time, ContentKind.ROOM))
    alice.room().read.add(bob.agent.context.user.account, parcel.message_id)
    bob.stir()
    world.run()


@scene(
    Cause.VOID,
    "bob tried to change 'lobby' in a way that is not valid. Nothing has changed.",
)
def commit_nonsense(world, alice, bob):
    change_commits(bob, lambda message, info: (bytes(len(message)), info))
    commit(world, bob)
    world.advance(20)


@scene(
    Cause.OTHER_STATE,
    "carol tried to change 'lobby', but has seen another history of it than your client."
    " Nothing has changed.",
)
def join_by_a_false_state(world, alice, bob):
    """What carol is given has another confirmation tag, which nobody but a member can tell."""
    carol, group = world.person("carol"), alice.room().group
    context = group.state.epoch.context
    info = sign_group_info(
        group.suite,
        group.client.signing_key,
        group.own_index,
        context,
        bytes(32),
        (Extension(RATCHET_TREE, group.export_tree()),),
    )
    carol.tamper = altering(Turn, lambda turn, _: [(turn, encode_message(info))])
    carol.connect()
    world.advance(20)


@scene(
    Cause.SHUT_OUT,
    "bob changed the keys of 'lobby' so that your client could not follow at once."
    " It is back in step. What stays unread: 1 message.",
)
def shut_out_everybody(world, alice, bob):
    (carol,) = world.enter("carol")
    say(world, alice, "a first word")
    say(world, carol, "another one")
    world.advance(60)
    refuse_help(bob)
    make_noise(world, bob, alice, carol)
    world.advance(10)
    bob.forge = None


@scene(
    Cause.MISSED,
    "In 'lobby', 2 messages could not be read: your client was out of step."
    " It is back in step, and reads on from here.",
)
def write_to_somebody_out_of_step(world, alice, bob):
    room = alice.room()
    room.give_up_seat()
    room.fall_outside(Cause.BAD_WELCOME, author="bob")
    say(world, bob, "lost", "as well")
    world.advance(20)


@scene(
    Cause.LOST_WELCOME,
    "bob has added you to 'team', but the keys for it are gone."
    " Your client gets in by itself; what is written until then may stay unread.",
    place="team",
)
def lose_the_key_packages(world, alice, bob):
    alice.kept = {k: v for k, v in alice.kept.items() if not k.startswith("package/")}
    alice.start()
    world.advance()
    say(world, bob, "@group set team alice")


@scene(
    Cause.BAD_WELCOME,
    "bob has added you to 'team' in a way that is not valid. Your client gets in by itself.",
    place="team",
)
def damage_a_welcome(world, alice, bob):
    alice.tamper = on_commits(lambda entry, payload: [(entry, damaged(payload))])
    say(world, bob, "@group set team alice")


@scene(
    Cause.EXPIRED,
    "The entries 3 to 5 of 'lobby' have expired on the server. Reading goes on after them.",
)
def stay_away_for_long(world, alice, bob):
    alice.drop()
    say(world, bob, "one", "two", "three")
    world.expire()
    alice.connect()
    world.advance()


@scene(
    Cause.OTHER_CHANGE,
    "carol changed the members of 'lobby' in another way than was declared."
    " What counts is what carol signed: added carol, removed nobody.",
)
def declare_what_is_not(world, alice, bob):
    alice.tamper = on_commits(setting(removed=(introduce(bob),)))
    world.enter("carol")


@scene(
    Cause.FALSE_NICK,
    "account 4e255f6a2c7f1394 goes by a nick that is somebody else's, or that is none."
    " That is how your client calls them; what they say of themselves is not believed.",
)
def call_a_newcomer_by_another_name(world, alice, bob):
    def rename(entry, payload):
        (newcomer,) = entry.added
        return [(replace(entry, added=(replace(newcomer, nick="eve"),)), payload)]

    alice.tamper = on_commits(rename)
    world.enter("carol")


@scene(
    Cause.OTHER_HISTORY,
    "The server shows you and bob different histories of 'lobby'."
    " Compare what you see with bob elsewhere.",
)
def change_what_was_read(world, alice, bob):
    damage_a_message(world, alice, bob)
    say(world, bob, "and on")


@scene(
    Cause.GAP,
    "In 'lobby', 1 message from bob did not arrive. The server has kept that back; ask bob.",
)
def swallow_a_message(world, alice, bob):
    def skip(entry, payload):
        skipped.append(entry)
        known = world.store._logs[entry.conversation].entries[entry.seq]
        return [(replace(entry, previous=known.previous), payload)] if skipped[1:] else []

    skipped = []
    say(world, bob, "one")
    alice.tamper = on_messages(skip, 2)
    say(world, bob, "lost")
    say(world, bob, "three")


@scene(
    Cause.BACKWARDS,
    "The server offers an older state of 'lobby' than your client has seen."
    " Nothing is sent there until you type '@rejoin lobby', which shows who is in it.",
    "@rejoin lobby",
)
def offer_what_was(world, alice, bob):
    old = alice.room().group.group_info()
    world.enter("carol")
    alice.tamper = giving(old)
    lose_seat(world, alice, alice.room())
    world.advance(20)


@scene(
    Cause.UNVOUCHED,
    "The server offers a state of 'team' that nobody who was in it vouches for."
    " Nothing is sent there until you type '@rejoin team', which shows who is in it.",
    "@rejoin team",
    place="team",
)
def forge_a_group(world, alice, bob):
    say(world, bob, "@group set team alice")
    team = alice.conversation(Kind.GROUP, "team")
    charter = Charter.read(team.group.extensions)
    place = world.store.conversation(team.id)
    forgery = Stranger(world).forge(place, alice, bob, charter=charter)
    alice.tamper = giving(forgery.group_info)
    lose_seat(world, alice, team)
    world.advance(20)


@scene(
    Cause.LOST,
    "The server does not know 'lobby' any more."
    " Nothing is sent there until you type '@rejoin lobby', which begins anew what it has.",
    "@rejoin lobby",
)
def lose_the_log(world, alice, bob):
    alice.drop()
    alice.tamper = altering(
        LoggedIn, lambda message, payload: [(replace(message, conversations=()), payload)]
    )
    alice.connect()
    world.advance()


@scene(
    Cause.REPLACED_HISTORY,
    "The server has another history of 'lobby' than your client has read."
    " Nothing is sent there until you type '@rejoin lobby', which shows who is in it.",
    "@rejoin lobby",
)
def replace_the_log(world, alice, bob):
    def renew(message, payload):
        infos = tuple(replace(each, incarnation=b"x" * 16) for each in message.conversations)
        return [(replace(message, conversations=infos), payload)]

    alice.drop()
    alice.tamper = altering(LoggedIn, renew)
    alice.connect()
    world.advance()


@scene(
    Cause.NO_KEY,
    "The room 'vault' is keyed, and your client does not have its present key."
    " Ask a member for it, and type '@join vault KEY'.",
    "@join vault KEY",
    place="vault",
)
def lose_the_key_of_a_room(world, alice, bob):
    say(world, bob, "@newkey vault")
    say(world, alice, f"@join vault {key_of(bob)}")
    alice.start({})
    world.advance()


@scene(
    Cause.BAD_GROUP,
    "What your client was given to get into 'lobby' is not valid."
    " Nothing is sent there until it is. Your client tries again by itself.",
)
def give_out_nonsense(world, alice, bob):
    alice.tamper = giving(b"nonsense")
    lose_seat(world, alice, alice.room())
    world.advance(20)


@scene(
    Cause.NO_STATE,
    "Nobody who is in 'lobby' can let your client in now. Your client tries again by itself.",
)
def give_out_nothing(world, alice, bob):
    alice.tamper = giving(b"")
    lose_seat(world, alice, alice.room())
    world.advance(20)


@scene(
    Cause.PASSED_OVER,
    "This program cannot take an entry of bob in 'lobby'"
    " (KeyError in geventim/client/following/messages.py, line 9)."
    " It was passed over. Please report this line.",
)
def fail_with_an_entry(world, alice, bob):
    with failing(alice, messages, "_show"):
        say(world, bob, "lost")


@scene(
    Cause.FAILED_HERE,
    "This program fails with what is to be done in 'lobby'."
    " Nothing is sent there until you type '@rejoin lobby'. Please report this line.",
    "@rejoin lobby",
)
def fail_with_what_is_due(world, alice, bob):
    with failing(alice, amendment, "is_owed"):
        say(world, alice, "lost")


@contextmanager
def failing(person, module, name):
    """Let a function of the program fail, which a person's client survives."""
    person.survives = True
    with (
        mock.patch.object(module, name, side_effect=KeyError),
        mock.patch.object(succession, "describe", return_value=PLACE),
    ):
        yield
