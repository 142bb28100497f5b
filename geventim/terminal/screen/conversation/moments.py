"""When something was, where the user is; a date that nobody could have meant is the first one."""

from datetime import datetime


def moment(seconds: float) -> datetime:
    """The local time so many seconds after the epoch."""
    try:
        return datetime.fromtimestamp(seconds).astimezone()
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0).astimezone()
