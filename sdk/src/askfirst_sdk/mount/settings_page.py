"""Information and Settings as a page of its own, for visitors whose browser runs no script."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from ..consent import Consent
from ..policy_document import PolicyDocument, direction
from ..policy_html import link, services_html

__all__ = ["settings_page", "unrecorded_page"]


def settings_page(
    policy: PolicyDocument, language: str, consent: Consent, *, mount: str, back: str, host: str, saved: bool = False
) -> str:
    """Return the page: what is asked, the present answer, and a form that changes it. `back` is the path of this site
    to go back to, on its `host`; `saved` tells that an answer was just recorded. Everything is escaped."""
    texts, members = policy.texts(language), policy.members
    purposes = "".join(_purpose(policy, one, language, consent) for one in members["purposes"])
    told = f'<p class="told" role="status">{escape(texts["saved"])}</p>' if saved else ""
    reach = f"<p>{escape(policy.accounts[language]['told'])}</p>\n" if policy.accounts else ""
    who = members["controller"]
    withdraw = _button("withdraw", texts["withdraw"], "save") if consent.granted else ""
    body = f"""<main>
<h1>{escape(texts["title"])}</h1>
{told}<p>{escape(texts["intro"])}</p>
{reach}{_answer(texts, consent)}<form method="post" action="{escape(mount)}/settings">
{_hidden("policy", policy.digest)}{_hidden("language", language)}{_hidden("next", back)}{purposes}<div class="choices">
{_button("accept_all", texts["accept_all"])}
{_button("reject_all", texts["reject_all"])}
{_button("save", texts["save"], "save")}
{withdraw}</div>
</form>
<footer>
<p class="quiet">{escape(texts["how_to_withdraw"])}</p>
<dl>
<dt>{escape(texts["controller"])}</dt><dd>{escape(who["name"])}, {escape(who["address"])}</dd>
<dt>{escape(texts["contact"])}</dt><dd>{escape(who["contact"])}</dd>
<dt>{escape(texts["privacy_policy"])}</dt><dd>{link(members["privacy_policy"][language])}</dd>
</dl>
{_way_back(back, host)}
</footer>
</main>"""
    return _document(texts["title"], language, body, mount)


def unrecorded_page(policy: PolicyDocument | None, language: str | None, back: str, mount: str, host: str) -> str:
    """Return the page that says that nothing was recorded: in the policy's words where there is one."""
    way_back = _way_back(back, host)
    if policy is None or language is None:
        said = "<h1>Not available now</h1><p>Nothing optional runs. Please try again in a moment.</p>"
        body = f"<main>{said}{way_back}</main>"
        return _document("Not available now", "en", body, mount)
    texts = policy.texts(language)
    body = f"<main><h1>{escape(texts['title'])}</h1><p>{escape(texts['not_answered'])}</p>{way_back}</main>"
    return _document(texts["title"], language, body, mount)


def _way_back(back: str, host: str) -> str:
    return f'<p><a href="{escape(back)}">← {escape(host + back.rstrip("/") or back)}</a></p>'


def _document(title: str, language: str, body: str, mount: str) -> str:
    return f"""<!doctype html>
<html lang="{escape(language)}" dir="{direction(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)}</title>
<link rel="stylesheet" href="{escape(mount)}/banner.css">
</head>
<body class="askfirst-page">
{body}
</body>
</html>
"""


def _answer(texts: Mapping[str, Any], consent: Consent) -> str:
    if not consent.answered or consent.given_at is None:
        return f'<p class="quiet">{escape(texts["not_answered"])}</p>\n'
    day = datetime.fromtimestamp(consent.given_at, UTC).date().isoformat()
    known = f", {escape(texts['consent_id'])}: {escape(consent.consent_id)}" if consent.consent_id else ""
    return f'<p class="quiet">{escape(texts["last_answer"])}: <time datetime="{day}">{day}</time>{known}</p>\n'


def _purpose(policy: PolicyDocument, purpose: Mapping[str, Any], language: str, consent: Consent) -> str:
    texts = policy.texts(language)
    name, described = escape(purpose["name"][language]), escape(purpose["description"][language])
    if purpose["mode"] is None:
        head = f"<div><h2>{name}</h2><span>{escape(texts['always_on'])}</span></div>"
    else:
        checked = " checked" if consent.allows(purpose["id"]) else ""
        box = f'<input type="checkbox" name="purpose" value="{escape(purpose["id"])}"{checked}>'
        head = f"<label><h2>{name}</h2>{box}</label>"
    each = services_html(policy, purpose["id"], language)
    listed = f"<details><summary>{escape(texts['services'])}</summary>{each}</details>" if each else ""
    return f'<div class="purpose">{head}<p>{described}</p>{listed}</div>\n'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">\n'


def _button(value: str, text: str, kind: str = "answer") -> str:
    return f'<button class="{kind}" name="answer" value="{value}">{escape(text)}</button>'
