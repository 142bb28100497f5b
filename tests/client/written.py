"""What the history has, read on the spot."""

from geventim.client.history.history import History
from geventim.client.history.reading import Query, Reading, Told, fold_text


def run(reading: Reading) -> list[Told]:
    """All that is found, as it is found."""
    told = []
    while not reading.over:
        told += reading.step()
    return told


def last(history: History, count: int, name: str | None = None) -> list[Told]:
    """The last utterances, of conversations called ``name`` or of all; in order."""
    query = Query(places=None if name is None else history.places(name))
    return run(history.read_backwards(query, count))[::-1]


def search(history: History, text: str, count: int, **fields: object) -> list[Told]:
    """The last utterances that have all words of ``text``, newest first."""
    query = Query(words=tuple(fold_text(text).split()), **fields)
    return run(history.read_backwards(query, count))


def texts(told: list[Told]) -> list[str]:
    """Their texts."""
    return [each.utterance.text for each in told]
