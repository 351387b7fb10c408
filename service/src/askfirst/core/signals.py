"""Which other tools are told of the visitor's answer, and which purposes their own words stand for (SG-3, SG-4)."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from pydantic import Field, SerializerFunctionWrapHandler, StringConstraints, model_serializer

from askfirst.core.purposes import NECESSARY, PurposeId
from askfirst.core.regions import RegionRule
from askfirst.core.strict_model import StrictModel

# What a type stands for where the operator does not say it. A policy without such a purpose leaves the type denied.
MEASUREMENT: Final = "measurement"
MARKETING: Final = "marketing"
PREFERENCES: Final = "preferences"
_STANDARD: Final = frozenset({NECESSARY, MEASUREMENT, MARKETING, PREFERENCES})

_EventName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z][a-zA-Z0-9_.]{0,39}$")]
_Milliseconds = Annotated[int, Field(ge=0, le=10_000)]


class GoogleTypes(StrictModel):
    """The purpose behind each type of Consent Mode v2; None leaves a type denied."""

    ad_storage: PurposeId | None = MARKETING
    ad_user_data: PurposeId | None = MARKETING
    ad_personalization: PurposeId | None = MARKETING
    analytics_storage: PurposeId | None = MEASUREMENT
    functionality_storage: PurposeId | None = PREFERENCES
    personalization_storage: PurposeId | None = PREFERENCES
    security_storage: PurposeId | None = NECESSARY


class Google(StrictModel):
    """Google Consent Mode v2 and the event for tag managers that follows it.

    `wait_for_update` is how long Google's tags wait for an answer (ms). `url_passthrough` and `ads_data_redaction` are
    Google's own options. `region_defaults` also tells the modes of the policy's region rules, so that Google's tags
    begin granted where a rule says that a purpose runs without being asked for; Google finds out the place by itself.
    """

    types: GoogleTypes = GoogleTypes()
    wait_for_update: _Milliseconds = 500
    url_passthrough: bool = False
    ads_data_redaction: bool = True
    region_defaults: bool = False
    event: _EventName = "askfirst_decision"


class MicrosoftUet(StrictModel):
    """Consent of Microsoft's Universal Event Tracking; the purpose behind its one type."""

    ad_storage: PurposeId = MARKETING


class Clarity(StrictModel):
    """Consent of Microsoft Clarity (`consentv2`); the purposes behind its two types."""

    ad_storage: PurposeId | None = MARKETING
    analytics_storage: PurposeId | None = MEASUREMENT


class Matomo(StrictModel):
    """Tracking consent of Matomo: until it is given Matomo sends nothing, which cookie consent would not do."""

    purpose: PurposeId = MEASUREMENT


class Signals(StrictModel):
    """The tools that are told; one that is left out is not."""

    google: Google | None = None
    microsoft_uet: MicrosoftUet | None = None
    clarity: Clarity | None = None
    matomo: Matomo | None = None

    @model_serializer(mode="wrap")
    def _named(self, serialize: SerializerFunctionWrapHandler) -> dict[str, object]:
        # A tool that a later version knows must not be written into what is published without it.
        return {name: told for name, told in serialize(self).items() if told is not None}


def unknown_purposes(signals: Signals, known: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (member, purpose) for each purpose that a signal names and the policy does not have.

    The standard ones are no mistake where they are missing: they are what is written when nobody says anything.
    """
    named: list[tuple[str, str | None]] = []
    if signals.google is not None:
        named += [(f"signals.google.types.{name}", purpose) for name, purpose in signals.google.types]
    if signals.microsoft_uet is not None:
        named += [("signals.microsoft_uet.ad_storage", signals.microsoft_uet.ad_storage)]
    if signals.clarity is not None:
        named += [(f"signals.clarity.{name}", purpose) for name, purpose in signals.clarity]
    if signals.matomo is not None:
        named += [("signals.matomo.purpose", signals.matomo.purpose)]
    for member, purpose in named:
        if purpose is not None and purpose not in _STANDARD and purpose not in known:
            yield member, purpose


def signal_settings(signals: Signals, rules: Sequence[RegionRule]) -> dict[str, object]:
    """Return what the page's fragments have to know, by the fragment's name; plain JSON values."""
    settings: dict[str, object] = {}
    if signals.google is not None:
        settings["google"] = _google(signals.google, rules)
    if signals.microsoft_uet is not None:
        settings["microsoft_uet"] = signals.microsoft_uet.ad_storage
    if signals.clarity is not None:
        settings["clarity"] = {
            "ad_Storage": signals.clarity.ad_storage,
            "analytics_Storage": signals.clarity.analytics_storage,
        }
    if signals.matomo is not None:
        settings["matomo"] = signals.matomo.purpose
    return settings


def _google(google: Google, rules: Sequence[RegionRule]) -> dict[str, object]:
    types = google.types.model_dump()
    told: dict[str, object] = {"types": types, "wait": google.wait_for_update, "event": google.event}
    options = {name: True for name in ("url_passthrough", "ads_data_redaction") if getattr(google, name)}
    if options:
        told["set"] = options
    regions = [
        {"region": list(rule.places), "purposes": running, "since": rule.since, "until": rule.until}
        for rule in rules
        if google.region_defaults and (running := [one for one, mode in rule.modes.items() if mode != "opt_in"])
    ]
    if regions:
        told["regions"] = regions
    return told
