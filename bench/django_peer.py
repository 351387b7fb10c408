"""django-cookie-consent as a website's server asks it: a group of cookies in its table, which it keeps in Django's cache."""

import io
from collections.abc import Callable

import django
from django.conf import settings

PURPOSE = "measurement"


def peer_check() -> tuple[Callable[[str], bool], str]:
    """Return the check, which takes a raw Cookie header and says whether measurement was accepted, and a header that it
    accepts. Called once: Django is set up a single time in a process."""
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=["cookie_consent"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        SECRET_KEY="bench",
        USE_TZ=True,
    )
    django.setup()
    from cookie_consent.models import Cookie, CookieGroup
    from cookie_consent.util import get_cookie_value_from_request
    from django.core.handlers.wsgi import WSGIRequest
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    group = CookieGroup.objects.create(varname=PURPOSE, name="Measurement")
    Cookie.objects.create(cookiegroup=group, name="_m")
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": io.BytesIO()}

    def accepted(header: str) -> bool:
        request = WSGIRequest({**environ, "HTTP_COOKIE": header})
        return get_cookie_value_from_request(request, PURPOSE) is True

    return accepted, f"cookie_consent={PURPOSE}={group.get_version()}"
