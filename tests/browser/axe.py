"""What axe-core finds in a page: WCAG 2.2 AA and its own best practices."""

from pathlib import Path

from playwright.sync_api import Page

_AXE = Path(__file__).parents[2] / "snippet" / "node_modules" / "axe-core" / "axe.min.js"


def problems(page: Page) -> list[str]:
    """Return what axe-core finds in the page as it is now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))  # fails without `npm ci` in snippet/
    found = page.evaluate(
        """async () => (await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
            .violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join(', ')}`)"""
    )
    return [str(problem) for problem in found]
