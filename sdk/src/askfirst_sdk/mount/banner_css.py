"""How the banner and the settings page look where they are HTML: one file, which a strict content policy allows."""

import re
from collections.abc import Mapping

__all__ = ["banner_css"]

_COLOURS = ("paper", "ink", "quiet", "line", "accent", "button", "button-ink")
_LIGHT = {"paper": "#ffffff", "ink": "#1c1b19", "quiet": "#5c5a54", "line": "#dedbd4", "accent": "#1d4fd7"}
_DARK = {"paper": "#1f1e1c", "ink": "#f3f1ec", "quiet": "#b6b3ab", "line": "#44423d", "accent": "#a5bdff"}
# What a published policy may say was checked when it was published; checked again, since it goes into a style sheet.
_VALUE = re.compile(r"[A-Za-z0-9#.,%' _-]{1,64}")

_SHEET = """
/* The banner is laid out as the script's own (snippet/src/style.css), so that nothing moves when that takes it over. */
[data-askfirst="banner"],
.askfirst-page {
  box-sizing: border-box;
  font-size: max(15px, 0.9375rem);
  line-height: 1.5;
  color: var(--askfirst-ink);
  background: var(--askfirst-paper);
  color-scheme: light dark;
}
[data-askfirst="banner"] {
  position: fixed;
  inset: auto 0 0;
  z-index: 2147483646;
  display: flex;
  flex-wrap: wrap;
  gap: 16px 48px;
  align-items: center;
  justify-content: space-between;
  max-width: min(1160px, 100% - 24px);
  max-height: calc(100vh - 24px);
  overflow: auto;
  margin: 12px auto;
  padding: 24px;
  border: 1px solid var(--askfirst-line);
  border-radius: var(--askfirst-radius);
  box-shadow: 0 4px 32px #0003;
  font-family: var(--askfirst-font, inherit);
}
[data-askfirst="banner"] div {
  flex: 24em;
  max-width: 68ch;
}
[data-askfirst="banner"] p {
  margin: 0;
}
[data-askfirst="banner"] p + p {
  margin-top: 4px;
  font-size: 0.87em;
  color: var(--askfirst-quiet);
}
/* Side by side, and one above the other where their words are too long for that. */
[data-askfirst="banner"] form,
.askfirst-page .choices {
  display: flex;
  flex-wrap: wrap;
  gap: 8px 12px;
}
[data-askfirst="banner"] button,
.askfirst-page .choices button {
  flex: 1 40%;
}
[data-askfirst="banner"] form {
  width: 20em;
  max-width: 100%;
  margin: 0;
}
.askfirst-page .choices {
  margin: 16px 0 0;
}
[data-askfirst="banner"] a,
[data-askfirst="banner"] button,
.askfirst-page button {
  box-sizing: border-box;
  min-height: 44px;
  margin: 0;
  padding: 8px 20px;
  border: 1px solid transparent;
  border-radius: var(--askfirst-radius);
  background: var(--askfirst-button);
  font: inherit;
  text-align: center;
  color: var(--askfirst-button-ink);
  cursor: pointer;
}
[data-askfirst="banner"] a,
.askfirst-page .choices button.save {
  flex: 100%;
  border-color: var(--askfirst-quiet);
  background: none;
  color: inherit;
}
[data-askfirst="banner"] a {
  text-decoration: none;
}
.askfirst-page a {
  color: inherit;
  text-underline-offset: 4px;
}
[data-askfirst="banner"] :focus-visible,
.askfirst-page :focus-visible {
  outline: 3px solid var(--askfirst-accent);
  outline-offset: 2px;
}
@media print {
  [data-askfirst="banner"] {
    display: none;
  }
}
.askfirst-page {
  margin: 0;
  padding: 32px 16px 48px;
  font-family: var(--askfirst-font, system-ui, sans-serif);
}
.askfirst-page main {
  max-width: 44rem;
  margin: 0 auto;
}
.askfirst-page h1 {
  margin: 0 0 12px;
  font-size: 1.875rem;
  line-height: 1.2;
}
.askfirst-page h2 {
  margin: 0;
  font-size: max(17px, 1.0625rem);
}
.askfirst-page p {
  max-width: 68ch;
  margin: 4px 0 12px;
}
.askfirst-page .quiet {
  font-size: max(13px, 0.8125rem);
  color: var(--askfirst-quiet);
}
.askfirst-page .told {
  margin: 0 0 24px;
  padding: 12px 16px;
  border: 1px solid var(--askfirst-line);
  border-radius: var(--askfirst-radius);
}
.askfirst-page .purpose {
  padding: 16px 0;
  border-top: 1px solid var(--askfirst-line);
}
.askfirst-page .purpose > label,
.askfirst-page .purpose > div {
  display: flex;
  gap: 12px;
  justify-content: space-between;
  align-items: center;
  min-height: 44px;
}
.askfirst-page input[type="checkbox"] {
  width: 24px;
  height: 24px;
  margin: 0;
  accent-color: var(--askfirst-accent);
}
.askfirst-page summary {
  min-height: 24px;
  cursor: pointer;
}
.askfirst-page .wide {
  overflow-x: auto;
}
.askfirst-page table {
  width: 100%;
  border-collapse: collapse;
  font-size: max(13px, 0.8125rem);
}
.askfirst-page caption {
  padding: 12px 0 4px;
  text-align: start;
  font-weight: 600;
}
.askfirst-page th,
.askfirst-page td {
  padding: 8px 12px 8px 0;
  border-bottom: 1px solid var(--askfirst-line);
  text-align: start;
  vertical-align: top;
}
.askfirst-page dl {
  display: grid;
  grid-template-columns: auto 1fr;
  gap: 4px 16px;
  font-size: max(13px, 0.8125rem);
}
.askfirst-page dt {
  color: var(--askfirst-quiet);
}
.askfirst-page dd {
  margin: 0;
  overflow-wrap: anywhere;
}
.askfirst-page footer {
  margin-top: 32px;
  padding-top: 24px;
  border-top: 1px solid var(--askfirst-line);
}
""".lstrip()


def banner_css(theme: Mapping[str, str]) -> str:
    """Return the style sheet in the colours, corners and letters of a policy's theme (its members are those of the
    policy; what is not there has its default)."""
    light, dark = _scheme(theme, "", _LIGHT), _scheme(theme, "dark-", _DARK)
    font = theme.get("font", "")
    radius = theme.get("radius", "")
    # Without letters of its own the banner has those of the page it lies on.
    more = (f"  --askfirst-font: {font};\n" if _VALUE.fullmatch(font) else "") + (
        f"  --askfirst-radius: {radius if _VALUE.fullmatch(radius) else '8px'};\n"
    )
    return (
        f":root {{\n{_declared(light)}{more}}}\n"
        f"@media (prefers-color-scheme: dark) {{\n:root {{\n{_declared(dark)}}}\n}}\n{_SHEET}"
    )


def _scheme(theme: Mapping[str, str], prefix: str, defaults: Mapping[str, str]) -> dict[str, str]:
    named = {name: theme.get(prefix + name, "") for name in _COLOURS}
    colours = {name: value for name, value in named.items() if _VALUE.fullmatch(value)}
    chosen = {**defaults, **colours}
    # Both answers are filled with one colour, and without one in ink and paper.
    return {"button": chosen["ink"], "button-ink": chosen["paper"], **chosen}


def _declared(colours: Mapping[str, str]) -> str:
    return "".join(f"  --askfirst-{name}: {value};\n" for name, value in sorted(colours.items()))
