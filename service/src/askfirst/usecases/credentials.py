"""What lets somebody in, as entries name it: bound to whose it is, so that nothing else stands in its place unseen."""

from collections.abc import Mapping
from typing import Any, Final

from askfirst.core.canonical import digest_hex
from askfirst.core.kinds import EntryKind

# What an entry of an earlier release does not say.
UNSAID: Final = object()

_LABEL: Final = b"askfirst-credential-v1\x00"


def credential_digest(owner: bytes, kept: str | bytes) -> str:
    """Return 64 hex for what is kept of a password, identity, link, session or token (formats.md 5.1).

    `owner` is the id of the member of staff, or of the token. What is kept is a slow hash or the hash of 256 random
    bits, or names somebody at an identity provider; it is never what a person types.
    """
    raw = kept.encode("utf-8", "surrogatepass") if isinstance(kept, str) else kept
    return digest_hex(_LABEL + owner + raw)


def digests(owner: bytes, **kept: str | bytes | None) -> dict[str, object]:
    """Return the member `credentials` of an entry about `owner`: what was given now, each by what it is."""
    return {name: credential_digest(owner, one) for name, one in kept.items() if one is not None}


def named_in(said: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Return the digests in an entry's members; None for an entry of an earlier release, which has none."""
    credentials = said.get("credentials")
    if not isinstance(credentials, dict):
        return None
    return {name: digest for name, digest in credentials.items() if isinstance(digest, str)}


def said_of(kind: EntryKind, said: Mapping[str, Any], by: str | None) -> Mapping[str, object]:
    """Return what is kept of a member of staff or a token from an entry of `by` on, as digests; None: nothing is.

    `UNSAID` is what may be anything.
    """
    named = named_in(said)
    if kind is EntryKind.TOKEN_CREATED:
        return {"secret": UNSAID if named is None else named.get("token")}
    if kind is EntryKind.STAFF_CREATED:
        if named is None:
            # Only who comes from an identity provider for the first time has made their own account.
            return {"password": UNSAID, "identity": UNSAID if by == said["account"] else None}
        return {"password": None, "identity": named.get("identity"), "time of making": said["time"]}
    if kind in (EntryKind.STAFF_CHANGED, EntryKind.STAFF_SIGNED_IN):
        if named is None:
            return {"password": UNSAID} if said.get("changes", {}).get("password") == "chosen" else {}
        return {"password": named["password"]} if "password" in named else {}
    return {}
