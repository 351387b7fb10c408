"""What a policy says about the looks of its banner, as rules for the sheet of all layers (snippet/src/style.css)."""

from typing import Final

from askfirst.core.policy import Policy

# A box stands in the corner where reading begins. A dialog takes the page away until it is answered or closed.
LAYOUTS: Final = {
    "bar": "",
    "box": ".bar{max-width:min(27em,100% - 24px);margin-inline:12px auto}",
    "dialog": (
        "dialog.bar[open]{width:34em;flex-wrap:nowrap;gap:16px;padding:24px;outline:0}.bar>*{flex:none;padding:0}"
    ),
}


def banner_style(policy: Policy) -> str:
    """Return the rules, or nothing for a bar without a theme; a theme's values are checked where it is published."""
    tokens: dict[str, list[str]] = {"light": [], "dark": [], "": []}
    font = ""
    for name, value in policy.theme.items():
        if name == "font":
            font = f"font-family:{value}"
        elif name == "radius":
            tokens[""].append(f"--radius:{value}")
        else:
            scheme = "dark" if name.startswith("dark-") else "light"
            tokens[scheme].append(f"--{name.removeprefix('dark-')}:{value}")
    style = LAYOUTS[policy.layout.first_layer]
    if font or tokens[""]:
        style += _host([*tokens[""], *([font] if font else [])])
    for scheme in ("light", "dark"):
        if tokens[scheme]:
            style += f"@media(prefers-color-scheme:{scheme}){{{_host(tokens[scheme])}}}"
    return style


def _host(declarations: list[str]) -> str:
    return f":host{{{';'.join(declarations)}}}"
