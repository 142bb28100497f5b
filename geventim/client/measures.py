"""How much, how often and how long: what a client does by numbers that somebody may want other."""

from dataclasses import dataclass
from typing import Final

from geventim.client.kept import readers
from geventim.client.sealing import gates, key_packages, secret


@dataclass(frozen=True, slots=True)
class Measures:
    """The numbers of one client; all but the two costs may differ from those of others.

    :ivar stock: Key packages that the server has after an upload.
    :ivar room_key_cost: The parameter N of scrypt that stretches the keys of rooms.
    :ivar secret_cost: That for the keys of secrets.
    :ivar renewal_count: Messages of ours after which our keys are renewed.
    :ivar sealed: Messages of ours in one epoch, whatever they say, after which nothing is sealed
        before they are renewed. Others go 256 generations ahead for one message, and so always as
        far as we may be.
    :ivar heavy: Members of a group from which on its keys are computed elsewhere. That is about
        commits of our own: 10 ms with 500 members, and more where each leaf is verified. What
        others have committed costs 4 ms there, vault and all (``bench/e2e.py``), and is taken at
        once.
    :ivar givers: How many members give their state to who needs it, on average.
    :ivar out_of_step: Seconds without help after which the first of those who are out of step get
        in anew.
    :ivar lies: Answers to one ask for help that are tried.
    :ivar epochs: Epochs with which we help others.
    :ivar helps: Answers to them that are kept, to be sent again.
    :ivar introductions: Strangers about whom the server is asked when we come into a conversation.
    :ivar doubtful: Messages that are written again if it turns out that nobody else was where they
        were written.
    :ivar doubtful_size: Bytes that these have together at most; each time that one is added all are
        kept anew.
    :ivar readers: People in a group up to which they tell each other how far they have read.
    :ivar pictures: Bytes of small pictures that are fetched in one conversation and on one day.
    """

    stock: int = key_packages.STOCK
    room_key_cost: int = gates.COST
    secret_cost: int = secret.COST
    renewal_count: int = 100
    sealed: int = 128
    heavy: int = 50
    givers: int = 8
    out_of_step: float = 1.0
    lies: int = 256
    epochs: int = 64
    helps: int = 512
    introductions: int = 32
    doubtful: int = 64
    doubtful_size: int = 256 * 1024
    readers: int = readers.MOST
    pictures: int = 50 * 10**6


USUAL: Final = Measures()
"""Those of everybody."""
