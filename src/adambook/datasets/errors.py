"""What can go wrong with data: it is bad, it cannot be had, or something else stands in for it."""


class DataError(ValueError):
    """A file of a data set is missing, altered or unreadable; the message says what to do."""


class Unreachable(DataError):
    """A data set is not there and could not be fetched."""


class StandInWarning(UserWarning):
    """A stand-in was made because the real data could not be had."""
