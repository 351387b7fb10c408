"""Consent in Django: `askfirst_sdk.django` among INSTALLED_APPS, its middleware, and the setting ASKFIRST.

`ASKFIRST` is a dictionary with what `Askfirst` takes (`site`, `service_url`, ...), and, all optional: `mount` (a
dictionary with what `Mount` takes, such as `token`), `inject` (HTML by purpose), `region` (a function of the request).
"""

from .site import askfirst, consent_of, page_of

__all__ = ["askfirst", "consent_of", "page_of"]
