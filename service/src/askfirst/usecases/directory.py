"""What a node keeps in memory: sites with their policies, builds and keys, found by what requests carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from askfirst.core.canonical import digest_hex
from askfirst.core.errors import ConfigurationFault, UnknownSite
from askfirst.core.policy import Policy, parse_policy
from askfirst.usecases.keys import RECEIPT
from askfirst.usecases.log_addresses import log_names
from askfirst.usecases.rows import Organisation, PublicKey, PublishedPolicy, Site, Snapshot
from askfirst_sdk.keys import KeyFormatError, KeyRing, VerifierKey

_ALTERED = "is not what was published; see what else was altered with: askfirst ledger verify"


@dataclass(frozen=True, slots=True)
class LivePolicy:
    """A published policy, read."""

    policy: Policy
    digest: str
    published: PublishedPolicy


@dataclass(frozen=True, slots=True)
class LiveSite:
    """A site with all it ever published."""

    site: Site
    organisation: Organisation
    policies: Mapping[str, LivePolicy]
    current: LivePolicy | None


@dataclass(frozen=True, slots=True)
class Directory:
    """One version of the catalogue, indexed."""

    version: int
    organisations: Mapping[int, Organisation]
    sites: Mapping[str, LiveSite]
    builds: Mapping[int, Mapping[str, bytes]]  # each log's script texts, by build digest
    keys: tuple[PublicKey, ...]

    def site(self, site_key: str) -> LiveSite:
        """Return the site with this key; raise UnknownSite for any other text, and for a disabled site."""
        found = self.sites.get(site_key)
        if found is None or found.site.disabled_at is not None:
            raise UnknownSite(site_key)
        return found

    def site_keys(self, log_id: int) -> tuple[str, ...]:
        """Return the keys of a log's sites, disabled ones too."""
        return tuple(key for key, one in self.sites.items() if one.site.log_id == log_id)

    def organisation(self, slug: str) -> Organisation | None:
        """Return the organisation of this name."""
        return next((one for one in self.organisations.values() if one.slug == slug), None)

    def organisation_of_log(self, name: str) -> Organisation | None:
        """Return the organisation of this name, or the only one that has or had a log whose origin ends in it."""
        if (known := self.organisation(name)) is not None:
            return known
        found = [one for log_id, one in self.organisations.items() if name in log_names(log_id, self.keys)]
        return found[0] if len(found) == 1 else None

    def keys_of(self, log_id: int, use: str) -> tuple[PublicKey, ...]:
        """Return a log's keys for this use, in every state: what a revoked key signed was signed."""
        return tuple(key for key in self.keys if key.log_id == log_id and key.use == use)

    def believed_keys(self, log_id: int, use: str) -> tuple[PublicKey, ...]:
        """Return those whose signatures are believed: active and retired ones, never revoked ones."""
        return tuple(key for key in self.keys_of(log_id, use) if key.state != "revoked")

    def receipt_ring(self, log_id: int) -> KeyRing:
        """Return the keys whose receipts are believed, as a ring."""
        return KeyRing.parse(key.verifier for key in self.believed_keys(log_id, RECEIPT))


def index(snapshot: Snapshot, before: Directory | None = None, *, skip_altered: bool = False) -> Directory:
    """Return the directory of a snapshot; policies that `before` has read are not read again.

    Raises ConfigurationFault naming the policies, keys and sites that are not those that were published; with
    `skip_altered` they are left out, so that what else is there can be looked at.
    """
    organisations = {one.log_id: one for one in snapshot.organisations}
    site_logs = {site.site_key: site.log_id for site in snapshot.sites}
    policies: dict[str, dict[str, LivePolicy]] = {}
    altered: list[tuple[str, str]] = []
    for published in snapshot.policies:
        digest = published.digest.hex()
        known = before.sites.get(published.site_key) if before else None
        read = known.policies.get(digest) if known else None
        if read is None or read.published.canonical != published.canonical:
            read = _read(published)
        if read is None or published.log_id != site_logs.get(published.site_key):
            named = f"policy {published.number} of site {published.site_key}"
            altered.append((named, _ALTERED))
            continue
        policies.setdefault(published.site_key, {})[digest] = LivePolicy(read.policy, digest, published)
    keys = tuple(key for key in snapshot.keys if _is_whole(key))
    altered += [
        (f"key {key.key_id.hex()}" if isinstance(key.key_id, bytes) else "a key", _ALTERED)
        for key in snapshot.keys
        if key not in keys
    ]
    sites_of_ours = [site for site in snapshot.sites if site.log_id in organisations]
    altered += [(f"site {site.site_key}", _ALTERED) for site in snapshot.sites if site.log_id not in organisations]
    if altered and not skip_altered:
        raise ConfigurationFault(altered)
    sites = {}
    for site in sites_of_ours:
        own = policies.get(site.site_key, {})
        current = next((live for live in own.values() if live.published.superseded_at is None), None)
        sites[site.site_key] = LiveSite(site, organisations[site.log_id], MappingProxyType(own), current)
    builds: dict[int, dict[str, bytes]] = {}
    for build in snapshot.builds:
        builds.setdefault(build.log_id, {})[build.digest.hex()] = build.script
    return Directory(
        version=snapshot.version,
        organisations=MappingProxyType(organisations),
        sites=MappingProxyType(sites),
        builds=MappingProxyType(builds),
        keys=keys,
    )


def require_named(directory: Directory, organisations: frozenset[str] | None) -> None:
    """Raise ConfigurationFault unless exactly these organisations are in the database; None: any may be.

    Of one that is in a database that does not name it, nobody could say which log is the right one.
    """
    if organisations is None:
        return
    found = {one.slug for one in directory.organisations.values()}
    faults = [(slug, "is in a database for which the directory does not name it") for slug in found - organisations]
    missing = "is not in its database yet; make it with: askfirst init --slug"
    faults += [(slug, f"{missing} {slug}") for slug in organisations - found]
    if faults:
        raise ConfigurationFault(sorted(faults))


def _is_whole(key: PublicKey) -> bool:
    try:
        return VerifierKey.parse(key.verifier).key_id == key.key_id
    except KeyFormatError:
        return False


def _read(published: PublishedPolicy) -> LivePolicy | None:
    """Return a policy as it was published, or None where row and digest are not one."""
    digest = published.digest.hex()
    if digest_hex(published.canonical) != digest:
        return None
    policy = parse_policy(published.canonical)
    if (policy.site, policy.number, policy.revision) != (published.site_key, published.number, published.revision):
        return None
    return LivePolicy(policy, digest, published)
