"""Keep the script of every build that a site serves, so that a record can be shown as it was asked."""

from askfirst.core.kinds import EntryKind
from askfirst.snippet_files import Snippet
from askfirst.usecases.directory import Directory
from askfirst.usecases.entries import staff_entry
from askfirst.usecases.ports import Acting, Catalogue
from askfirst.usecases.rows import Build


def keep_builds(catalogue: Catalogue, directory: Directory, snippet: Snippet, by: Acting) -> bool:
    """Store the script of every build that a site is about to serve; return whether one was new."""
    wanted: dict[tuple[int, str], list[str]] = {}
    for site in directory.sites.values():
        if site.current is not None:
            parts = snippet.parts(site.current.policy)
            wanted[site.site.log_id, snippet.digest(parts)] = parts
    new = {key: parts for key, parts in wanted.items() if key[1] not in directory.builds.get(key[0], ())}
    for (log_id, digest), parts in new.items():
        _keep(catalogue, log_id, digest, parts, snippet, by)
    return bool(new)


def _keep(catalogue: Catalogue, log_id: int, digest: str, parts: list[str], snippet: Snippet, by: Acting) -> None:
    """Store a build's script with its entry, unless another node was faster."""
    with catalogue.transaction() as transaction:
        if transaction.has_build(log_id, bytes.fromhex(digest)):
            return
        now = by.clock()
        transaction.add_build(Build(log_id, bytes.fromhex(digest), snippet.script(parts, None), now))
        members = {"build": digest, "parts": ["boot", *parts]}
        transaction.append(staff_entry(log_id, EntryKind.BUILD_PUBLISHED, members, now=now, by=by))
