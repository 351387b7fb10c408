"""Secrets that settings name by their file, so that no environment and no URL holds them."""

from pathlib import Path

from askfirst.core.errors import ConfigurationFault


def read_secret(file: Path, setting: str) -> str:
    """Return what a file holds, without the white space around it.

    Raises ConfigurationFault under the name of the `setting` where the file can not be read, is no text, or is empty:
    whoever is asked with nothing in the place of a secret says something else about what is wrong.
    """
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationFault([(setting, f"can not be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise ConfigurationFault([(setting, f"names {file}, which is not a text in UTF-8")]) from None
    if not secret:
        raise ConfigurationFault([(setting, f"names {file}, which is empty")])
    return secret
