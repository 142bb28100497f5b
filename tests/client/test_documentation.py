"""What docs/protocol.md says about groups and messages is so."""

import base64
import hashlib
import hmac
import re
import struct
from pathlib import Path

import msgspec
import pytest
from Cryptodome.Cipher import AES
from Cryptodome.Util.Padding import pad

from geventim.chat import requests
from geventim.chat.departures import Departure
from geventim.chat.limits import ASK_SIZE, NAME_LENGTH
from geventim.chat.values import Kind, gate_claim
from geventim.client.conversation import conversation, helping, owing
from geventim.client.following import (
    admission,
    amendment,
    arrival,
    follower,
    objections,
    seeking,
)
from geventim.client.following.messages import FITTING
from geventim.client.kept import closed, position, read
from geventim.client.measures import USUAL
from geventim.client.people.credentials import LONGEST_NICK, make_credential
from geventim.client.said import orphans
from geventim.client.sealing import attempts, content, engine, gates, outlooks
from geventim.client.sealing import key_packages as packages
from geventim.client.sealing import secret as secrets
from geventim.client.sealing import testimony as testimonies
from geventim.client.sealing.asking import make_ask
from geventim.client.sealing.charter import CAPABILITIES, CHARTER, Charter, psk_name
from geventim.client.sealing.content import ContentKind
from geventim.client.steps import pulse
from geventim.crypto.readable import encode_key
from geventim.crypto.signature import SigningKey
from geventim.mls.ground.policy import DEFAULT_POLICY
from geventim.mls.groups.external_join import Entrance
from geventim.mls.messages.group_info import UnverifiedGroupInfo
from geventim.mls.messages.message import decode_message
from geventim.net.connection import UNACKNOWLEDGED
from geventim.server.clients import handler
from geventim.server.clients.bounds import USUAL as SERVED
from tests.client.hostile import shut_out
from tests.client.members import charter_of, group_of
from tests.client.person import SERVER_KEY

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"
STOCK = packages.STOCK
"""Before the tests of this folder make do with fewer."""

POLICY = engine.make_policy(SERVER_KEY)
DAY, MINUTE = 24 * 3600, 60

PUBLIC_MESSAGE, PRIVATE_MESSAGE = b"\0\1\0\1", b"\0\1\0\2"
"""``MLSMessage``: version and wire format (RFC 9420 §6)."""


@pytest.fixture(scope="module")
def text():
    """The two chapters, each paragraph in one line."""
    whole = DOCUMENT.read_text(encoding="utf-8")
    chapters = whole[whole.index("\n## 10. Groups") : whole.index("\n## 12. ")]
    return " ".join(chapters.split())


@pytest.mark.parametrize(
    "said",
    [
        f"Cipher suite {engine.SUITE.number} (",
        f"of type 0x{CHARTER:x}",
        f"| `versions` | {CAPABILITIES.versions[0]} |",
        f"| `cipher_suites` | {', '.join(map(str, CAPABILITIES.cipher_suites))} |",
        f"| `extensions` | {', '.join(map(hex, CAPABILITIES.extensions))} |",
        f"| `credentials` | {CAPABILITIES.credentials[0]} (basic) |",
        f"at most {POLICY.max_generations_ahead:,} steps",
        f"the newest {POLICY.max_late_keys} that were skipped",
        f"sealed {USUAL.sealed} messages in an epoch",
        f"before {content.END_OF_TIME:,.0f}, two days before the year 10000",
        f"at most {POLICY.max_leaves:,} leaves",
        f"1 to {LONGEST_NICK} bytes",
        f"{', '.join(f'{size:,}' for size in engine.BUCKETS[:-1])} or {engine.BUCKETS[-1]:,} bytes",
        f"the lifetime is {engine.LIFETIME // DAY} days",
        f"longer than {POLICY.max_lifetime // DAY} days",
        f"uploads {STOCK} when",
        f"or {packages.RENEWAL // DAY} days before it expires",
        f"After {admission.STATES} that are no good, {follower.PAUSE} seconds apart",
        f"at most {attempts.MOST}, are kept and followed",
        f"Until {arrival.DOUBT} seconds after",
        f"{arrival.NEWNESS:.0f} seconds have passed",
        f"the probability {USUAL.givers}/members",
        f"within {objections.TELLING:.0f} seconds",
        f"once in {arrival.INTERVAL:.0f} seconds of its messages for each author",
        f"once in {arrival.INTERVAL:.0f} seconds, or in {arrival.CONTESTED / MINUTE:.0f} minutes",
        f"commits {arrival.KNOCK:.0f} second later",
        f"up to {helping.RESENT} times more",
        f"every {helping.REPETITION} seconds",
        f"(at most {outlooks.MOST})",
        f"up to {seeking.PAST_COUNT} times each",
        f"Asks are {seeking.SPACING} seconds apart",
        f"at most {closed.MOST:,}, and {closed.LARGEST // 2**20} MiB",
        f"({USUAL.epochs} epochs)",
        f"the probability {helping.ANSWERS}·2^max(0, count - 1)/n",
        f"the {helping.WAITING:.0f} seconds before",
        f"Of the answers to one ask {USUAL.lies} are tried",
        f"{USUAL.out_of_step:.0f} second + {owing.LEVEL} · (level - 1)",
        f"once in {seeking.REST / MINUTE:.0f} minutes",
        f"puts it off by {seeking.GRACE} seconds",
        f"writes, and leaves, {conversation.NEEDED:.0f} second later",
        f"after {owing.REMOVAL[0]:.0f} to {owing.REMOVAL[1]:.0f} seconds",
        f"within {amendment.PATIENCE:.0f} seconds",
        f"among the last {read.PAGE * (read.PAGES - 1)} at least",
        f"after {amendment.RENEWAL_TIME / 3600:.0f} hours",
        f"after {USUAL.renewal_count} messages of its own",
        f"N = {gates.COST:,}, r = 8, p = 1) of the key, with the salt",
        f"N = {secrets.COST:,}, r = 8, p = 1) of the key in UTF-8",
        f"({len(encode_key(bytes(gates.KEY_SIZE)))} characters)",
        f"({position.WINDOW} entries)",
        f"at most {content.LARGEST:,} bytes",
    ],
)
def test_numbers_are_those_of_the_program(text, said):
    assert said in text


def test_numbers_that_others_say_have_their_range(text):
    assert POLICY.max_epoch == 2**63 - 1
    assert "whose epoch is above 2^63 \u2212 1 is not joined" in text
    assert testimonies.LARGEST_COUNT == 2**53 - 1
    assert text.count("at most 2^53 \u2212 1") == 2


def test_times_of_silence_are_those_of_the_program():
    whole = DOCUMENT.read_text(encoding="utf-8")
    chapter = whole[whole.index("### Signs of life") : whole.index("### Room records")]
    text = " ".join(chapter.split())
    for said in (
        f"for {pulse.IDLE:.0f} seconds it has sent nothing",
        f"for {pulse.PATIENCE:.0f} seconds nothing at all has come",
        f"nothing has come for {handler.SILENCE * SERVED.rest:.0f} seconds",
        f"was sent for {UNACKNOWLEDGED:.0f} seconds",
    ):
        assert said in text
    later = pulse.IDLE + pulse.PATIENCE + pulse.LOOK
    assert later <= 45
    assert (handler.SILENCE + 1) * SERVED.rest <= 45


def test_there_is_one_version_and_no_epoch_but_the_present():
    assert (len(CAPABILITIES.versions), CAPABILITIES.proposals) == (1, ())
    assert POLICY.past_epochs == 0
    assert LONGEST_NICK == 4 * NAME_LENGTH
    assert engine.lifetime(10 * DAY).not_before == 9 * DAY
    assert POLICY.max_lifetime == DEFAULT_POLICY.max_lifetime


def test_credential_is_that_of_its_description():
    identity = b"\x01" + SERVER_KEY + b"a" * 16 + b"\x03bob"
    assert make_credential(SERVER_KEY, b"a" * 16, "bob").identity == identity


def test_charter_declaration_ask_and_help_have_the_sizes_of_their_description(text):
    charter = charter_of(Kind.DM).extension().extension_data
    assert len(charter) == 1 + 1 + 1 + 32 + 16 + 16 + 32 + 1 + 1
    departure = Departure(1, bytes(16), bytes(32), bytes(32), bytes(64)).encode()
    assert f"departures, {len(departure)} bytes each" in text
    assert f"all of it has at most {engine.LEAF_SIZE} bytes" in text
    assert f"with at most {ASK_SIZE} bytes: | size" in text
    asked = make_ask(group_of(bytes(16), charter_of(Kind.ROOM), "alice")[0].vantage, bytes(32), 0)
    assert len(asked) == 1 + 16 + 8 + 32 + 4 + 1 + 32 + 64


def test_authenticated_data_are_those_of_their_description(text):
    encoded = testimonies.Testimony(7, b"H" * 32, 5, 2).encode()
    assert encoded == struct.pack(">Q32sQL", 7, b"H" * 32, 5, 2)
    assert f"{len(encoded)} bytes:" in text


def test_kinds_of_content_are_those_of_their_description(text):
    (row,) = re.findall(r"\| `kind` \| ([^|]*) \| must fit the conversation: ([^|]*)\|", text)
    assert set(re.findall("`([a-z]+)`", row[0])) == set(ContentKind)
    listed = re.findall(r"((?:`[a-z]+`(?: and )?)+)(?: (?:is|are))? in a ([a-z]+)", row[1])
    named = {Kind(kind): frozenset(re.findall("`([a-z]+)`", kinds)) for kinds, kind in listed}
    assert named == FITTING


def test_members_of_a_content_are_those_of_their_description(text):
    table = text.split("are the *content*")[1].split("The text has at most")[0]
    described = re.findall(r"\| `(\w+)` \| ", table)
    assert described == [field.name for field in msgspec.structs.fields(content.Content)]
    for size in (content.TEXT_SIZE, content.EXCERPT, content.THUMBNAIL_SIZE, content.FILES):
        assert f"at most {size:,} " in text
    assert f"below {content.SHORTEST} seconds" in text
    assert f"above {content.LONGEST // 86_400} days" in text
    assert f"newest {orphans.OF_ALL} of a conversation, {orphans.OF_ONE} of one account" in text


def test_message_ids_are_made_as_described():
    for kind, where in ((ContentKind.ROOM, b"p" * 16), (ContentKind.PRIVATE, bytes(16))):
        said = content.Content("bob", "hi", 1.0, kind, id=b"i" * 16)
        written = content.encode(said)
        made = hashlib.sha256(b"geventim message" + b"a" * 16 + where + written).digest()[:16]
        assert content.message_id(b"a" * 16, b"p" * 16, said, written) == made


def test_keys_of_rooms_are_stretched_as_described():
    salt = SERVER_KEY + b"strasse"
    generated = base64.b32encode(bytes(range(16))).decode().rstrip("=")
    for typed, key in [
        (f"{generated[:4].lower()}-{generated[4:9]} {generated[9:]}", bytes(range(16))),
        ("one  two\tgro\u0308\u00dfe", "one two gr\u00f6\u00dfe".encode()),
    ]:
        made = gates.stretch(typed, SERVER_KEY, "Stra\u00dfe", 16)
        assert made == hashlib.scrypt(key, salt=salt, n=16, r=8, p=1, dklen=64)
        assert gates.psk(made) == made[:32]
        gate = SigningKey(made[32:]).public
        assert gates.gate(made).public == gate
        assert psk_name(gate).psk_id == b"geventim room" + gate


def test_a_claim_is_that_of_its_description():
    said = b"geventim challenge" + b"c" * 16 + b"i" * 16 + b"a" * 16 + b"n" * 16
    assert gate_claim(b"c" * 16, b"i" * 16, b"a" * 16, b"n" * 16) == said


def test_secrets_are_sealed_as_described():
    salt, iv = b"s" * 16, b"i" * 16
    keys = hashlib.scrypt("gr\u00f6\u00dfe".encode(), salt=salt, n=16, r=8, p=1, dklen=64)
    sealed = AES.new(keys[32:], AES.MODE_CBC, iv).encrypt(pad(b"text", 16))
    bound = b"geventim secret" + struct.pack(">d", 1.5) + b"alice\0bob"
    tag = hmac.digest(keys[:32], bound + iv + sealed + struct.pack(">Q", 8 * len(bound)), "sha256")
    made = secrets.stretch("gro\u0308\u00dfe", salt, 16)
    parties = secrets.between("alice", "bob", 1.5)
    assert secrets.seal(made, salt, iv, "text", parties) == salt + iv + sealed + tag


def parts(commit, payload):
    """The message, the Welcome and the GroupInfo of a commit."""
    end = commit.message + commit.welcome
    return payload[: commit.message], payload[commit.message : end], payload[end:]


def commits(person):
    return [
        (request, *parts(request, payload))
        for request, payload in person.asked
        if isinstance(request, requests.Commit)
    ]


def extensions_of(group_info):
    info = decode_message(group_info)
    assert isinstance(info, UnverifiedGroupInfo)
    return (
        {extension.extension_type for extension in info.extensions},
        {extension.extension_type for extension in info.group_context.extensions},
    )


def test_a_room_is_founded_and_joined_as_described(world, alice, bob):
    request, message, welcome, group_info = commits(alice)[0]
    assert (message, welcome) == (b"", b"")
    assert request.added == (alice.agent.context.user.account,)
    entrance = Entrance.read(group_info, POLICY)
    assert entrance.public.context.epoch == 0
    assert len(list(entrance.public.tree.members())) == 1
    request, message, welcome, group_info = commits(bob)[0]
    assert message.startswith(PUBLIC_MESSAGE)
    assert welcome == b""
    assert request.added == (bob.agent.context.user.account,)
    assert extensions_of(group_info) == ({2, 4}, {CHARTER})


def test_two_people_and_a_group_are_founded_as_described(world, alice, bob):
    for line, kind in [("@bob hi", Kind.DM), ("@group set team bob", Kind.GROUP)]:
        alice.say(line)
        world.advance()
        request, message, welcome, group_info = commits(alice)[-1]
        assert message.startswith(PUBLIC_MESSAGE)
        assert welcome != b""
        assert request.added == (bob.agent.context.user.account,)
        entrance = Entrance.read(group_info, POLICY)
        assert entrance.public.context.epoch == 1
        assert Charter.read(entrance.public.context.extensions).kind is kind
    alice.say("@group set alone alice")
    world.advance()
    request, message, welcome, _ = commits(alice)[-1]
    assert (request.added, message, welcome) == ((), b"", b"")


def test_messages_are_private_and_padded(world, alice):
    alice.say("a")
    alice.say("b" * 50)
    alice.say("c" * 300)
    world.advance()
    sealed = [payload for _, payload in alice.asked if payload.startswith(PRIVATE_MESSAGE)]
    assert len(sealed) == 3
    assert len(sealed[0]) == len(sealed[1])
    assert len(sealed[2]) - len(sealed[1]) == 1024 - 256


def test_joining_anew_is_an_external_commit_that_declares_nothing(world, alice, bob):
    alice.say("a first word")
    world.advance(20)
    shut_out(alice, alice.room())
    bob.forge = lambda request, payload: (
        [] if isinstance(request, requests.Help) else [(request, payload)]
    )
    world.advance()
    request, message, _, _ = commits(alice)[-1]
    assert message.startswith(PUBLIC_MESSAGE)
    assert (request.added, request.removed) == ((), ())
