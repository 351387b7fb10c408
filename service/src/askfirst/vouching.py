"""Open the sign-in with an identity provider, as the settings name it."""

from typing import Final

from askfirst.secret_files import read_secret
from askfirst.settings import Settings
from askfirst.usecases.openid import Vouching, read_rules
from askfirst.web.console.addresses import CALLBACK
from askfirst.web.live import OpenId

_SETTING: Final = "ASKFIRST_OPENID_SECRET_FILE"


def open_id(settings: Settings) -> OpenId | None:
    """Return the sign-in that the settings name, or None. Raises ConfigurationFault for a secret that is not there."""
    if not settings.openid_issuer:
        return None
    # The libraries for it are slow to read, and most services have no such provider.
    from askfirst.identity_provider import OpenIdProvider  # noqa: PLC0415

    secret = read_secret(settings.openid_secret_file, _SETTING) if settings.openid_secret_file else ""
    provider = OpenIdProvider(
        settings.openid_name,
        settings.openid_issuer,
        settings.openid_client_id,
        secret,
        settings.public_url + CALLBACK,
        settings.openid_scope,
    )
    return OpenId(
        provider, Vouching(settings.openid_claim, read_rules(settings.openid_roles)), settings.openid_organisation
    )
