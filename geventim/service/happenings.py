"""What an operator may want to know of a client."""

import enum


class Happening(enum.StrEnum):
    """Something that a client has done, or that was done about it, in the words of a log."""

    LOGIN = "a login"
    REGISTRATION = "a registration"
    REFUSAL = "a refusal"
    DELETION = "an operator has deleted a conversation"
