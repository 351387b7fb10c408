"""How languages count, since “2 Tage” and “5 dni” follow different rules (Unicode CLDR, cardinal plural rules)."""

from collections.abc import Callable
from typing import Final, Literal

Category = Literal["zero", "one", "two", "few", "many", "other"]


def plural_category(language: str, number: int) -> Category:
    """Return the plural category of a whole number, from 0, in a language given by its BCP 47 tag.

    A language that is not listed counts as English does.
    """
    if language == "pt-PT":
        return _as_english(number)
    return _RULES.get(language.partition("-")[0], _as_english)(number)


def _as_english(n: int) -> Category:
    return "one" if n == 1 else "other"


def _as_french(n: int) -> Category:
    return "one" if n in (0, 1) else "other"


def _as_icelandic(n: int) -> Category:
    return "one" if n % 10 == 1 and n % 100 != 11 else "other"


def _as_czech(n: int) -> Category:
    return "one" if n == 1 else "few" if 2 <= n <= 4 else "other"


def _as_polish(n: int) -> Category:
    return "one" if n == 1 else "few" if _ends_in_2_to_4(n) else "many"


def _as_ukrainian(n: int) -> Category:
    return "one" if n % 10 == 1 and n % 100 != 11 else "few" if _ends_in_2_to_4(n) else "many"


def _as_croatian(n: int) -> Category:
    return "one" if n % 10 == 1 and n % 100 != 11 else "few" if _ends_in_2_to_4(n) else "other"


def _as_slovenian(n: int) -> Category:
    last: dict[int, Category] = {1: "one", 2: "two", 3: "few", 4: "few"}
    return last.get(n % 100, "other")


def _as_lithuanian(n: int) -> Category:
    if 11 <= n % 100 <= 19 or n % 10 == 0:
        return "other"
    return "one" if n % 10 == 1 else "few"


def _as_latvian(n: int) -> Category:
    if n % 10 == 0 or 11 <= n % 100 <= 19:
        return "zero"
    return "one" if n % 10 == 1 else "other"


def _as_romanian(n: int) -> Category:
    return "one" if n == 1 else "few" if n == 0 or 1 <= n % 100 <= 19 else "other"


def _as_maltese(n: int) -> Category:
    if n in (1, 2):
        return "one" if n == 1 else "two"
    return "few" if n == 0 or 3 <= n % 100 <= 10 else "many" if 11 <= n % 100 <= 19 else "other"


def _as_irish(n: int) -> Category:
    if n in (1, 2):
        return "one" if n == 1 else "two"
    return "few" if 3 <= n <= 6 else "many" if 7 <= n <= 10 else "other"


def _as_arabic(n: int) -> Category:
    first: dict[int, Category] = {0: "zero", 1: "one", 2: "two"}
    if n in first:
        return first[n]
    return "few" if 3 <= n % 100 <= 10 else "many" if 11 <= n % 100 <= 99 else "other"


def _ends_in_2_to_4(n: int) -> bool:
    return 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14


_RULES: Final[dict[str, Callable[[int], Category]]] = {
    "ar": _as_arabic,
    "bs": _as_croatian,
    "cs": _as_czech,
    "fr": _as_french,
    "ga": _as_irish,
    "hr": _as_croatian,
    "is": _as_icelandic,
    "lt": _as_lithuanian,
    "lv": _as_latvian,
    "mt": _as_maltese,
    "pl": _as_polish,
    "pt": _as_french,
    "ro": _as_romanian,
    "ru": _as_ukrainian,
    "sk": _as_czech,
    "sl": _as_slovenian,
    "sr": _as_croatian,
    "uk": _as_ukrainian,
}
