"""The npm package: what is in it, what its types say, and that a website's own bundle with it asks and releases."""

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.snippet.stub import Stub

ROOT = Path(__file__).parents[3]
SNIPPET = ROOT / "snippet"

CONSUMER = """import { type Askfirst, configOf, start } from "askfirst";

const from: { service: string; site: string } = { service: "{service}", site: "demo" };
const begun: Askfirst = await start(from);
begun.on("decision", (decision) => {
  const granted: boolean | undefined = decision?.purposes["measurement"];
  document.title = `measurement: ${granted}`;
});
// @ts-expect-error there is no such event
begun.on("consent", () => {});
// @ts-expect-error a site is needed
if (begun.allows("never")) start({ service: "" });
(window as { configOf?: unknown }).configOf = configOf;
"""


def node(*arguments: str, cwd: Path = SNIPPET) -> str:
    """Run a program of Node's and return what it printed."""
    done = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A website's folder with the packed package installed, as `npm install` leaves it, and a script that imports it."""
    folder = tmp_path_factory.mktemp("website")
    packed = json.loads(node("npm", "pack", "--json", "--loglevel=error", f"--pack-destination={folder}"))
    listed = packed[0] if isinstance(packed, list) else next(iter(packed.values()))
    (folder / "packed.json").write_text(json.dumps(listed))
    target = folder / "node_modules" / "askfirst"
    target.mkdir(parents=True)
    node("tar", "xzf", str(folder / listed["filename"]), "--strip-components=1", "-C", str(target), cwd=folder)
    (folder / "page.ts").write_text(CONSUMER, encoding="utf-8")
    return folder


def packed(website: Path) -> dict[str, Any]:
    """Return what npm says of the package."""
    told: dict[str, Any] = json.loads((website / "packed.json").read_text())
    return told


def test_it_holds_modules_types_readme_and_licence_and_nothing_else(website: Path) -> None:
    """No sources, no tests, no configuration; every file that is named is there."""
    files = {file["path"] for file in packed(website)["files"]}
    manifest = json.loads((website / "node_modules/askfirst/package.json").read_text())
    entry = manifest["exports"]["."]

    assert {"package.json", "README.md", "LICENSE"} == {file for file in files if not file.startswith("dist/")}
    assert {entry["import"].removeprefix("./"), entry["types"].removeprefix("./")} <= files
    assert {".js", ".ts"} == {Path(file).suffix for file in files if file.startswith("dist/")}
    assert all(file.endswith(".d.ts") for file in files if file.endswith(".ts"))
    assert "dependencies" not in manifest


def test_its_version_is_that_of_the_service(website: Path) -> None:
    """A record names the build of the service; the two are the same code in the same version."""
    service = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    assert ("askfirst", service) == (packed(website)["name"], packed(website)["version"])


def test_its_types_hold(website: Path) -> None:
    """What a website writes against it is checked, both what is right and what is not."""
    options = ["--noEmit", "--strict", "--target", "ES2022", "--lib", "ES2022,DOM"]
    tsc = str(SNIPPET / "node_modules/typescript/bin/tsc")
    for resolution in (["--module", "nodenext"], ["--module", "esnext", "--moduleResolution", "bundler"]):
        (website / "package.json").write_text('{"type": "module"}')
        node("node", tsc, *options, *resolution, "page.ts", cwd=website)


def test_it_may_be_imported_where_there_is_no_page(website: Path) -> None:
    """On a server the import is harmless and the call is refused."""
    code = "import('askfirst').then(({ start }) => start({ service: '', site: '' })).catch(e => console.log(e.message))"

    assert "there is no page here\n" == node("node", "-e", code, cwd=website)


def bundle(website: Path, stub: Stub) -> None:
    """Bundle the website's script as its developers would, and put it into the page in the place of the line."""
    (website / "page.ts").write_text(CONSUMER.replace("{service}", stub.service), encoding="utf-8")
    esbuild = str(SNIPPET / "node_modules/esbuild/bin/esbuild")
    options = ["--bundle", "--format=esm", "--minify", "--log-level=error", "--outfile=out.js"]
    node(esbuild, "page.ts", *options, cwd=website)
    stub.pages["/bundle.js"] = (website / "out.js").read_text(encoding="utf-8")
    line = '<script async src="{service}/s/demo.js"></script>'
    for path in ("/", "/next"):
        stub.pages[path] = stub.pages[path].replace(line, '<script type="module" src="/bundle.js"></script>')


def test_a_bundle_with_it_asks_and_releases(page: Page, stub: Stub, website: Path) -> None:
    """Like the line does: banner, answer, event, held script, and the next page without a question."""
    bundle(website, stub)
    held = '<script type="text/plain" data-purpose="measurement">window.ran = true</script></body>'
    stub.pages["/"] = stub.pages["/"].replace("</body>", held)
    page.goto(stub.site)
    page.get_by_role("button", name="Accept", exact=True).click()
    page.wait_for_function("() => window.ran")
    expect(page).to_have_title("measurement: true")
    expect(page.get_by_role("status")).to_have_text("Your choice is saved.")
    page.goto(f"{stub.site}/next")
    page.wait_for_function("() => window.askfirst?.allows('measurement')")

    assert ["accept_all"] == [decision["method"] for decision in stub.decisions]


def test_a_page_that_is_only_prepared_begins_when_it_is_shown(page: Page, stub: Stub, website: Path) -> None:
    """`start` waits for the visitor and rejects nothing."""
    bundle(website, stub)
    page.add_init_script("Object.defineProperty(document, 'prerendering', { get: () => !window.seen })")
    page.goto(stub.site)
    page.wait_for_timeout(300)
    assert page.evaluate("() => window.askfirst === undefined")
    page.evaluate("() => { window.seen = true; document.dispatchEvent(new Event('prerenderingchange')) }")
    page.get_by_role("button", name="Accept", exact=True).click()

    expect(page).to_have_title("measurement: true")


def test_it_brings_the_fragments_that_the_policy_uses(page: Page, stub: Stub, website: Path) -> None:
    """As the service does: here Matomo is told, and nobody else."""
    bundle(website, stub)
    stub.use("matomo", "measurement")
    page.goto(stub.site)
    expect(page.get_by_role("button", name="Accept", exact=True)).to_be_visible()

    assert [["requireConsent"]] == page.evaluate("_paq")
    assert page.evaluate("() => window.dataLayer === undefined && window.uetq === undefined")


def test_a_policy_can_be_kept_at_build_time(page: Page, stub: Stub, website: Path) -> None:
    """What `configOf` reads is what the script is called with; another text has none."""
    bundle(website, stub)
    page.goto(stub.site)
    page.wait_for_function("() => window.configOf")

    assert stub.told() == page.evaluate("text => configOf(text)", stub.script())
    assert "this is not the script of a site" in page.evaluate(
        "() => { try { configOf('(()=>{})(null,[]);') } catch (error) { return error.message } }"
    )
