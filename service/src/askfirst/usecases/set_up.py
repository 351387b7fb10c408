"""Begin an organisation: its log, its keys and its first site."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from askfirst.core.errors import BadName, NameTaken
from askfirst.core.kinds import EntryKind
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.keys import CHECKPOINT, RECEIPT, KeyChest, change_with_keys, make_key
from askfirst.usecases.log_addresses import log_name, require_free, require_not_succeeded, require_unused
from askfirst.usecases.names import check_words
from askfirst.usecases.ports import Acting, Catalogue
from askfirst.usecases.retain import MOST_DAYS
from askfirst.usecases.rows import Organisation, Site
from askfirst.usecases.succeed import check_log_origin

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_SITE_KEY = re.compile(r"[a-z0-9]{4,32}")
_LOST = (
    "If it signed anything, bring its database back, or begin with another slug and another origin. "
    "If it is left from a beginning that was cut off, move the file that holds it out of the folder and try again."
)
_LOOPBACK = re.compile(r"localhost|[a-z0-9.-]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\]")


def begin_organisation(
    catalogue: Catalogue,
    chest: KeyChest,
    *,
    slug: str,
    name: str,
    origin: str,
    by: Acting,
) -> Organisation:
    """Make an organisation with its own log and its first receipt and checkpoint keys.

    Raises BadName where a name has a wrong form, NameTaken where slug or origin is in use, or the address
    that they give to a log, also where only the chest knows the log that had it.
    """
    if not _SLUG.fullmatch(slug):
        raise BadName("slug", slug, "1 to 64 of a-z, 0-9 and inner hyphens")
    check_log_origin(origin)
    check_words("name", name)
    with change_with_keys(catalogue, chest) as (transaction, keeper):
        others = transaction.organisations()
        for other in others:
            if slug == other.slug:
                raise NameTaken("organisation", slug)
            if origin == other.origin:
                raise NameTaken("log origin", origin)
        require_free(transaction, slug)
        require_not_succeeded(transaction, log_name(origin))
        # Two trees under one name would be signed for, and caches have the tiles of the first.
        require_unused(transaction, chest, origin, slug, _LOST)
        now = by.clock()
        log_id = max((other.log_id for other in others), default=0) + 1
        organisation = Organisation(log_id, slug, name, origin, now)
        transaction.add_organisation(organisation)
        events: tuple[tuple[EntryKind, dict[str, object]], ...] = (
            (EntryKind.LOG_OPENED, {"origin": origin, "predecessor": None}),
            (EntryKind.ORGANISATION_CREATED, {"organisation": slug, "name": name}),
        )
        for kind, members in events:
            transaction.append(staff_entry(log_id, kind, members, now=now, by=by))
        for use in (RECEIPT, CHECKPOINT):
            make_key(transaction, keeper, organisation, use, now=now, by=by)
    return organisation


def add_site(
    catalogue: Catalogue,
    organisation: Organisation,
    *,
    site_key: str,
    name: str,
    origins: tuple[str, ...],
    by: Acting,
) -> Site:
    """Make a site with the origins that its pages may have."""
    if not _SITE_KEY.fullmatch(site_key):
        raise BadName("site key", site_key, "4 to 32 of a-z and 0-9")
    check_words("name", name)
    _check_origins(origins)
    with catalogue.transaction() as transaction:
        if transaction.site(site_key) is not None:
            raise NameTaken("site key", site_key)
        now = by.clock()
        site = Site(organisation.log_id, site_key, name, origins, now)
        transaction.add_site(site)
        members = {"site": site_key, "name": name, "origins": list(origins)}
        kind = EntryKind.SITE_CREATED
        transaction.append(staff_entry(organisation.log_id, kind, members, now=now, by=by))
    return site


def change_origins(
    catalogue: Catalogue,
    site: Site,
    origins: tuple[str, ...],
    *,
    by: Acting,
) -> Site:
    """Give a site other origins. Returns the site as it is from now on."""
    _check_origins(origins)
    with catalogue.transaction() as transaction:
        changed = replace(site, origins=origins)
        transaction.change_site(changed)
        members = {"site": site.site_key, "changes": {"origins": list(origins)}}
        kind = EntryKind.SITE_CHANGED
        transaction.append(staff_entry(site.log_id, kind, members, now=by.clock(), by=by))
    return changed


def change_retention(catalogue: Catalogue, site: Site, days: int | None, *, by: Acting) -> Site:
    """Say after how many days a site's decisions are forgotten (0: never; None: as its policy says). Returns the site
    as it is from now on. Raises BadName for any other number.
    """
    if days is not None and not 0 <= days <= MOST_DAYS:
        raise BadName("number of days", str(days), f"0 to {MOST_DAYS:,}")
    with catalogue.transaction() as transaction:
        changed = replace(transaction.site(site.site_key) or site, retention_days=days)
        transaction.change_site(changed)
        members = {"site": site.site_key, "changes": {"retention_days": days}}
        kind = EntryKind.SITE_CHANGED
        transaction.append(staff_entry(site.log_id, kind, members, now=by.clock(), by=by))
    return changed


def change_alerts(catalogue: Catalogue, site: Site, wanted: bool, *, by: Acting) -> Site:
    """Say whether staff are alerted of a site. Returns the site as it is from now on."""
    with catalogue.transaction() as transaction:
        changed = replace(transaction.site(site.site_key) or site, alerts=wanted)
        transaction.change_site(changed)
        members = {"site": site.site_key, "changes": {"alerts": wanted}}
        kind = EntryKind.SITE_CHANGED
        transaction.append(staff_entry(site.log_id, kind, members, now=by.clock(), by=by))
    return changed


def _check_origins(origins: tuple[str, ...]) -> None:
    for origin in origins:
        check_origin(origin)
    if not origins or len(set(origins)) != len(origins):
        raise BadName("origins", ", ".join(origins), "at least one, each named once")


def check_origin(origin: str) -> None:
    """Raise BadName unless `origin` is what a browser would send: https, or http on a loopback host."""
    wanted = "like https://www.example.org: scheme and host in lower case, no path, no port where it is the default"
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError as error:
        raise BadName("origin", origin, wanted) from error
    default = {"https": 443, "http": 80}.get(parts.scheme)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    plain = f"{parts.scheme}://{host}" + ("" if port is None or port == default else f":{port}")
    if not host or plain != origin or default is None:
        raise BadName("origin", origin, wanted)
    if parts.scheme == "http" and not _LOOPBACK.fullmatch(host):
        raise BadName("origin", origin, "https, since a page over plain http can be changed on its way")
