"""Receipts and signing keys, checked offline: EdDSA (RFC 8037) over a compact JWS (RFC 7515), digests over JCS (RFC 8785)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .errors import NotVerified

SKEW_SECONDS = 60  # how far the clocks of a registry's nodes may differ: the registry's docs/trust.md, "Keys"


@dataclass(frozen=True)
class Receipt:
    """What a valid receipt says."""

    issuer: str
    issued_at: int
    precheck_id: str
    recommendation: str
    sequence: int
    checkpoint_size: int
    checkpoint_root: str
    kid: str


def parse_json(text: bytes | str) -> Any:
    """Reads JSON. A member that appears twice is refused, because readers would interpret it differently."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a member appears twice")
        return found

    return json.loads(text, object_pairs_hook=members)


def digest(value: object) -> str:
    """SHA-256 over the RFC 8785 form, as receipts have it."""
    return "sha256:" + hashlib.sha256(rfc8785.dumps(cast(Any, value))).hexdigest()


def from_base64url(text: str) -> bytes:
    if "=" in text:
        raise ValueError("base64url is written without padding here")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def signing_key(jwks: Mapping[str, Any], kid: str, purpose: str) -> tuple[Ed25519PublicKey, Mapping[str, Any]]:
    """Returns one key of a JWKS (RFC 7517)."""
    for key in jwks.get("keys", []):
        if key.get("kid") == kid and key.get("purpose") == purpose and key.get("crv") == "Ed25519":
            return Ed25519PublicKey.from_public_bytes(from_base64url(key["x"])), key
    raise NotVerified("unknown_key", f"no {purpose} key {kid} is known")


def verify_receipt(
    answer: Mapping[str, Any],
    jwks: Mapping[str, Any],
    *,
    evidence: Mapping[str, Any] | None = None,
    request: Mapping[str, Any] | None = None,
    issuer: str | None = None,
    sandbox: bool = False,
) -> Receipt:
    """Checks that the registry signed this verdict, and to this request. Needs no network.

    `answer` and `request` are the documents as received and as sent; `evidence` is the evidence as received, if it is not inside the
    answer; `jwks` is the registry's `/.well-known/jwks.json`. What a sandbox signed is about invented firms, and refused unless `sandbox` is set. Raises `NotVerified`.
    """
    try:
        head, body, signature = str(answer["receipt"]).split(".")
        header, claims = parse_json(from_base64url(head)), parse_json(from_base64url(body))
        if header["alg"] != "EdDSA" or header["typ"] != "precheck-receipt+jwt" or "crit" in header:
            raise NotVerified("unreadable", "the receipt is not a pre-check's")
        public_key, published = signing_key(jwks, header["kid"], "receipt")
        public_key.verify(from_base64url(signature), f"{head}.{body}".encode())
        receipt = Receipt(
            issuer=str(claims["iss"]),
            issued_at=int(claims["iat"]),
            precheck_id=str(claims["precheck_id"]),
            recommendation=str(claims["recommendation"]),
            sequence=int(claims["sequence"]),
            checkpoint_size=int(claims["checkpoint"]["size"]),
            checkpoint_root=str(claims["checkpoint"]["root"]),
            kid=str(header["kid"]),
        )
        since, until = published.get("nbf"), published.get("exp")
        rest = {name: value for name, value in answer.items() if name not in ("receipt", "evidence")}
        held = [digest(dict(one)) for one in (answer.get("evidence"), evidence) if one is not None]
        answered, asked = digest(rest), digest(dict(request)) if request is not None else None
        said = (rest["id"], rest["recommendation"], rest["directory"]["sequence"])
    except InvalidSignature:
        raise NotVerified("altered", "the receipt's signature is not the registry's") from None
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error, rfc8785.CanonicalizationError) as error:
        raise NotVerified("unreadable", f"the receipt, the answer or the keys cannot be read ({type(error).__name__})") from None
    if (since is not None and receipt.issued_at < since - SKEW_SECONDS) or (until is not None and receipt.issued_at > until + SKEW_SECONDS):
        raise NotVerified("key_not_in_use", "the key was not in use when the receipt was signed")
    if answered != claims["verdict_digest"] or said != (receipt.precheck_id, receipt.recommendation, receipt.sequence):
        raise NotVerified("altered", "the answer is not the one that was signed")
    if any(one != answer.get("evidence_digest") for one in held):
        raise NotVerified("altered", "the evidence is not the one that was signed")
    if asked is not None and asked != claims["request_digest"]:
        raise NotVerified("altered", "the answer was signed for another request")
    if issuer is not None and receipt.issuer != issuer:
        raise NotVerified("altered", "the receipt is another registry's")
    if answer.get("environment") == "sandbox" and not sandbox:
        raise NotVerified("sandbox", "a sandbox signed this receipt, and nothing in it is real")
    return receipt
