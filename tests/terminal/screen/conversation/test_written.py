from msgspec.structs import replace

from geventim.client.answers import Written
from geventim.client.said.aside import Attachment, Count, Quote
from geventim.client.sealing.content import ContentKind
from geventim.terminal.screen.conversation.items import Delivery, File, Quoted, Said
from geventim.terminal.screen.conversation.written import counted, item_of


def written(kind=ContentKind.ROOM, *, own=False):
    return Written("lab", kind, "bo", "text", 1.0, 4, True, "01", "02", 7, own)


def test_what_was_written_is_an_item():
    assert item_of(written()) == Said("02", "bo", "text", 1.0, 7, "02", verified=True)


def test_what_the_user_wrote_was_sent():
    assert item_of(written(own=True)).delivery is Delivery.SENT
    assert item_of(written(own=True)).mine


def test_a_secret_is_marked():
    assert item_of(written(ContentKind.SECRET)).kind == "secret"


def test_what_came_along_stands_beside_it():
    said = Written(
        "lab", ContentKind.ROOM, "bo", "", 1.0, 4, True, "01", "02", 7, edited=True, deleted="bo",
        reply=Quote("03", "cy", "first"), reactions=(Count("👍", ("cy", "dan")),),
        files=(Attachment("a.png", "image/png", 10),),
    )  # fmt: skip
    item = item_of(said)
    assert (item.edited, item.deleted_by, item.quoted) == (True, "bo", Quoted("cy", "first", "03"))
    assert item.reactions == counted(said) == (("👍", 2),)
    assert item.files == (File("a.png", 10),)
    assert "first" not in repr(item.quoted)
    item = item_of(replace(said, reply=Quote("03", "cy", "first", "eve")))
    assert item.quoted == Quoted("cy", "first", "03", by="eve")
