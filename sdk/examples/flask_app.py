"""A website with Flask."""

import os

from flask import Flask, render_template_string

from askfirst_sdk import Askfirst
from askfirst_sdk.flask import AskfirstExtension
from askfirst_sdk.mount import Mount

askfirst = Askfirst(site=os.environ["ASKFIRST_SITE"], service_url=os.environ["ASKFIRST_SERVICE_URL"])

app = Flask(__name__)
AskfirstExtension(askfirst, app, mount=Mount(askfirst, token=os.environ.get("ASKFIRST_TOKEN")), language=lambda: "en")


@app.get("/")
def home() -> str:
    """Show a page that measures where it may."""
    return render_template_string(
        """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
{{ askfirst.embed() }}{{ askfirst.script("measurement", src="/measure.js", attributes={"defer": True}) }}</head>
<body><h1>Shop</h1><p>Measured: {{ consent.allows("measurement") }}</p><p>{{ askfirst.settings_link() }}</p>
{{ askfirst.banner() }}</body></html>"""
    )
