"""Private keys as files outside the database, readable by their owner alone (the `KeyChest` of usecases.keys)."""

import contextlib
import os
import re
import secrets
import stat
from pathlib import Path

from askfirst.core.errors import ConfigurationFault
from askfirst.storage.folders import sync_folder
from askfirst_sdk.keys import KeyFormatError, VerifierKey
from askfirst_sdk.signing import SigningKey

_OWN_FILE = "service.secret"
_SECRET_BYTES = 32
# What `keep` writes. Whatever else somebody put beside it is none of the service's keys.
_KEY_FILE = re.compile(r"[0-9a-f]{8}\.key")


class KeyFiles:
    """A folder of key files: `<key id>.key` holds one signer key string, `service.secret` the service's own secret."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, making it if need be. Raises ConfigurationFault where others may read it."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _require_private(folder, "chmod 700")

    def keep(self, key: SigningKey) -> None:
        """Store a private key durably. Refuses to overwrite one."""
        self._write(f"{key.verifier.key_id.hex()}.key", key.text + "\n")

    def take_away(self, verifier: VerifierKey) -> None:
        """Remove the private key that belongs to a public one, if it is here."""
        if self.find(verifier) is not None:
            (self._folder / f"{verifier.key_id.hex()}.key").unlink()
            sync_folder(self._folder)

    def find(self, verifier: VerifierKey) -> SigningKey | None:
        """Return the private key that belongs to a public one, or None."""
        key = self.of_id(verifier.key_id)
        return key if key and key.verifier == verifier else None

    def of_id(self, key_id: bytes) -> SigningKey | None:
        """Return the private key with this 4-byte id, or None."""
        return _read_key(self._folder / f"{key_id.hex()}.key")

    def names(self) -> frozenset[str]:
        """Return the names of all private keys, also of those that a restored database knows nothing of.

        A file that can not be read is passed over: nothing is signed with it here, and whoever needs it is told.
        """
        names = set()
        for path in self._folder.iterdir():
            if _KEY_FILE.fullmatch(path.name):
                with contextlib.suppress(OSError, KeyFormatError):
                    names.add(SigningKey.parse(_text(path)).verifier.name)
        return frozenset(names)

    def has_secret(self) -> bool:
        """Say whether the service's own secret is here."""
        return (self._folder / _OWN_FILE).exists()

    def secret(self) -> bytes:
        """Return the service's own 32-byte secret, made on first use. All nodes of one database share it."""
        path = self._folder / _OWN_FILE
        text = _read(path)
        if text is None:
            # Another process may make it in this very moment: theirs is the one then.
            with contextlib.suppress(FileExistsError):
                self._write(path.name, secrets.token_hex(_SECRET_BYTES) + "\n")
            text = _read(path)
        try:
            secret = bytes.fromhex(text or "")
        except ValueError:
            secret = b""
        if len(secret) != _SECRET_BYTES:
            raise ConfigurationFault([(str(path), "must hold 64 hexadecimal characters; restore it from a backup")])
        return secret

    def _write(self, name: str, text: str) -> None:
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._folder)


def _read_key(path: Path) -> SigningKey | None:
    text = _read(path)
    if text is None:
        return None
    try:
        return SigningKey.parse(text)
    except KeyFormatError as error:
        raise ConfigurationFault([(str(path), f"is no key file: {error}")]) from None


def _read(path: Path) -> str | None:
    try:
        _require_private(path, "chmod 600")
        return _text(path)
    except FileNotFoundError:
        return None


def _text(path: Path) -> str:
    # What is no text is no key either: the reader of the text says so.
    return path.read_text(encoding="ascii", errors="replace").strip()


def _require_private(path: Path, remedy: str) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ConfigurationFault([(str(path), f"can be read by others; run: {remedy} {path}")])
