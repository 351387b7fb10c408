"""Talk to an OpenID Connect provider: authorization code with PKCE, state and nonce (OpenID Connect Core 3.1)."""

import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from askfirst.core.errors import IdentityRefused

_TIMEOUT_S: Final = 10.0
_LEEWAY_S: Final = 60
_KEPT_S: Final = 3600  # how long what the provider says of itself is believed
# Signatures with public keys only: with a shared secret, whoever can check a token could make one.
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_AWAY: Final = "the identity provider can not be reached, or answers nonsense"


class OpenIdProvider:
    """One provider (an `IdentityProvider` of usecases.openid)."""

    def __init__(self, name: str, issuer: str, client_id: str, secret: str, redirect_uri: str, scope: str) -> None:
        """Take what the provider knows us by; it is asked for its addresses when they are needed."""
        self.name, self.issuer = name, issuer
        self._client_id, self._secret, self._redirect_uri, self._scope = client_id, secret, redirect_uri, scope
        self._metadata: tuple[float, Mapping[str, Any]] | None = None

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Return where somebody is sent to sign in."""
        uri = prepare_grant_uri(
            self._endpoint("authorization_endpoint"),
            self._client_id,
            "code",
            redirect_uri=self._redirect_uri,
            scope=self._scope,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return str(uri)

    def claims(self, code: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """Return the claims of the ID token that the provider gives for `code`, checked in every way that it can be."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        given = self._json("POST", self._endpoint("token_endpoint"), form)
        return self._checked(given.get("id_token"), nonce, given.get("access_token"))

    def _checked(self, token: object, nonce: str, access_token: object) -> Mapping[str, Any]:
        if not isinstance(token, str):
            raise IdentityRefused("the identity provider gave no ID token")
        keys = self._json("GET", self._endpoint("jwks_uri"))
        try:
            registry = JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
            read = jwt.decode(token, KeySet.import_key_set(keys), registry=registry)  # type: ignore[arg-type]
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "values": [self.issuer]},
                    "aud": {"essential": True, "value": self._client_id},
                },
                {"nonce": nonce, "client_id": self._client_id, "access_token": access_token},
            )
            claims.validate(leeway=_LEEWAY_S)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise IdentityRefused(f"the identity provider's token does not hold: {type(error).__name__}") from None
        return dict(claims)

    def _endpoint(self, name: str) -> str:
        found = self._known().get(name)
        if not isinstance(found, str):
            raise IdentityRefused(_AWAY)
        return found

    def _known(self) -> Mapping[str, Any]:
        now = time.monotonic()
        if self._metadata is None or now - self._metadata[0] > _KEPT_S:
            found = self._json("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise IdentityRefused("the identity provider calls itself by another name than the setting does")
            self._metadata = (now, found)
        return self._metadata[1]

    def _json(self, method: str, address: str, form: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        headers, sent = {"Accept": "application/json"}, dict(form) if form else None
        auth = None
        if sent is not None and self._in_header():
            # RFC 6749, 2.3.1: both are form-encoded before they are put together.
            auth = httpx.BasicAuth(quote(self._client_id, safe=""), quote(self._secret, safe=""))
        elif sent is not None:
            sent |= {"client_id": self._client_id, "client_secret": self._secret}
        try:
            with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, auth=auth) as client:
                answer = client.request(method, address, headers=headers, data=sent)
                answer.raise_for_status()
                found = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise IdentityRefused(_AWAY) from None
        if not isinstance(found, dict):
            raise IdentityRefused(_AWAY)
        return found

    def _in_header(self) -> bool:
        known = self._known().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return not isinstance(known, list) or "client_secret_basic" in known
