"""Hold what the service works from, its policies, builds and keys, against the entries that announced them."""

import json
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Final, NamedTuple

from askfirst.core.canonical import digest_hex
from askfirst.core.kinds import EntryKind
from askfirst.usecases.altered_values import as_bytes
from askfirst.usecases.announcement import Announcement
from askfirst.usecases.directory import Directory, LiveSite, index
from askfirst.usecases.rows import PublicKey, Snapshot

_STATES = {
    EntryKind.KEY_CREATED: "active",
    EntryKind.KEY_ANNOUNCED: "announced",
    EntryKind.KEY_ACTIVATED: "active",
    EntryKind.KEY_RETIRED: "retired",
    EntryKind.KEY_REVOKED: "revoked",
}


class _Published(NamedTuple):
    """What the entry of a policy says of it, and the entry's position."""

    position: int | None
    time: int
    reason: str
    staff: str | None
    number: int


class _Key(NamedTuple):
    """What the entries of a key say of it, and the position of the last one."""

    state: str
    use: str | None = None  # None: no entry says that it was made
    made: int | None = None
    changed: int | None = None
    position: int | None = None


# Kinds that say what the service works from.
ANNOUNCING: Final = frozenset({EntryKind.POLICY_PUBLISHED, EntryKind.BUILD_PUBLISHED, EntryKind.LOG_OPENED, *_STATES})


class Announced:
    """What the entries of one log announced. Fed by the verification, entry by entry; asked at the end."""

    def __init__(self, log_id: int) -> None:
        """Begin with nothing."""
        self._log_id = log_id
        self._policies: dict[tuple[str, str], _Published] = {}
        self._builds: dict[str, tuple[int, int | None]] = {}  # time and position
        self._keys: dict[str, _Key] = {}
        self._origin: tuple[str, int | None] | None = None
        self.predecessors: list[str] = []  # notes: the last checkpoints of logs that were closed

    def read(self, announced: Announcement) -> None:
        """Take note of an entry whose opening holds."""
        kind, position = announced.kind, announced.position
        if kind not in ANNOUNCING:
            return
        said = json.loads(announced.what)
        time = said["time"]
        if kind is EntryKind.POLICY_PUBLISHED:
            published = _Published(position, time, said["reason"], announced.staff, said["number"])
            self._policies[said["site"], said["policy"]] = published
        elif kind is EntryKind.BUILD_PUBLISHED:
            self._builds[said["build"]] = time, position
        elif kind is EntryKind.LOG_OPENED:
            self._origin = said["origin"], position
            self.predecessors += [said["predecessor"]] if said["predecessor"] else []
        else:
            made = _Key(_STATES[kind], said.get("use"), time)
            before = made if "use" in said else self._keys.get(said["key"], made._replace(made=None))
            self._keys[said["key"]] = before._replace(state=_STATES[kind], changed=time, position=position)

    def faults(self, snapshot: Snapshot) -> Iterator[tuple[int | None, str]]:
        """Return what does not fit, with the position of the entry that says otherwise.

        `snapshot` is what the service worked from when every entry had been read here.
        """
        directory = index(snapshot, skip_altered=True)
        yield from self._origin_faults(directory)
        yield from self._policy_faults(directory)
        yield from self._stray_policy_faults(directory, snapshot)
        yield from self._build_faults(directory)
        yield from self._first_served_faults(snapshot)
        yield from self._key_faults(directory)
        yield from self._stray_key_faults(directory, snapshot)

    def _origin_faults(self, directory: Directory) -> Iterator[tuple[int | None, str]]:
        named = directory.organisations[self._log_id].origin
        if self._origin is not None and self._origin[0] != named:
            yield self._origin[1], f"the log that it opened is {self._origin[0]}, but it goes on as {named}"

    def _policy_faults(self, directory: Directory) -> Iterator[tuple[int | None, str]]:
        sites = {key: live for key, live in directory.sites.items() if live.site.log_id == self._log_id}
        stored = {
            (key, digest): one.policy.number for key, live in sites.items() for digest, one in live.policies.items()
        }
        for (site, digest), one in self._policies.items():
            if (site, digest) not in stored:
                yield one.position, f"the policy {digest} of site {site} that it announced is missing or was altered"
        for key, live in sites.items():
            yield from self._succession_faults(key, live)
        for site, digest in stored.keys() - self._policies.keys():
            yield None, f"Policy {stored[site, digest]} of site {site} was never announced by an entry."

    def _stray_policy_faults(self, directory: Directory, snapshot: Snapshot) -> Iterator[tuple[int | None, str]]:
        """Return the rows that no policy can be read from, other than those of policies that are missing for it."""
        read = {id(one.published) for live in directory.sites.values() for one in live.policies.values()}
        kept = {(key, digest) for key, live in directory.sites.items() for digest in live.policies}
        missing = {(site, one.number) for (site, digest), one in self._policies.items() if (site, digest) not in kept}
        for row in snapshot.policies:
            if row.log_id != self._log_id or id(row) in read or (row.site_key, row.number) in missing:
                continue
            if (row.site_key, row.digest.hex()) in kept or (row.site_key, row.digest.hex()) not in self._policies:
                yield None, f"Policy {row.number} of site {row.site_key} was never announced by an entry."

    def _succession_faults(self, site: str, live: LiveSite) -> Iterator[tuple[int | None, str]]:
        """Return what the policies of a site say wrong of their times: by these the service knows the current one."""
        announced = [one for one in live.policies.values() if (site, one.digest) in self._policies]
        announced.sort(key=lambda one: one.policy.number)
        for one, following in zip_longest(announced, announced[1:]):
            said, row = self._policies[site, one.digest], one.published
            after = self._policies[site, following.digest] if following else None
            named = f"policy {one.policy.number} of site {site}"
            stored = {"time": row.published_at, "reason": row.reason, "publisher": row.staff}
            for fault in _differing(stored, {"time": said.time, "reason": said.reason, "publisher": said.staff}):
                yield said.position, f"{named} has another {fault} than it says"
            if after is None and row.superseded_at is not None:
                yield said.position, f"{named} has an end, but none was published after it"
            elif after is not None and row.superseded_at != after.time:
                yield after.position, f"{named} does not end with the one that it announced"

    def _build_faults(self, directory: Directory) -> Iterator[tuple[int | None, str]]:
        stored = directory.builds.get(self._log_id, {})
        for digest, (_, position) in self._builds.items():
            if digest not in stored or digest_hex(stored[digest]) != digest:
                yield position, f"the script {digest} that it announced is missing or was altered"
        for digest in stored.keys() - self._builds.keys():
            yield None, f"The script {digest} was never announced by an entry."

    def _first_served_faults(self, snapshot: Snapshot) -> Iterator[tuple[int | None, str]]:
        for build in snapshot.builds:
            digest = build.digest.hex()
            time, position = self._builds.get(digest, (build.first_served_at, None))
            if build.log_id == self._log_id and build.first_served_at != time:
                yield position, f"the script {digest} was first served at another time than it says"

    def _key_faults(self, directory: Directory) -> Iterator[tuple[int | None, str]]:
        stored = {key.verifier: key for key in directory.keys if key.log_id == self._log_id}
        for verifier, said in self._keys.items():
            key = stored.get(verifier)
            if key is None or key.state != said.state:
                yield (
                    said.position,
                    f"the key {verifier} is {key.state if key else 'missing'}, but here it was {said.state}",
                )
                continue
            for fault in _key_differing(key, said):
                yield said.position, f"the key {verifier} has another {fault} than was said last"
        for verifier in stored.keys() - self._keys.keys():
            yield None, f"The key {verifier} was never announced by an entry."

    def _stray_key_faults(self, directory: Directory, snapshot: Snapshot) -> Iterator[tuple[int | None, str]]:
        """Return the rows that no key can be read from, other than those of keys that are missing for it."""
        kept = {key.verifier for key in directory.keys if key.log_id == self._log_id}
        for key in snapshot.keys:
            if key.log_id != self._log_id or key in directory.keys:
                continue
            if key.verifier in kept or key.verifier not in self._keys:
                yield None, f"A key with the id {as_bytes(key.key_id).hex()} was never announced by an entry."


def _key_differing(key: PublicKey, said: _Key) -> list[str]:
    stored: dict[str, object] = {"time of its last change": key.changed_at}
    expected: dict[str, object] = {"time of its last change": said.changed}
    if said.use is not None:
        stored |= {"use": f"{key.use}s", "time": key.created_at}
        expected |= {"use": said.use, "time": said.made}
    return _differing(stored, expected)


def _differing(stored: Mapping[str, object], said: Mapping[str, object]) -> list[str]:
    return [name for name, value in said.items() if stored[name] != value]
