"""Which changes of a policy need a new answer, so that nobody's old one is stretched over what they were never asked.

The rules are those of service/docs/policies.md. An old answer covers what was told when it was given (GDPR 4(11):
informed and specific); it goes on where only words, looks or narrower use differ.
"""

from collections.abc import Iterator
from typing import Any, Final

from askfirst.core.durations import amount
from askfirst.core.policy import PolicyDraft
from askfirst.core.purposes import NECESSARY
from askfirst.core.service import Service
from askfirst.core.wider_modes import mode_causes, region_causes

_DAY: Final = 86_400
_SECONDS: Final = {
    **{"second": 1, "minute": 60, "hour": 3_600, "day": _DAY, "week": 7 * _DAY},
    **{"month": 365 * _DAY // 12, "year": 365 * _DAY},
}
_FOREVER: Final = 2**53


def asking_again(path: tuple[str, ...], old: Any, new: Any, before: PolicyDraft, after: PolicyDraft) -> Iterator[str]:
    """Yield in a sentence each why the change at `path` from `old` to `new` needs asking again, if it does.

    `old` and `new` are plain JSON values, None for nothing; `path` is that of `core.policy_diff.Change`.
    """
    match path:
        case ("controller", "name"):
            yield f"The controller is “{new}” and no longer “{old}”."
        case ("controller", "country") if old and new:
            yield f"The controller is in {new} and no longer in {old}."
        case ("purposes", purpose) if old is None and new["mode"] is not None:
            yield f"The purpose {purpose} is new."
        case ("purposes", purpose, "mode"):
            yield from mode_causes(f"The purpose {purpose}", old, new)
        case ("services", service_id, *rest):
            was, now = (_service(policy, service_id) for policy in (before, after))
            if now is not None:
                yield from _service_causes(was, now, tuple(rest), old, new)
        case ("sharing", "domain") if new and (old is None or not new.endswith(f".{old}")):
            yield f"One answer now holds in all of {new}."
        case ("gpc", purpose) if new is None and purpose in after.optional_purposes:
            yield f"Global Privacy Control no longer objects to the purpose {purpose}."
        case ("regions", *_):
            yield from region_causes(path, before, after)


def seconds(duration: str) -> int:
    """Return how long something lives, for comparing: a session is the shortest, a month a twelfth of 365 days."""
    if duration == "session":
        return 0
    if duration == "persistent":
        return _FOREVER
    number, unit = amount(duration)
    return number * _SECONDS[unit]


def _service(policy: PolicyDraft, service_id: str) -> Service | None:
    return next((service for service in policy.services if service.id == service_id), None)


def _service_causes(was: Service | None, now: Service, member: tuple[str, ...], old: Any, new: Any) -> Iterator[str]:
    said = f"The service {now.name}"
    if was is not None and member == ("purpose",):
        yield f"{said} acts under the purpose {new} and no longer under {old}."
    elif now.purpose == NECESSARY:
        return
    elif was is None:
        yield f"{said} is new under the purpose {now.purpose}."
    else:
        yield from _use_causes(said, was, member, old, new)


def _use_causes(said: str, was: Service, member: tuple[str, ...], old: Any, new: Any) -> Iterator[str]:
    match member:
        case ("provider", "name"):
            yield f"{said} is run by “{new}” and no longer by “{old}”."
        case ("provider", "country") if old and new:
            yield f"{said} is run from {new} and no longer from {old}."
        case ("cookies", item) if old is None and seconds(new["duration"]) > _longest(was):
            yield f"{said} keeps {item} on the device, longer than anything that it kept before."
        case ("cookies", item, "duration") if seconds(new) > seconds(old):
            yield f"{said} keeps {item} on the device longer than before."
        case ("transfers", _) if new is not None:
            yield from _transfer_causes(said, was, new["country"], new["basis"])
        case ("transfers", country, "basis"):
            yield from _transfer_causes(said, was, country.partition(" ")[0], new)


def _longest(service: Service) -> int:
    return max((seconds(cookie.duration) for cookie in service.cookies), default=-1)


def _transfer_causes(said: str, was: Service, country: str, basis: str) -> Iterator[str]:
    if country not in {one.country for one in was.transfers}:
        yield f"{said} takes data to {country}."
    elif basis == "derogation" and (country, basis) not in {(one.country, one.basis) for one in was.transfers}:
        yield f"{said} takes data to {country} with no safeguard but a derogation."
