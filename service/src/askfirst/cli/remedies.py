"""What the command line says of what went wrong, and above all of databases and files that can not be used."""

import errno

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from askfirst.core.errors import AskfirstError

# By what drivers say, in lower case.
_OF_DATABASES = (
    (("disk is full", "no space left"), " Make room on its disk and try again."),
    (("readonly", "read-only"), " Let this user write to its folder, or name the primary, and try again."),
    (
        ("unable to open database file",),
        " Let this user write to its folder, on a file system that is not mounted read-only, and try again.",
    ),
    (("is locked",), " Another process writes to it for long; try again when that has ended."),
    (
        (
            "connection is bad",
            "connection failed",
            "connection refused",
            "connection timeout",
            "could not translate",
            "failed to resolve",
        ),
        " See whether it runs and whether ASKFIRST_DATABASE_URL names it, and try again.",
    ),
)
_OF_FILES = {
    errno.EEXIST: " Something else is there already: name another place and try again.",
    errno.EISDIR: " A folder stands where a file goes: name another place and try again.",
    errno.ENOENT: " See whether the name is right, and try again.",
    errno.ENOTDIR: " A file stands where a folder goes: name another place and try again.",
    errno.EROFS: " Its file system is mounted read-only: mount it for writing and try again.",
    errno.ENOSPC: " Make room on its disk and try again.",
    errno.EACCES: " Let this user write there and try again.",
    errno.EPERM: " Let this user write there and try again.",
}


def told(error: Exception) -> str | None:
    """Return what is wrong, and what helps where that is known; None for an error that nobody foresaw."""
    match error:
        case AskfirstError() | ValidationError():
            return str(error)
        case DBAPIError():
            return _of_database(error)
        case OSError():
            return _of_file(error)
    return None


def _of_database(error: DBAPIError) -> str:
    said = str(error.orig).partition("\n")[0].rstrip(".")
    remedy = next((remedy for words, remedy in _OF_DATABASES if any(word in said.lower() for word in words)), "")
    return f"The database can not be used: {said}. It was left as it is.{remedy}"


def _of_file(error: OSError) -> str:
    remedy = _OF_FILES.get(error.errno or 0)
    if remedy is None:
        return str(error)
    if error.filename is None:  # it was open already
        return f"A file can not be used: {error.strerror}.{remedy}"
    return f"{error.filename} can not be used: {error.strerror}.{remedy}"
