"""Hand out a record's statement and its proof bundle, to programs and to people alike."""

import json
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from askfirst.core.errors import InvalidQuery
from askfirst.usecases.proof_documents import ENDINGS, LANGUAGES, proof_document, proof_page
from askfirst.usecases.proofs import record_bundle
from askfirst.usecases.statements import FORMS, make_statement
from askfirst.web.live import Live
from askfirst.web.staff_routes import Actor

_TYPES: Final = {"html": "text/html", "json": "application/json", "text": "text/plain"}
# A bundle is somebody's file, and not a page of this service: opened here it would be one of another origin.
_FILE: Final = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}


def read_choice(request: Request, **known: tuple[str, ...]) -> dict[str, str]:
    """Return each parameter's value, the first of its `known` ones where it is not given.

    Raises InvalidQuery for unknown parameters, repeated ones, and other values.
    """
    faults: list[tuple[str, str]] = []
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            faults.append((name[:64], f"is not one of {', '.join(known)}"))
        elif name in given:
            faults.append((name, "is given twice"))
        elif value not in known[name]:
            faults.append((name, f"must be one of {', '.join(known[name])}"))
        else:
            given[name] = value
    if faults:
        raise InvalidQuery(faults)
    return {name: given.get(name, values[0]) for name, values in known.items()}


def statement_response(live: Live, actor: Actor, record: str, form: str, *, keep: bool = False) -> Response:
    """Return a record's statement as JSON-LD; `keep`: as a file. Raises like `make_statement`."""
    statement = _statement(live, actor, record, form)
    headers = {"Content-Disposition": f'attachment; filename="{record}.{form}.jsonld"'} if keep else {}
    body = json.dumps(statement, ensure_ascii=False, indent=2)
    return Response(body, media_type="application/ld+json", headers={**_FILE, **headers})


def bundle_bytes(live: Live, actor: Actor, record: str, form: str, language: str = LANGUAGES[0]) -> bytes:
    """Return a record's proof bundle in one of `ENDINGS`. Raises like `record_bundle` and `proof_document`."""
    if form == "text":
        return record_bundle(live.ledger, actor.log_id, record, actor.sites)
    document = proof_document(
        live.directory,
        live.ledger,
        actor.log_id,
        record,
        actor.sites,
        statement=_statement(live, actor, record, FORMS[0]),
        signer=live.current.statement_signers[actor.log_id],
    )
    return document if form == "json" else proof_page(document, record, language)


def bundle_response(record: str, form: str, data: bytes) -> Response:
    """Return a proof bundle as a file to keep."""
    disposition = f'attachment; filename="{record}.{ENDINGS[form]}"'
    return Response(data, media_type=_TYPES[form], headers={**_FILE, "Content-Disposition": disposition})


def _statement(live: Live, actor: Actor, record: str, form: str) -> dict[str, object]:
    return make_statement(
        live.directory,
        live.ledger,
        live.records,
        live.forgetting,
        actor.log_id,
        record,
        actor.sites,
        public_url=live.public_url,
        now=live.clock(),
        form=form,
    )
