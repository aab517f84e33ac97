"""Pseudonyms: persons, identity numbers and accounts replaced by keyed hashes before anything is written.

HMAC-SHA-256 (RFC 2104) under a key that is never stored beside the data; `docs/pseudonyms.md` tells where
it comes from, what a pseudonym does and does not protect, and how the key is changed.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import shlex
import subprocess
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from runtime.errors import SetupError
from runtime.process_environment import set_variable
from runtime.secret_files import kept_secret
from runtime.settings import Settings, load_settings

logger = logging.getLogger(__name__)

KEY_VARIABLE = "ANSINH_PSEUDONYM_KEY"
MIN_KEY_BYTES = 32
_KEY_FILE = "pseudonyms/key"
_COMMAND_SECONDS = 30

_BLOCK_BYTES = 64
_INNER_PAD, _OUTER_PAD = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))

Kind = Literal["person", "identity", "account"]


class Pseudonyms:
    """Makes pseudonyms under one key.

    Attributes:
        key_id: names the key without telling anything about it; stored with every line, so that lines
            made under different keys are never compared.
    """

    def __init__(self, key: bytes) -> None:
        """Raises ValueError for a key of fewer than 32 bytes."""
        if len(key) < MIN_KEY_BYTES:
            raise ValueError(f"the key of the pseudonyms has {len(key)} bytes; it needs {MIN_KEY_BYTES} or more")
        self._key = key
        self.key_id = hmac.digest(key, b"key_id", "sha256")[:4].hex()

    def digests(self, kind: Kind, texts: Iterable[str]) -> list[bytes]:
        """The pseudonym (32 bytes) of each text, empty for an empty one.

        The kind goes into the hash: equal digits of an account and an identity number have nothing in common.
        """
        # RFC 2104 with both its hashes begun once and copied for every text: half the time of `hmac.digest`,
        # which begins anew each time.
        key = self._key if len(self._key) <= _BLOCK_BYTES else hashlib.sha256(self._key).digest()
        key = key.ljust(_BLOCK_BYTES, b"\0")
        inner_of = hashlib.sha256(key.translate(_INNER_PAD) + f"{kind}\0".encode()).copy
        outer_of = hashlib.sha256(key.translate(_OUTER_PAD)).copy
        found = []
        for text in texts:
            if text:
                inner, outer = inner_of(), outer_of()
                inner.update(text.encode())
                outer.update(inner.digest())
                found.append(outer.digest())
            else:
                found.append(b"")
        return found


@lru_cache(maxsize=1)
def load_pseudonyms() -> Pseudonyms:
    """The pseudonyms of this installation, their key read once per process.

    The key is the setting `ANSINH_PSEUDONYM_KEY`, else it is in the file that
    `ANSINH_PSEUDONYM_KEY_FILE` names, else what the command `ANSINH_PSEUDONYM_KEY_CMD` prints (a
    secrets backend's own client). For a first run there is a key of this machine's user, made at its first
    use in the user's own configuration folder: never below `ANSINH_HOME`, where the data is.

    Raises:
        SetupError: the key is too short, or its file or command does not give it.
    """
    try:
        return Pseudonyms(_find_key().encode())
    except ValueError as error:
        raise SetupError(f"{error}; make one with: python -c 'import secrets; print(secrets.token_hex(32))'") from None


def _find_key() -> str:
    settings = load_settings()
    if settings.pseudonym_key is not None:
        return settings.pseudonym_key.get_secret_value().strip()
    if settings.pseudonym_key_file is not None:
        try:
            return settings.pseudonym_key_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            file = settings.pseudonym_key_file
            raise SetupError(f"{KEY_VARIABLE}_FILE={file} cannot be read: {error.strerror}") from None
    if settings.pseudonym_key_cmd is not None:
        return _key_from_command(settings.pseudonym_key_cmd.get_secret_value())
    return _key_of_user(settings)


def _key_of_user(settings: Settings) -> str:
    try:
        folder = settings.user_secrets
        if folder.is_relative_to(settings.home):
            # The user's own folder is the data's, as in a container.
            raise SetupError(f"no key for the pseudonyms beside the data in {settings.home}: set {KEY_VARIABLE}")
        is_new = not (folder / _KEY_FILE).exists()
        key = kept_secret(folder, _KEY_FILE, lambda: secrets.token_hex(32))
    except (OSError, RuntimeError) as error:
        raise SetupError(f"there is no key for the pseudonyms: set {KEY_VARIABLE} ({type(error).__name__})") from None
    if is_new:
        logger.warning("A key for the pseudonyms was made in %s; real use sets %s", folder, KEY_VARIABLE)
    return key


def use_passing_key() -> None:
    """Where no key is set, takes one that ends with the process: for whoever reads a list and stores nothing."""
    if not load_settings().has_pseudonym_key:
        set_variable(KEY_VARIABLE, secrets.token_hex(32))


def _key_from_command(command: str) -> str:
    try:
        done = subprocess.run(
            shlex.split(command), capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        # Neither the command's output nor its arguments: both may hold secrets.
        raise SetupError(f"the command of {KEY_VARIABLE}_CMD gave no key ({type(error).__name__})") from None
    return done.stdout.strip()
