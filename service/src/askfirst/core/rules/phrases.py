"""Phrases that mislead or push, by language: only where somebody can honestly say what they mean there."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from askfirst.core.rules.banner_words import plain

Phrases = Mapping[str, tuple[str, ...]]

# An act that is none: going on, scrolling or staying counts for nothing (REQUIREMENTS ASK-2).
SILENCE: Final[Phrases] = {
    "en": (
        "by continuing", "if you continue", "continuing to use", "continued use", "by using this", "by using our",
        "by using the", "by browsing", "by scrolling", "by closing this banner you accept",
        "by closing this banner you agree", "by visiting", "by staying", "if you scroll", "if you do nothing",
        "unless you object",
    ),
    "de": (
        "wenn sie fortfahren", "indem sie fortfahren", "durch die weitere nutzung", "durch ihre weitere nutzung",
        "mit der weiteren nutzung", "weiterhin nutzen", "weiter nutzen", "wenn du fortfährst", "durch die nutzung",
        "mit der nutzung dieser", "mit der nutzung unserer", "mit der nutzung der website", "durch scrollen",
        "weiter surfen", "weitersurfen", "wenn sie nicht widersprechen", "durch das schließen",
    ),
    "fr": (
        "en poursuivant", "en continuant", "poursuite de votre navigation", "si vous continuez", "en faisant défiler",
    ),
    "es": ("si continúa", "si continúas", "al continuar", "si sigue navegando", "si sigues navegando"),
    "it": ("continuando a", "continuando la", "proseguendo", "scorrendo", "se continui", "chiudendo questo banner"),
    "nl": ("door verder te", "door gebruik te maken van deze", "als u verdergaat", "door te scrollen"),
    "pt": ("ao continuar", "se continuar a navegar", "ao navegar"),
    "pl": ("kontynuując", "korzystając z naszej", "korzystając z tej", "dalsze korzystanie", "przewijając"),
    "da": ("ved at fortsætte", "fortsat brug", "hvis du fortsætter"),
    "sv": ("genom att fortsätta", "fortsatt användning", "om du fortsätter"),
    "nb": ("ved å fortsette", "fortsatt bruk", "hvis du fortsetter"),
}  # fmt: skip

# Consent as the price of the page (REQUIREMENTS ASK-8).
WALL: Final[Phrases] = {
    "en": (
        "you must accept", "you have to accept", "you need to accept", "must consent", "need to consent",
        "accept to continue", "accept cookies to continue", "requires your consent to work", "only if you accept",
        "cannot be used without accepting", "can not be used without accepting", "required to accept",
    ),
    "de": (
        "sie müssen zustimmen", "sie müssen einwilligen", "müssen sie zustimmen", "müssen sie akzeptieren",
        "sie müssen akzeptieren", "sie müssen annehmen", "nur nutzen, wenn sie", "nur mit ihrer zustimmung nutzen",
        "nur mit ihrer einwilligung nutzen", "akzeptieren, um fortzufahren", "zustimmen, um fortzufahren",
        "du musst zustimmen", "du musst akzeptieren",
    ),
    "fr": ("vous devez accepter", "accepter pour continuer", "acceptez pour continuer"),
    "es": ("debe aceptar", "debes aceptar", "tiene que aceptar", "aceptar para continuar"),
    "it": ("devi accettare", "deve accettare", "accetta per continuare"),
    "nl": ("u moet accepteren", "je moet accepteren", "accepteer om verder"),
}  # fmt: skip

# Praise, pity and blame in the place of information (REQUIREMENTS ASK-4).
NUDGE: Final[Phrases] = {
    "en": (
        "best experience", "best possible experience", "better experience", "enhance your experience",
        "improve your experience", "optimal experience", "we value your privacy", "we care about your privacy",
        "your privacy is important", "we recommend", "recommended", "just click accept", "simply accept",
        "please accept", "don't miss", "you will miss", "you'll miss", "help us", "support us", "limited experience",
        "without cookies, some", "may not work properly", "don't worry", "delicious", "tasty", "yummy",
    ),
    "de": (
        "bestes erlebnis", "beste erlebnis", "bestmögliche", "optimales erlebnis", "optimale nutzererfahrung",
        "besseres erlebnis", "nutzererlebnis", "ihre privatsphäre ist uns wichtig",
        "deine privatsphäre ist uns wichtig", "wir respektieren ihre privatsphäre", "wir empfehlen", "empfohlen",
        "bitte stimmen sie zu", "bitte akzeptieren", "klicken sie einfach", "helfen sie uns", "hilf uns",
        "unterstützen sie uns", "eingeschränkt nutzbar", "nicht richtig funktionieren", "keine sorge", "lecker",
    ),
    "fr": ("meilleure expérience", "améliorer votre expérience", "respectons votre vie privée", "nous recommandons"),
    "es": (
        "mejor experiencia", "mejorar su experiencia", "mejorar tu experiencia", "valoramos su privacidad",
        "recomendamos",
    ),
    "it": ("migliore esperienza", "migliorare la tua esperienza", "rispettiamo la tua privacy", "consigliamo"),
    "nl": (
        "beste ervaring", "betere ervaring", "uw ervaring te verbeteren", "wij waarderen uw privacy", "aanbevolen",
    ),
}  # fmt: skip

# A ground that storing and reading cannot rest on (REQUIREMENTS ASK-11).
LEGITIMATE_INTEREST: Final[Phrases] = {
    "en": ("legitimate interest", "legitimate interests"),
    "de": (
        "berechtigtes interesse", "berechtigten interesse", "berechtigten interesses", "berechtigte interessen",
        "berechtigter interessen", "berechtigten interessen", "berechtigtem interesse",
    ),
    "fr": ("intérêt légitime", "intérêts légitimes"),
    "es": ("interés legítimo", "intereses legítimos"),
    "it": ("legittimo interesse", "interesse legittimo", "interessi legittimi", "legittimi interessi"),
    "nl": ("gerechtvaardigd belang", "gerechtvaardigde belangen"),
    "pt": ("interesse legítimo", "interesses legítimos"),
    "pl": ("uzasadniony interes", "uzasadnionego interesu", "prawnie uzasadnionym interesie"),
    "da": ("legitim interesse", "legitime interesser"),
    "sv": ("berättigat intresse", "berättigade intressen"),
    "nb": ("berettiget interesse", "berettigede interesser"),
}  # fmt: skip

# Labels that agree to nothing one could name: they are pressed to get rid of a notice (REQUIREMENTS ASK-2).
NO_AGREEMENT: Final[Phrases] = {
    "en": (
        "ok", "okay", "got it", "i understand", "understood", "continue", "next", "close", "dismiss", "fine", "go on",
        "let's go", "start", "enter", "hide", "thanks",
    ),
    "de": (
        "ok", "okay", "verstanden", "alles klar", "weiter", "fortfahren", "schließen", "zur kenntnis genommen", "los",
        "los geht's", "gelesen", "ausblenden", "danke",
    ),
    "fr": ("ok", "j'ai compris", "compris", "continuer", "fermer"),
    "es": ("ok", "entendido", "continuar", "cerrar"),
    "it": ("ok", "ho capito", "capito", "continua", "chiudi"),
    "nl": ("ok", "oké", "begrepen", "ik begrijp het", "doorgaan", "verder", "sluiten"),
    "pt": ("ok", "entendi", "continuar", "fechar"),
    "pl": ("ok", "rozumiem", "dalej", "zamknij"),
}  # fmt: skip

# Labels that lead elsewhere, put off, or only seem to refuse (REQUIREMENTS ASK-4).
NO_REFUSAL: Final[Phrases] = {
    "en": (
        "settings", "options", "preferences", "manage", "customise", "customize", "more", "later", "not now", "close",
        "learn", "choose", "configure", "ok", "accept", "agree", "consent", "allow",
    ),
    "de": (
        "einstellungen", "optionen", "mehr", "später", "anpassen", "verwalten", "schließen", "nicht jetzt",
        "konfigurieren", "auswählen", "ok", "annehmen", "akzeptieren", "zustimmen", "einwilligen", "erlauben",
    ),
    "fr": ("paramètres", "options", "personnaliser", "gérer", "plus tard", "fermer", "ok", "accepter"),
    "es": ("configuración", "configurar", "opciones", "más", "más tarde", "cerrar", "ok", "aceptar"),
    "it": ("impostazioni", "opzioni", "personalizza", "gestisci", "più tardi", "chiudi", "ok", "accetta"),
    "nl": ("instellingen", "opties", "aanpassen", "beheren", "later", "sluiten", "ok", "accepteren"),
}  # fmt: skip

# Words with which a label refuses even where it names what is accepted elsewhere: “Do not accept”.
NEGATIONS: Final[Phrases] = {
    "en": (
        "not", "don't", "no", "without", "reject", "refuse", "decline", "deny", "none", "disagree", "never",
        "only necessary", "necessary only",
    ),
    "de": ("nicht", "kein", "keine", "keinen", "ohne", "ablehnen", "verweigern", "nein", "nur notwendige"),
    "fr": ("ne", "pas", "sans", "refuser", "non"),
    "es": ("no", "sin", "rechazar"),
    "it": ("non", "no", "senza", "rifiuta", "rifiutare"),
    "nl": ("niet", "geen", "zonder", "weigeren", "nee"),
}  # fmt: skip

# Purposes that say nothing (Article 29 Working Party, WP 203 III.1.1 and WP 260, 12).
VAGUE: Final[Phrases] = {
    "en": (
        "various purposes", "other purposes", "business purposes", "commercial purposes", "improve your experience",
        "enhance your experience", "and so on", "and more", "etc", "improve our services", "future research",
    ),
    "de": (
        "verschiedene zwecke", "verschiedenen zwecken", "andere zwecke", "weitere zwecke", "geschäftliche zwecke",
        "geschäftszwecke", "nutzererlebnis", "und so weiter", "usw", "und mehr", "etc",
        "unsere dienste zu verbessern",
    ),
    "fr": ("diverses finalités", "autres finalités", "améliorer votre expérience", "etc"),
    "es": ("diversos fines", "otros fines", "mejorar su experiencia", "etc"),
    "it": ("varie finalità", "altre finalità", "migliorare la tua esperienza", "ecc"),
    "nl": ("diverse doeleinden", "andere doeleinden", "uw ervaring te verbeteren", "enzovoort"),
}  # fmt: skip

# Words of the trade that most visitors do not read as what they mean.
JARGON: Final[Phrases] = {
    "en": (
        "pursuant to", "inter alia", "data subject", "data subjects", "hereinafter", "third-party vendors",
        "cross-device", "retargeting", "remarketing", "fingerprinting", "attribution", "conversion", "conversions",
        "engagement", "kpi", "pixel tags", "web beacons",
    ),
    "de": (
        "gemäß art", "i.s.d", "i. s. d", "betroffene person", "betroffenen person", "betroffenen", "nachfolgend",
        "retargeting", "remarketing", "fingerprinting", "konversion", "conversion", "conversions", "engagement",
        "kpi", "reichweitenmessung", "zählpixel",
    ),
}  # fmt: skip

# What is never strictly necessary for a service that the visitor asked for (WP 194, 4.3).
NOT_NECESSARY: Final[Phrases] = {
    "en": (
        "analytics", "statistics", "advertising", "advertisements", "advertisement", "advertisers", "ads",
        "marketing", "remarketing", "retargeting", "tracking", "campaigns", "campaign", "profiling", "page views",
        "audience measurement",
    ),
    "de": (
        "analyse", "analysieren", "statistik", "statistiken", "werbung", "werbeanzeigen", "marketing", "tracking",
        "kampagnen", "reichweitenmessung", "profilbildung", "seitenaufrufe", "nutzungsverhalten",
    ),
    "fr": ("statistiques", "publicité", "publicités", "marketing", "mesure d'audience"),
    "es": ("estadísticas", "publicidad", "marketing", "analítica"),
    "it": ("statistiche", "pubblicità", "marketing", "profilazione"),
    "nl": ("statistieken", "advertenties", "reclame", "marketing"),
}  # fmt: skip

# Ways out that cost more than a click (GDPR 7(3)).
HARD_WAY_OUT: Final[Phrases] = {
    "en": (
        "by post", "by letter", "in writing", "by email", "by e-mail", "send us", "write to us", "contact us",
        "call us", "log in", "sign in",
    ),
    "de": (
        "per post", "per brief", "schriftlich", "per e-mail", "per mail", "senden sie uns", "schreiben sie uns",
        "kontaktieren sie uns", "wenden sie sich an", "rufen sie", "melden sie sich an",
    ),
    "fr": ("par courrier", "par écrit", "par e-mail", "contactez-nous", "écrivez-nous"),
    "es": ("por correo", "por escrito", "contáctenos", "escríbanos"),
    "it": ("per posta", "per iscritto", "via e-mail", "contattaci"),
    "nl": ("per post", "schriftelijk", "per e-mail", "neem contact"),
}  # fmt: skip


def found(phrases: Phrases, language: str, text: str) -> str | None:
    """Return the first phrase of a language that stands in a text as whole words, or None."""
    pattern = _pattern(tuple(phrases.get(language.partition("-")[0], ())))
    match = pattern.search(plain(text)) if pattern else None
    return match[0] if match else None


def is_one_of(phrases: Phrases, language: str, label: str) -> bool:
    """Return whether a label says one of a language's phrases and nothing else."""
    said = plain(label).strip(" .!…")
    return said in {plain(one) for one in phrases.get(language.partition("-")[0], ())}


@cache
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    if not phrases:
        return None
    # The longest first, so that what is named is what was said.
    either = "|".join(re.escape(plain(one)) for one in sorted(phrases, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)")
