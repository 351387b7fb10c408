"""The databases that Askfirst runs on."""

DATABASES = ("sqlite", "postgresql")
