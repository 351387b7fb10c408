"""How each language is written: its letters, its quotation marks, and the words that it shares with English."""

# Letters beyond a to z (Unicode CLDR, main and auxiliary exemplar characters, as far as the texts use them).
LATIN = {
    "az": "çəğıiöşü\u0307",
    "cs": "áčďéěíňóřšťúůýž",
    "da": "æøåé",
    "de": "äöüß",
    "en": "",
    "es": "áéíñóúü",
    "et": "äõöüšž",
    "fi": "äöå",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "ga": "áéíóú",
    "hr": "čćđšž",
    "hu": "áéíóöőúüű",
    "is": "áéíóúýþæöð",
    "it": "àèéìòù",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž",
    "mt": "ċġħżàèìòù",
    "nb": "æøåéò",
    "nl": "éëïöüèó",
    "pl": "ąćęłńóśźż",
    "pt": "áâãàçéêíóôõú",
    "ro": "ăâîșț",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "sl": "čšž",
    "sv": "åäöé",
    "tr": "çğıiöşüâî\u0307",
}
OTHER_SCRIPTS = {
    "ar": "ARABIC",
    "bg": "CYRILLIC",
    "el": "GREEK",
    "uk": "CYRILLIC",
}
# What is written in Latin letters in these scripts too: names and abbreviations.
NAMES = ("Global Privacy Control", "JavaScript", "plausible_ignore", "cookies", "cookie", "IP")

_HIGH = ("“", "”")
_LOW_HIGH = ("„", "“")
_LOW_CLOSED = ("„", "”")
_ANGLED = ("«", "»")
_SAME = ("”", "”")
QUOTES = {
    "ar": _ANGLED,
    "az": _ANGLED,
    "bg": _LOW_HIGH,
    "cs": _LOW_HIGH,
    "da": _SAME,
    "de": _LOW_HIGH,
    "el": _ANGLED,
    "en": _HIGH,
    "es": _ANGLED,
    "et": _LOW_HIGH,
    "fi": _SAME,
    "fr": ("«\u00a0", "\u00a0»"),
    "ga": _HIGH,
    "hr": _LOW_CLOSED,
    "hu": _LOW_CLOSED,
    "is": _LOW_HIGH,
    "it": _ANGLED,
    "lt": _LOW_HIGH,
    "lv": _LOW_CLOSED,
    "mt": _HIGH,
    "nb": _ANGLED,
    "nl": _HIGH,
    "pl": _LOW_CLOSED,
    "pt": _ANGLED,
    "ro": _LOW_CLOSED,
    "sk": _LOW_HIGH,
    "sl": _LOW_HIGH,
    "sv": _SAME,
    "tr": _HIGH,
    "uk": _ANGLED,
}

# A text that is the very same as the English one was forgotten, unless the language says it so too.
SHARED_WITH_ENGLISH = {
    "Cookie": {"da", "de", "es", "fr", "it", "mt", "nl", "pt", "ro"},
    "Contact": {"fr", "nl", "ro"},
    "Name": {"de"},
    "Service": {"fr"},
    "Services": {"fr"},
    "{n} week": {"nl"},
    "{n} minute": {"fr"},
    "{n} minutes": {"fr"},
}
