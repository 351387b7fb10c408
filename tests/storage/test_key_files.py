"""Private keys lie in files that only their owner reads, and a half-made one is named, never used."""

import stat
from pathlib import Path

import pytest

from askfirst.core.errors import ConfigurationFault
from askfirst.storage.anchor_files import AnchorFiles
from askfirst.storage.key_files import KeyFiles
from askfirst_sdk.signing import SigningKey

KEY = SigningKey.from_seed("example.test/log", b"\x01" * 32)
OTHER = SigningKey.from_seed("example.test/log", b"\x02" * 32)


def file_of(folder: Path, key: SigningKey) -> Path:
    return folder / f"{key.verifier.key_id.hex()}.key"


def test_a_key_comes_back_by_its_public_half(tmp_path: Path) -> None:
    """What was kept is found; what was not is not."""
    keys = KeyFiles(tmp_path / "keys")
    keys.keep(KEY)

    found = keys.find(KEY.verifier)
    assert found is not None
    assert KEY.text == found.text
    assert keys.find(OTHER.verifier) is None


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    """Folder 700, files 600, from the moment that they exist."""
    keys = KeyFiles(tmp_path / "keys")
    keys.keep(KEY)
    keys.secret()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}

    assert 0o700 == stat.S_IMODE((tmp_path / "keys").stat().st_mode)
    assert {file_of(tmp_path, KEY).name: 0o600, "service.secret": 0o600} == modes


def test_a_key_comes_back_by_its_id_and_all_are_counted(tmp_path: Path) -> None:
    """After a restore nothing else is left of a key that the database has lost."""
    keys = KeyFiles(tmp_path / "keys")
    assert frozenset() == keys.names()
    keys.keep(KEY)
    keys.secret()
    found = keys.of_id(KEY.verifier.key_id)

    assert found is not None
    assert KEY.text == found.text
    assert keys.of_id(OTHER.verifier.key_id) is None
    assert {"example.test/log"} == keys.names()


def test_names_are_told_whatever_else_lies_in_the_folder(tmp_path: Path) -> None:
    """Somebody's own file, a damaged key and a folder have no name; a key that others can read has one all the same."""
    keys = KeyFiles(tmp_path / "keys")
    keys.keep(KEY)
    file_of(tmp_path / "keys", KEY).chmod(0o644)
    for name, content in (("tls.key", b"-----BEGIN"), ("0badbad0.key", b"\xff\x00"), ("old-0badbad1.key", b"")):
        (tmp_path / "keys" / name).write_bytes(content)
    (tmp_path / "keys" / "0badbad2.key").mkdir()

    assert {"example.test/log"} == keys.names()


def test_only_this_very_key_is_taken_away(tmp_path: Path) -> None:
    """Not what another key's file holds, and nothing happens where there is none."""
    keys = KeyFiles(tmp_path / "keys")
    keys.keep(KEY)
    keys.take_away(OTHER.verifier)
    assert keys.find(KEY.verifier) is not None
    keys.take_away(KEY.verifier)

    assert keys.find(KEY.verifier) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """The sentence names the file and the command that closes it."""
    keys = KeyFiles(tmp_path / "keys")
    keys.keep(KEY)
    path = file_of(tmp_path / "keys", KEY)
    path.chmod(mode)

    with pytest.raises(ConfigurationFault, match=f"can be read by others; run: chmod 600 {path}"):
        keys.find(KEY.verifier)


def test_a_folder_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Also before any key is in it."""
    (tmp_path / "keys").mkdir(mode=0o755)
    with pytest.raises(ConfigurationFault, match=f"run: chmod 700 {tmp_path / 'keys'}"):
        KeyFiles(tmp_path / "keys")


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """Keeping the same key again is an error: a private key is never lost to a mistake."""
    keys = KeyFiles(tmp_path / "keys")
    keys.keep(KEY)
    with pytest.raises(FileExistsError):
        keys.keep(KEY)


@pytest.mark.parametrize(
    "content", ["", "PRIVATE+KEY+", KEY.text[:-4], KEY.verifier.text, "\x00\xff", KEY.text + "\n" + OTHER.text]
)
def test_a_half_made_key_file_is_named(tmp_path: Path, content: str) -> None:
    """A file that a crash, an editor or a mix-up left is refused, and no message repeats what it holds."""
    keys = KeyFiles(tmp_path / "keys")
    keys.keep(KEY)
    path = file_of(tmp_path / "keys", KEY)
    path.write_text(content)

    with pytest.raises(ConfigurationFault, match=f"{path} is no key file") as refused:
        keys.find(KEY.verifier)
    assert "PRIVATE+KEY+example" not in str(refused.value)


def test_a_key_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """Bytes that are no text at all are refused in the same words."""
    keys = KeyFiles(tmp_path / "keys")
    keys.keep(KEY)
    path = file_of(tmp_path / "keys", KEY)
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigurationFault, match=f"{path} is no key file"):
        keys.find(KEY.verifier)


def test_another_keys_file_under_this_name_is_not_this_key(tmp_path: Path) -> None:
    """A key is believed for what it is, never for what its file is called."""
    keys = KeyFiles(tmp_path / "keys")
    keys.keep(KEY)
    file_of(tmp_path / "keys", KEY).write_text(OTHER.text)

    assert keys.find(KEY.verifier) is None


def test_the_services_secret_is_made_once(tmp_path: Path) -> None:
    """32 bytes, the same for everybody who opens the folder."""
    first = KeyFiles(tmp_path / "keys").secret()

    assert 32 == len(first)
    assert first == KeyFiles(tmp_path / "keys").secret()


@pytest.mark.parametrize("content", ["", "00" * 31, "zz" * 32, "00" * 33])
def test_a_broken_secret_is_named_and_not_replaced(tmp_path: Path, content: str) -> None:
    """A new secret would make every replay a conflict: the operator is told to restore the old one."""
    keys = KeyFiles(tmp_path / "keys")
    keys.secret()
    path = tmp_path / "keys" / "service.secret"
    path.write_text(content)

    with pytest.raises(ConfigurationFault, match="must hold 64 hexadecimal characters; restore it from a backup"):
        keys.secret()
    assert content == path.read_text()


def test_an_anchor_is_replaced_in_one_step(tmp_path: Path) -> None:
    """The last note stands alone; a half-written next one is not read."""
    anchors = AnchorFiles(tmp_path / "anchors")
    before = anchors.read(1)
    anchors.write(1, "one\n")
    anchors.write(1, "two — ü\n")
    anchors.write(2, "other\n")
    (tmp_path / "anchors" / "log-1.new").write_text("thr")

    assert (None, "two — ü\n", "other\n") == (before, anchors.read(1), AnchorFiles(tmp_path / "anchors").read(2))
