"""Every script that a node serves, by its path: each site's, every build ever served, and what is pinned to one."""

from collections.abc import Iterator, Mapping

from askfirst.core.packed_config import fetches_settings
from askfirst.core.site_config import config_json, site_config
from askfirst.core.slim_config import slim_config
from askfirst.snippet_files import Snippet
from askfirst.texts import script_words
from askfirst.usecases.directory import Directory
from askfirst.web.scripts import JSON, NAMED_BY_DIGEST, NAMED_BY_SITE, Script, script


class SiteScripts(Mapping[str, Script]):
    """The scripts of one state of the catalogue.

    Those of `before` whose text is the same are taken over as they are: compressing takes its time. What is pinned to
    a policy and a build is made when it is first asked for; both have to be known, so there is an end to it.
    """

    def __init__(self, directory: Directory, snippet: Snippet, public_url: str, before: Mapping[str, Script]) -> None:
        """Make the scripts that pages ask for."""
        self._directory = directory
        self._public_url = public_url
        self._scripts: dict[str, Script] = {}
        for key, site in directory.sites.items():
            if site.current is None or site.site.disabled_at is not None:
                continue
            policy, parts = site.current.policy, snippet.parts(site.current.policy)
            build = snippet.digest(parts)
            for language in policy.languages:
                words = script_words(language)
                config = site_config(
                    policy,
                    language,
                    service_url=public_url,
                    policy_digest=site.current.digest,
                    build_digest=build,
                    words=words,
                )
                told = slim_config(config, words.embed.failed)
                text = snippet.page_script(parts, told)
                self._serve(f"/s/{key}/{language}.js", text, NAMED_BY_SITE, before)
            self._scripts[f"/s/{key}.js"] = self._scripts[f"/s/{key}/{policy.languages[0]}.js"]
        for file, code in snippet.later.items():
            self._serve(f"/f/{file}.js", code.encode(), NAMED_BY_DIGEST, before)
            # For pages whose site script is that of an earlier release for a while.
            self._serve(f"/f/{file.partition('-')[0]}.js", code.encode(), NAMED_BY_SITE, before)
        for builds in directory.builds.values():
            for digest, text in builds.items():
                self._serve(f"/b/{digest}.js", text, NAMED_BY_DIGEST, before)

    def _serve(self, path: str, text: bytes, cache: bytes, before: Mapping[str, Script]) -> None:
        ready = before.get(path)
        self._scripts[path] = ready if ready and ready.plain.body == text else script(text, cache=cache)

    def __getitem__(self, path: str) -> Script:
        """Return the script of a path, or what is pinned there; KeyError for any other."""
        if path not in self._scripts and path.startswith("/c/"):
            self._scripts[path] = script(self._pinned(path), cache=NAMED_BY_DIGEST, media_type=JSON)
        return self._scripts[path]

    def __iter__(self) -> Iterator[str]:
        """Go through the paths."""
        return iter(self._scripts)

    def __len__(self) -> int:
        """Count them."""
        return len(self._scripts)

    def _pinned(self, path: str) -> bytes:
        _, _, key, digest, build, name = path.split("/") if path.count("/") == 5 else [""] * 6
        site, language = self._directory.sites.get(key), name.removesuffix(".json")
        live = site.policies.get(digest) if site and site.site.disabled_at is None else None
        if site is None or live is None or language not in live.policy.languages or not name.endswith(".json"):
            raise KeyError(path)
        text = self._directory.builds.get(site.site.log_id, {}).get(build)
        if text is None:
            raise KeyError(path)
        return config_json(
            site_config(
                live.policy,
                language,
                service_url=self._public_url,
                policy_digest=digest,
                build_digest=build,
                words=script_words(language),
                switches=fetches_settings(text),
            )
        )
