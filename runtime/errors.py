"""The error that a person can mend."""

from __future__ import annotations


class SetupError(Exception):
    """Something about the machine or the settings is not as needed.

    The message is one line that says what is wrong and how to mend it; whoever shows it to a
    person shows it without a traceback.
    """
