"""A website with Django, in one file."""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("DJANGO_SECRET_KEY", "only for this example"),
    USE_I18N=True,
    LANGUAGE_CODE="en",
    INSTALLED_APPS=["askfirst_sdk.django"],
    MIDDLEWARE=["askfirst_sdk.django.middleware.AskfirstMiddleware"],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["askfirst_sdk.django.context_processors.askfirst"]},
        }
    ],
    ASKFIRST={
        "site": os.environ["ASKFIRST_SITE"],
        "service_url": os.environ["ASKFIRST_SERVICE_URL"],
        "mount": {"token": os.environ.get("ASKFIRST_TOKEN")},
    },
)
django.setup()

TEMPLATE = """{% load askfirst %}<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
{% askfirst_embed %}{% askfirst_script "measurement" src="/measure.js" defer=True %}</head>
<body><h1>Shop</h1><p>Measured: {% if_consent "measurement" %}True{% else %}False{% endif_consent %}</p>
<p>{% askfirst_settings_link %}</p>
{% askfirst_banner %}</body></html>"""


def home(request: HttpRequest) -> HttpResponse:
    """Show a page that measures where it may."""
    return HttpResponse(engines["django"].from_string(TEMPLATE).render(request=request))


urlpatterns = [path("", home)]
app = get_wsgi_application()
