"""How each peer is put into a page and told the purposes and services of the bench policy, as its own guide says."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from askfirst.core.policy import Policy
from askfirst.core.purposes import NECESSARY

_HERE = Path(__file__).parent
_MODULES = _HERE / "node_modules"
_ESBUILD = _HERE.parents[1] / "snippet" / "node_modules" / ".bin" / "esbuild"
# A peer that a website bundles with its own code has no file to load: it is bundled here, as its users do.
BUNDLED = "bundled.js"


@dataclass(frozen=True)
class Peer:
    """One peer: the files that a page loads, in order, and the script that starts it; what its refusal is called."""

    name: str
    package: str
    files: tuple[str, ...]
    start: Callable[[Policy], str]
    before: bool = False
    # It fetches the rest of its files by itself.
    first: str | None = None
    # Returns so many tags as a page marks them for it, where it has a way to hold them.
    held: Callable[[int], str] | None = None

    def read(self, file: str) -> bytes:
        """Return one of its files; the remedy is `make bench-peers`."""
        if file == BUNDLED:
            return _bundle(f"{self.name}.js")
        return (_MODULES / self.package / file).read_bytes()


def _told(**members: object) -> str:
    return json.dumps(members, ensure_ascii=False)


def _vanilla(policy: Policy) -> str:
    texts = policy.texts["en"]
    sections = [
        {
            "title": purpose.name["en"],
            "description": purpose.description["en"],
            "linkedCategory": purpose.id,
            "cookieTable": {
                "headers": {"name": "Name", "use": "What it is for", "kept": "Kept"},
                "body": [
                    {"name": cookie.name, "use": cookie.description["en"], "kept": cookie.duration}
                    for service in policy.services
                    if service.purpose == purpose.id
                    for cookie in service.cookies
                ],
            },
        }
        for purpose in policy.purposes
    ]
    layers = {
        "consentModal": {
            "title": "Cookies",
            "description": texts.text,
            "acceptAllBtn": "Accept",
            "acceptNecessaryBtn": "Reject",
            "showPreferencesBtn": texts.settings,
        },
        "preferencesModal": {
            "title": texts.title,
            "acceptAllBtn": "Accept all",
            "acceptNecessaryBtn": "Reject all",
            "savePreferencesBtn": "Save",
            "sections": sections,
        },
    }
    categories = {one.id: {"readOnly": one.id == NECESSARY, "enabled": one.id == NECESSARY} for one in policy.purposes}
    language = {"default": "en", "translations": {"en": layers}}
    return f"CookieConsent.run({_told(hideFromBots=False, categories=categories, language=language)})"


def _klaro(policy: Policy) -> str:
    services = [
        {
            "name": one.id,
            "title": one.name,
            "description": one.description["en"],
            "purposes": [one.purpose],
            "required": one.purpose == NECESSARY,
            "cookies": [cookie.name for cookie in one.cookies],
        }
        for one in policy.services
    ]
    words = {
        "ok": "Accept",
        "decline": "Reject",
        "consentNotice": {"description": policy.texts["en"].text, "learnMore": policy.texts["en"].settings},
        "purposes": {
            one.id: {"title": one.name["en"], "description": one.description["en"]} for one in policy.purposes
        },
    }
    return f"window.klaroConfig = {_told(services=services, lang='en', translations={'en': words}, version=1, acceptAll=True)}"


def _osano(policy: Policy) -> str:
    content = {"message": policy.texts["en"].text, "allow": "Accept", "deny": "Reject", "link": "More"}
    return f"cookieconsent.initialise({_told(type='opt-in', content=content)})"


def _orejime(policy: Policy) -> str:
    purposes = [
        {
            "id": one.id,
            "title": one.name["en"],
            "description": one.description["en"],
            "isMandatory": one.id == NECESSARY,
            "cookies": [
                cookie.name for service in policy.services if service.purpose == one.id for cookie in service.cookies
            ],
        }
        for one in policy.purposes
    ]
    words = {"banner": {"accept": "Accept", "decline": "Reject", "description": policy.texts["en"].text}}
    told = _told(purposes=purposes, privacyPolicyUrl=policy.privacy_policy["en"], lang="en", translations=words)
    return f"window.orejimeConfig = {told}"


def _tarteaucitron(policy: Policy) -> str:
    services = [
        {"key": one.id, "type": "analytic", "name": one.name, "cookies": [cookie.name for cookie in one.cookies]}
        for one in policy.services
        if one.purpose != NECESSARY
    ]
    told = _told(
        privacyUrl=policy.privacy_policy["en"],
        orientation="bottom",
        highPrivacy=True,
        DenyAllCta=True,
        AcceptAllCta=True,
        showIcon=False,
        useExternalCss=False,
        useExternalJs=False,
        bodyPosition="bottom",
    )
    return (
        f"tarteaucitron.init({told});(tarteaucitron.job = tarteaucitron.job || []);"
        f"for (const one of {json.dumps(services)}) {{"
        "tarteaucitron.services[one.key] = { ...one, uri: '', needConsent: true, js() {}, fallback() {} };"
        "tarteaucitron.job.push(one.key); }"
    )


def _c15t(policy: Policy) -> str:
    # Its categories are fixed; without a backend it asks where its offline policy says so.
    words = {"cookieBanner": {"title": "Cookies", "description": policy.texts["en"].text}}
    words |= {"common": {"acceptAll": "Accept", "rejectAll": "Reject", "customize": policy.texts["en"].settings}}
    translations = {"defaultLanguage": "en", "translations": {"en": words}}
    categories = ["necessary", "measurement", "marketing", "experience"]
    told = _told(mode="offline", consentCategories=categories, translations=translations)
    return f"startC15t({told})"


def _marked(before: str, after: str = "", source: str = "src") -> Callable[[int], str]:
    return lambda count: "".join(f'{before} {source}="/tag.js?{number}"></script>{after}' for number in range(count))


def _bundle(entry: str) -> bytes:
    told = ["--bundle", "--minify", "--format=iife", '--define:process.env.NODE_ENV="production"', "--log-level=error"]
    return subprocess.run([_ESBUILD, entry, *told], cwd=_HERE, check=True, capture_output=True).stdout


PEERS = (
    Peer("c15t", "@c15t/react", ("dist/styles.css", BUNDLED), _c15t),
    Peer(
        "vanilla-cookieconsent",
        "vanilla-cookieconsent",
        ("dist/cookieconsent.css", "dist/cookieconsent.umd.js"),
        _vanilla,
        held=_marked('<script type="text/plain" data-category="measurement"'),
    ),
    Peer(
        "klaro",
        "klaro",
        ("dist/klaro.js",),
        _klaro,
        before=True,
        held=_marked(
            '<script type="text/plain" data-type="application/javascript" data-name="matomo"', source="data-src"
        ),
    ),
    Peer("osano", "cookieconsent", ("build/cookieconsent.min.css", "build/cookieconsent.min.js"), _osano),
    Peer(
        "orejime",
        "orejime",
        ("dist/orejime-standard.css", "dist/orejime-standard-en.js"),
        _orejime,
        before=True,
        held=_marked('<template data-purpose="measurement"><script', "</template>"),
    ),
    Peer(
        "tarteaucitron",
        "tarteaucitronjs",
        (
            "css/tarteaucitron.min.css",
            "tarteaucitron.min.js",
            "lang/tarteaucitron.en.min.js",
            "tarteaucitron.services.min.js",
        ),
        _tarteaucitron,
        first="tarteaucitron.min.js",
    ),
)
