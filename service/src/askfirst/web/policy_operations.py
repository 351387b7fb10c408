"""What the addresses of policies say about themselves in the OpenAPI document."""

from typing import Any, Final

from askfirst.core.rules import BY_ID
from askfirst.web.api_schemas import REASON, SITE_KEY
from askfirst.web.operations import Operation, Parameter, json_answer, ref

_TAG: Final = "policies"
SITE: Final = Parameter("site", SITE_KEY, "A site's key.")
_NUMBER_FORM: Final[dict[str, Any]] = {"type": "integer", "minimum": 1, "maximum": 1_000_000}
NUMBER: Final = Parameter("number", _NUMBER_FORM, "A policy's number.")
_EXPECT_FORM: Final[dict[str, Any]] = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
# /schema/site-file/1 says the rest; a form of its own here would be a second truth.
_FILE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A site file, as /schema/site-file/1 has it. It may be sent as application/yaml too.",
}

LIST: Final = Operation(
    "listPolicies",
    "List what a site ever published, newest first.",
    _TAG,
    json_answer("The versions, without their content.", ref("Policies")),
    path=(SITE,),
    problems=("unknown-site",),
)
READ: Final = Operation(
    "readPolicy",
    "Read one version of a site's policy.",
    _TAG,
    json_answer("The version with its content.", ref("WholePolicy")),
    path=(SITE, NUMBER),
    problems=("unknown-site",),
)
CHECK: Final = Operation(
    "checkSiteFile",
    "Hold a site file against every rule. Nothing is published.",
    _TAG,
    json_answer("What was found: errors, warnings and notes, with line and column.", ref("Findings")),
    path=(SITE,),
    body=_FILE,
    problems=("unknown-site", "invalid-site-file"),
)
DIFF: Final = Operation(
    "compareSiteFile",
    "Tell what differs between a policy and a site file, and who would be asked again.",
    _TAG,
    json_answer("The changes, by what they mean.", ref("Differences")),
    path=(SITE,),
    query=(Parameter("number", _NUMBER_FORM, "The policy to compare with; the current one without it."),),
    body=_FILE,
    problems=("unknown-site", "invalid-site-file"),
)
PUBLISH: Final = Operation(
    "publishPolicy",
    "Publish a site file as the site's next policy.",
    _TAG,
    json_answer("The policy: 201, or 200 where the newest one says the very same.", ref("Published")),
    path=(SITE,),
    query=(
        Parameter("reason", REASON, "Why, in words; it becomes part of the ledger.", needed=True),
        Parameter("expect", _EXPECT_FORM, "Number of the policy that the file was made from, 0 for none."),
        Parameter("ask_again", {"type": "boolean"}, "Ask everybody again, whatever differs."),
        Parameter(
            "override",
            {"type": "array", "items": {"enum": sorted(BY_ID)}, "maxItems": 20},
            "Rules whose errors do not stop it; owners only.",
        ),
    ),
    body=_FILE,
    problems=("unknown-site", "invalid-site-file", "unlawful-policy", "policy-conflict"),
    status=201,
    also=(200,),
    headers={"Location": {"type": "string"}},
)
