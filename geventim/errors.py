"""The error tree.

::

    GeventIMError
    ├── MisuseError               our own caller broke a rule of the interface
    ├── PeerError                 the other side sent something it must not send
    │   ├── AuthenticationError   a tag, signature or key did not verify
    │   ├── PreambleError         the two sides do not speak the same protocol (channel.preamble)
    │   ├── ForeignError          it is most likely another protocol (channel.handshake)
    │   ├── OtherProtocolError    it is, and which one it is in words (net.dial)
    │   ├── TruncationError       the stream ended in the middle (channel.connection)
    │   ├── InvalidCommitError    a commit is wrong for everybody (mls.epochs.following)
    │   ├── OwnMessageError       what we wrote ourselves came back (mls.groups.received)
    │   ├── _BrokenRuleError      a commit does not count, by our rules (client.sealing.counting)
    │   ├── BadStateError         a state is no good to get in by (client.following.admission)
    │   └── ContradictionError    the server contradicts itself (client.causes)
    ├── NetworkError              the other side cannot be reached any more
    ├── ReplacedError             this program has failed, and goes on (app.desk)
    ├── StoreError                the disk or the database failed
    ├── WebError                  a page's request comes to nothing (web.exchange)
    └── UserError                 a sentence for a person, and what to do about it
        ├── DeniedError           a code and facts; whoever shows it makes the sentence
        │   └── BadWishError      a line that should have been a wish (client.wishes)
        ├── RefusedError          the server said no (client.steps.effects)
        ├── MisusedError          a command was typed in another way (lines.commands.command)
        ├── NotSaidError          what the server would have refused (lines.dialogue)
        └── WishRefusedError      what a line wished for was refused (lines.dialogue)

A function that takes bytes from outside raises :class:`PeerError` and nothing else. An
authentication failure says no more than that it failed: which check refused is nobody's business.
"""


class GeventIMError(Exception):
    """Root of every error this package raises on purpose."""


class MisuseError(GeventIMError):
    """The caller broke a rule of an interface; a bug on our side."""


class PeerError(GeventIMError):
    """The other side sent something it must not send."""


class AuthenticationError(PeerError):
    """A tag, a signature or a key did not verify."""

    def __init__(self) -> None:
        super().__init__("authentication failed")


class NetworkError(GeventIMError):
    """The other side cannot be reached, or not any more."""


class StoreError(GeventIMError):
    """The disk or the database failed; nothing was changed."""


class UserError(GeventIMError):
    """Something a person can put right.

    ``text`` is one sentence that says what is wrong, ``advice`` one that says what to do, ``code``
    a stable word for programs.
    """

    def __init__(self, code: str, text: str, advice: str = "") -> None:
        super().__init__(code, text, advice)
        self.code = code
        self.text = text
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.text} {self.advice}".rstrip()


class DeniedError(UserError):
    """The same, where no sentence is made: ``facts`` belong to the ``code``.

    One code can have several cases, each with a sentence of its own.
    """

    def __init__(self, code: str, case: str = "", **facts: object) -> None:
        super().__init__(code, "")
        self.case = case
        self.facts = facts

    def __str__(self) -> str:
        return self.code
