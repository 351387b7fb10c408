"""What the addresses of pictures say about themselves in the OpenAPI document."""

from typing import Final

from askfirst.web.operations import Answer, Operation, Parameter, json_answer, ref
from askfirst.web.policy_operations import NUMBER, SITE

_TAG: Final = "policies"
_DIGEST: Final = Parameter("digest", {"type": "string", "pattern": "^[0-9a-f]{64}$"}, "A picture's SHA-256.")

LIST_PICTURES: Final = Operation(
    "listPictures",
    "List the pictures that were taken of one version's banner, newest first.",
    _TAG,
    json_answer("The renderings, each with its manifest (formats.md, 12).", ref("Renderings")),
    path=(SITE, NUMBER),
    problems=("unknown-site",),
)
TAKE_PICTURES: Final = Operation(
    "takePictures",
    "Take pictures of one version's banner: both layers in each language.",
    _TAG,
    json_answer("The rendering: 201, or 200 where the very same pictures were there.", ref("Rendering")),
    path=(SITE, NUMBER),
    problems=("unknown-site", "unavailable"),
    status=201,
    also=(200,),
)
READ_PICTURE: Final = Operation(
    "readPicture",
    "Read one picture.",
    _TAG,
    Answer("A PNG, whose bytes are those of its digest.", {"image/png": {"type": "string", "format": "binary"}}),
    path=(SITE, NUMBER, _DIGEST),
    problems=("unknown-site",),
)
