"""What differs between two policies, change by change, so that nobody has to compare two long files by eye."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, Literal

from askfirst.core.asking_again import asking_again
from askfirst.core.policy import PolicyDraft

Kind = Literal["added", "removed", "changed"]

# What a published policy has beside its draft; two versions always differ in them.
_LABELS: Final = frozenset({"format", "site", "number", "revision"})
# Where a mapping from languages to texts can stand.
_TEXTS: Final = frozenset({"privacy_policy", "texts", "name", "description"})
_TOLD: Final = frozenset({"privacy_policy", "texts", "purposes", "services"})
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    `path` names the member, items of lists by their id: `("services", "matomo", "cookies", "_pk_id.*", "duration")`.
    `before` and `after` are plain JSON values, None where there was or is nothing. `asks_again` says why visitors who
    answered have to be asked again, a sentence for each cause, and is empty where they have not.
    """

    path: tuple[str, ...]
    kind: Kind
    before: Any
    after: Any
    asks_again: tuple[str, ...] = ()

    def members(self) -> dict[str, object]:
        """Return the change as plain JSON."""
        return {
            "path": list(self.path),
            "kind": self.kind,
            "before": self.before,
            "after": self.after,
            "asks_again": list(self.asks_again),
        }


def differences(before: PolicyDraft, after: PolicyDraft) -> tuple[Change, ...]:
    """Return every change that makes `after` out of `before`, in the order of the policy's members; none, and only
    then, where both say the same. Site, number and revision are not compared.

    A language that comes or goes is one change, with the path `("languages", LANGUAGE)` and all its texts by member.
    """
    old, new = (_by_name(_plain(policy), ()) for policy in (before, after))
    found = [*_order(before, after), *_compared(old, new, ())]
    return tuple(
        Change(path, kind, was, now, tuple(asking_again(path, was, now, before, after)))
        for path, kind, was, now in _with_languages_together(found, before, after)
    )


def causes(changes: Sequence[Change]) -> tuple[str, ...]:
    """Return why these changes ask again, one sentence a cause, each once; nothing where they do not."""
    return tuple(dict.fromkeys(cause for change in changes for cause in change.asks_again))


_Found = tuple[tuple[str, ...], Kind, Any, Any]


def _plain(policy: PolicyDraft) -> dict[str, Any]:
    return {name: value for name, value in policy.model_dump(mode="json").items() if name not in _LABELS}


def _by_name(value: Any, path: tuple[str, ...]) -> Any:
    """Return a value with each list of things that have names as a mapping, so that a new one in front of the others
    does not make all of them differ."""
    if isinstance(value, dict):
        return {name: _by_name(member, (*path, name)) for name, member in value.items()}
    name_of = _naming(path) if isinstance(value, list) else None
    if name_of is None:
        return value
    named: dict[str, Any] = {}
    for item in value:
        name = name_of(item)
        while name in named:  # one country can be named with two bases
            name += " again"
        named[name] = _by_name(item, (*path, name))
    return named


def _naming(path: tuple[str, ...]) -> Callable[[Any], str] | None:
    match path:
        case ("purposes",) | ("services",) | ("regions", "rules"):
            return itemgetter("id")
        case ("services", _, "cookies"):
            return _cookie_name
        case ("services", _, "transfers"):
            return itemgetter("country")
        case ("languages",) | ("gpc",):
            return str
    return None


def _cookie_name(item: Mapping[str, str]) -> str:
    # A cookie and an item of local storage may have one name (core.policy_checks).
    return item["name"] if item["kind"] == "cookie" else f"{item['name']} ({item['kind']} storage)"


def _compared(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[_Found]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            yield from _compared(before.get(name, _MISSING), after.get(name, _MISSING), (*path, name))
    elif before is _MISSING:
        yield path, "added", None, after
    elif after is _MISSING:
        yield path, "removed", before, None
    elif before != after:
        yield path, "changed", before, after


def _order(before: PolicyDraft, after: PolicyDraft) -> Iterator[_Found]:
    """Yield the lists whose items stand in another order, which visitors see; the first language is the default."""
    were, are = _lists(before), _lists(after)
    for path in (path for path in were if path in are):
        old, new = were[path], are[path]
        stayed, stays = [one for one in old if one in new], [one for one in new if one in old]
        if stayed != stays or (path == ("languages",) and old[0] != new[0]):
            yield path, "changed", old, new


def _lists(policy: PolicyDraft) -> dict[tuple[str, ...], list[str]]:
    lists = {
        ("languages",): list(policy.languages),
        ("purposes",): [purpose.id for purpose in policy.purposes],
        ("services",): [service.id for service in policy.services],
        ("gpc",): list(policy.gpc),
        ("regions", "rules"): [rule.id for rule in policy.regions.rules],
    }
    for service in policy.services:
        lists["services", service.id, "cookies"] = [f"{cookie.name} {cookie.kind}" for cookie in service.cookies]
    return lists


def _with_languages_together(found: list[_Found], before: PolicyDraft, after: PolicyDraft) -> Iterator[_Found]:
    came, went = set(after.languages) - set(before.languages), set(before.languages) - set(after.languages)
    texts: dict[str, dict[str, Any]] = {language: {} for language in came | went}
    for path, _kind, old, new in found:
        if _is_text(path, texts):
            texts[path[-1]][".".join(path[:-1])] = old if path[-1] in went else new
    for path, kind, old, new in found:
        if path[:-1] == ("languages",):
            yield (
                path,
                kind,
                texts[path[-1]] if path[-1] in went else None,
                texts[path[-1]] if kind == "added" else None,
            )
        elif not _is_text(path, texts):
            yield path, kind, old, new


def _is_text(path: tuple[str, ...], languages: Mapping[str, object]) -> bool:
    return path[0] in _TOLD and path[-1] in languages and len(path) > 1 and path[-2] in _TEXTS
