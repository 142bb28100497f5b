"""Operations on files: sending them with a message, fetching them, giving that up."""

from collections.abc import Sequence
from pathlib import PurePath

from geventim.channel.file import SECRET_SIZE
from geventim.client import answers
from geventim.client.conversation.conversation import Conversation
from geventim.client.conversation.posting import KINDS, post
from geventim.client.files.names import safe_name
from geventim.client.files.records import Fetching, Order, Sending
from geventim.client.files.transfers import Errand
from geventim.client.kept.parcels import Parcel
from geventim.client.operations.context import Context
from geventim.client.operations.saying import remarks
from geventim.client.operations.saying.talk import await_fate
from geventim.client.sealing import content
from geventim.client.sealing.content import Content, Format, Reply
from geventim.client.steps.effects import Steps, wait
from geventim.client.wishes import Id
from geventim.errors import DeniedError, UserError


def send(
    context: Context,
    place: Conversation,
    text: str,
    date: float,
    paths: Sequence[str],
    *,
    reply: Reply | None,
    form: Format,
    asker: int,
    wish: Id,
) -> Steps[Parcel]:
    """Send the files at ``paths``, then the message that they belong to.

    Raises :class:`UserError` if one of them cannot be sent; then none is.
    """
    user = context.user
    files = tuple(_file(context, path) for path in paths)
    order = Order(user.new_id(), place.id, text, date, files, reply, form, asker, wish)
    return (yield from follow(user.transfers.send(order)))


def follow(errand: Errand) -> Steps[Parcel]:
    """Wait until a message with files is on the server. Raises :class:`UserError`."""
    yield from wait(lambda: errand.over)
    if errand.error is not None:
        raise errand.error
    if errand.parcel is None:
        raise DeniedError("too_late")
    return (yield from await_fate(errand.parcel))


def fetch(
    context: Context, message: str, index: int, wanted: str, asker: int, wish: Id
) -> Steps[answers.Fetched]:
    """Receive a file that came with a message. Raises :class:`UserError`."""
    user = context.user
    if wanted and not PurePath(wanted).is_absolute():
        raise DeniedError("bad_path", path=wanted, why="it is not absolute")
    place, told = yield from remarks.find(context, message)
    files = told.utterance.beside.files
    if index >= len(files):
        raise DeniedError("no_file", number=index)
    fetching = Fetching(
        user.new_id(), 0, place.id, told.message_id, index, files[index], wanted, asker, wish
    )
    return (yield from follow_fetching(user.transfers.fetch(fetching)))


def follow_fetching(errand: Errand) -> Steps[answers.Fetched]:
    """Wait until a file is there. Raises :class:`UserError`."""
    yield from wait(lambda: errand.over)
    if errand.error is not None:
        raise errand.error
    return answers.Fetched(errand.path)


def post_sent(context: Context) -> None:
    """Let messages go whose files are on the server."""
    transfers = context.user.transfers
    for errand, order, files in transfers.take_sent():
        place = context.conversations.get(order.place)
        try:
            if place is None:
                raise DeniedError("no_conversation", name=order.place.hex())
            kind = KINDS[place.record.kind]
            parcel = post(
                place,
                Content(
                    context.user.nick,
                    order.text,
                    order.date,
                    kind,
                    reply=order.reply,
                    files=files,
                    format=order.format,
                ),
            )
        except UserError as error:
            transfers.not_posted(errand, error)
        else:
            lifetime = content.parse(parcel.content).lifetime
            transfers.posted(errand, parcel, files, lifetime)
            context.conversations.stir(order.place)


def _file(context: Context, path: str) -> Sending:
    if not PurePath(path).is_absolute():
        raise DeniedError("bad_path", path=path, why="it is not absolute")
    user = context.user
    name = safe_name(PurePath(path).name)
    return Sending(0, path, name, user.random(SECRET_SIZE), user.new_id())
