"""The error that a person can mend."""

from __future__ import annotations


class SetupError(Exception):
    """Something about the machine or the settings is not as needed.

    The message is one line that says what is wrong and how to mend it; whoever shows it to a
    person shows it without a traceback.
    """


class OurFaultError(SetupError):
    """Something of ours failed while a file was taken in: the disk is full, the archive is away, no memory.

    It says nothing about the file, which waits and is tried again.
    """
