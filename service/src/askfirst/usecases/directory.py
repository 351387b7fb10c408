"""What a node keeps in memory: sites with their policies, builds and keys, found by what requests carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from askfirst.core.errors import UnknownSite
from askfirst.core.policy import Policy, parse_policy
from askfirst.usecases.keys import CHECKPOINT, RECEIPT
from askfirst.usecases.rows import Organisation, PublicKey, PublishedPolicy, Site, Snapshot
from askfirst_sdk.keys import KeyRing


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

    def organisation(self, slug: str) -> Organisation | None:
        """Return the organisation of this name."""
        return next((one for one in self.organisations.values() if one.slug == slug), None)

    def receipt_keys(self, log_id: int) -> tuple[PublicKey, ...]:
        """Return the keys whose receipts are believed: active and retired ones, never revoked ones."""
        return tuple(key for key in self.keys if key.log_id == log_id and key.use == RECEIPT and key.state != "revoked")

    def checkpoint_keys(self, log_id: int) -> tuple[PublicKey, ...]:
        """Return the keys whose checkpoints are believed: active and retired ones, never revoked ones."""
        return tuple(
            key for key in self.keys if key.log_id == log_id and key.use == CHECKPOINT and key.state != "revoked"
        )

    def receipt_ring(self, log_id: int) -> KeyRing:
        """Return those keys as a ring."""
        return KeyRing.parse(key.verifier for key in self.receipt_keys(log_id))


def index(snapshot: Snapshot, before: Directory | None = None) -> Directory:
    """Return the directory of a snapshot; policies that `before` has read are not read again."""
    organisations = {one.log_id: one for one in snapshot.organisations}
    policies: dict[str, dict[str, LivePolicy]] = {}
    for published in snapshot.policies:
        digest = published.digest.hex()
        known = before and before.sites.get(published.site_key)
        read = known and known.policies.get(digest)
        policy = read.policy if read else parse_policy(published.canonical)
        policies.setdefault(published.site_key, {})[digest] = LivePolicy(policy, digest, published)
    sites = {}
    for site in snapshot.sites:
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
        keys=snapshot.keys,
    )
