"""The application, by which Django finds the template tags."""

from django.apps import AppConfig


class AskfirstConfig(AppConfig):
    """Askfirst in a Django project."""

    name: str = "askfirst_sdk.django"
    label = "askfirst"
    verbose_name: str = "Askfirst"
