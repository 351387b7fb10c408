"""What a policy says about its purposes and services, as HTML for pages that run no script. Everything is escaped."""

from collections.abc import Mapping
from html import escape
from typing import Any

from .plurals import plural_category
from .policy_document import PolicyDocument

__all__ = ["link", "purpose_list", "services_html"]


def services_html(policy: PolicyDocument, purpose: str, language: str) -> str:
    """Return the services of a purpose in one of the policy's languages: who is behind them, and what each keeps."""
    texts = policy.texts(language)
    services = [one for one in policy.members["services"] if one["purpose"] == purpose]
    return "".join(_service(one, language, texts) for one in services)


def purpose_list(policy: PolicyDocument, language: str) -> str:
    """Return every purpose with its services: the list of cookies for a privacy page."""
    return "".join(
        f"<section><h2>{escape(one['name'][language])}</h2><p>{escape(one['description'][language])}</p>"
        f"{services_html(policy, one['id'], language)}</section>"
        for one in policy.members["purposes"]
    )


def _service(service: Mapping[str, Any], language: str, texts: Mapping[str, Any]) -> str:
    provider = service["provider"]
    by = escape(provider["name"]) + (f" ({escape(provider['country'])})" if provider.get("country") else "")
    more = f", {link(provider['privacy_policy'])}" if provider.get("privacy_policy") else ""
    said = (
        f'<p>{escape(service["description"][language])}</p><p class="quiet">{escape(texts["provider"])}: {by}{more}</p>'
    )
    if not service["cookies"]:
        return f'<h3>{escape(service["name"])}</h3>{said}<p class="quiet">{escape(texts["no_cookies"])}</p>'
    rows = "".join(
        f"<tr><td>{escape(one['name'])}</td><td>{escape(_duration(one['duration'], language, texts))}</td>"
        f"<td>{escape(one['description'][language])}</td></tr>"
        for one in service["cookies"]
    )
    heads = "".join(
        f'<th scope="col">{escape(texts[name])}</th>' for name in ("cookie_name", "cookie_duration", "cookie_purpose")
    )
    table = (
        f'<div class="wide"><table><caption>{escape(texts["cookies"])}</caption><tr>{heads}</tr>{rows}</table></div>'
    )
    return f"<h3>{escape(service['name'])}</h3>{said}{table}"


_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_TIME_UNITS = {"H": "hour", "M": "minute", "S": "second"}


def _duration(duration: str, language: str, texts: Mapping[str, Any]) -> str:
    """Return an ISO 8601 duration of one unit in words, as the language counts."""
    words = texts["durations"]
    if duration in ("session", "persistent"):
        return str(words[duration])
    in_day = duration.startswith("PT")
    unit = (_TIME_UNITS if in_day else _UNITS)[duration[-1]]
    number = duration[2 if in_day else 1 : -1]
    forms = words[unit]
    form = forms.get(plural_category(language, int(number)))
    return str(form or forms["other"]).replace("{n}", number)


def link(address: str) -> str:
    """Return a link to a web address, or the address alone where it is none."""
    # The checked policy has https addresses alone; anything else is shown and leads nowhere.
    if not address.startswith(("https://", "http://")):
        return escape(address)
    return f'<a href="{escape(address)}" rel="noreferrer">{escape(address)}</a>'
