"""Bounds that must hold with regard to each other."""

import msgspec

from geventim.channel.records import MAX_RECORD
from geventim.chat import limits
from geventim.chat.codec import encode
from geventim.chat.replies import (
    ConversationInfo,
    ConversationList,
    EntryEvent,
    LoggedIn,
    Person,
    Turn,
)
from geventim.chat.requests import Append, Commit, CreateGroup, Register, UploadKeyPackages
from geventim.chat.values import EntryKind, Kind, Status

ID = b"\xff" * 16
LONGEST_NAME = "\U00010400" * limits.NAME_LENGTH
ROOM_FOR_SEALING = 1024


def largest_event(kind: EntryKind, people: tuple[Person, ...], payload: int) -> EntryEvent:
    return EntryEvent(
        conversation=ID,
        seq=2**53 - 1,
        time=1.7e9 + 0.1,
        author=LONGEST_NAME,
        account=ID,
        message_id=ID,
        kind=kind,
        head=2**53 - 1,
        added=people,
        welcome=payload,
        previous=bytes(32),
        payload=payload,
    )


def test_largest_message_fits_into_a_record() -> None:
    payload = bytes(limits.PAYLOAD_SIZE)
    request = Append(id=2**53 - 1, conversation=ID, message_id=ID, payload=len(payload))
    event = largest_event(EntryKind.MESSAGE, (), len(payload))
    for message in (request, event):
        assert len(encode(message, payload)) + ROOM_FOR_SEALING < MAX_RECORD


def test_largest_commit_fits_into_a_record() -> None:
    payload = bytes(limits.COMMIT_SIZE)
    request = Commit(
        id=2**53 - 1,
        conversation=ID,
        message_id=ID,
        head=2**53 - 1,
        payload=len(payload),
        message=len(payload) - 1,
        added=(ID,) * limits.MEMBERS,
        gate=bytes(32),
    )
    person = Person(LONGEST_NAME, ID, bytes(32))
    event = largest_event(EntryKind.COMMIT, (person,) * limits.MEMBERS, len(payload))
    turn = Turn(id=2**53 - 1, head=2**53 - 1, payload=len(payload))
    assert len(msgspec.json.encode(request)) <= limits.HEADER_SIZE
    assert len(msgspec.json.encode(event)) <= limits.REPLY_HEADER_SIZE
    for message in (request, event, turn):
        assert len(encode(message, payload)) + ROOM_FOR_SEALING < MAX_RECORD


def test_key_packages_of_one_upload_fit_into_a_record() -> None:
    payload = bytes(limits.KEY_PACKAGES * limits.KEY_PACKAGE_SIZE)
    sizes = (limits.KEY_PACKAGE_SIZE,) * limits.KEY_PACKAGES
    request = UploadKeyPackages(id=1, sizes=sizes, payload=len(payload))
    assert len(encode(request, payload)) + ROOM_FOR_SEALING < MAX_RECORD


def test_largest_group_can_be_asked_for() -> None:
    members = (LONGEST_NAME,) * limits.GROUP_MEMBERS
    request = CreateGroup(id=1, message_id=ID, name=LONGEST_NAME, members=members)
    assert len(msgspec.json.encode(request)) <= limits.HEADER_SIZE


def test_largest_reply_fits_into_a_record() -> None:
    assert limits.REPLY_HEADER_SIZE + ROOM_FOR_SEALING < MAX_RECORD


def test_registration_fits_into_what_is_held_before_login() -> None:
    request = Register(
        id=1, nick=LONGEST_NAME, identity=bytes(32), signature=bytes(64), code="x" * 26
    )
    assert len(encode(request)) < 1024


def test_page_holds_the_largest_entry_and_an_outbox_a_page() -> None:
    assert limits.PAYLOAD_SIZE <= limits.PAGE_SIZE
    page = limits.PAGE_SIZE + limits.PAGE_ENTRIES * ROOM_FOR_SEALING
    assert page <= limits.OUTBOX_SIZE
    assert limits.COMMIT_SIZE <= limits.OUTBOX_SIZE


def test_a_page_of_the_largest_conversations_fits_what_a_server_says() -> None:
    """Whoever is in thousands of them can still log in."""
    most = 2**53 - 1
    info = ConversationInfo(
        ID,
        Kind.GROUP,
        LONGEST_NAME,
        ID,
        member=True,
        since=most,
        head=most,
        members=most,
        peer=Person(LONGEST_NAME, ID, bytes(32)),
        keyed=True,
        gate=bytes(32),
        founder=ID,
    )
    page = (info,) * limits.LISTED
    login = LoggedIn(
        id=most,
        nick=LONGEST_NAME,
        status=Status.NORMAL,
        signature_key=bytes(32),
        conversations=page,
        more=True,
        changes=most,
        life_signs=True,
    )
    for reply in (login, ConversationList(id=most, conversations=page, more=True)):
        assert len(encode(reply)) < limits.REPLY_HEADER_SIZE
        assert len(encode(reply)) + ROOM_FOR_SEALING < MAX_RECORD
