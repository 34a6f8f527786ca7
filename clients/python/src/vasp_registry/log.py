"""The log of changes, checked offline: signed checkpoints (C2SP signed-note, tlog-checkpoint) and proofs of inclusion (RFC 9162)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .errors import NotVerified


@dataclass(frozen=True)
class Checkpoint:
    """The state of the log that the registry signed: `size` entries with the root hash `root`."""

    origin: str
    size: int
    root: bytes


def verify_checkpoint(note: str, jwks: Mapping[str, Any], *, at_least: Checkpoint | None = None) -> Checkpoint:
    """Checks `/v1/log/checkpoint`. `at_least` is a checkpoint that you keep: a smaller log, or another one of that size, is refused."""
    try:
        text, signatures = note.rsplit("\n\n", 1)
        origin, size, root = text.split("\n")[:3]
        found = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
        lines = [line.split(" ") for line in signatures.splitlines()]
        signed = {(name, base64.b64decode(value, validate=True)) for dash, name, value in lines if dash == "—"}
        keys = [key["vkey"].split("+", 2) for key in jwks["keys"] if key.get("purpose") == "checkpoint"]
        known = {(name, bytes.fromhex(identity)): base64.b64decode(value, validate=True) for name, identity, value in keys}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotVerified("unreadable", f"the checkpoint or the keys cannot be read ({type(error).__name__})") from None
    if len(found.root) != 32 or found.size < 0 or str(found.size) != size:
        raise NotVerified("unreadable", "the checkpoint is not one of a log of SHA-256")
    trusted = [(known[name, value[:4]], value[4:]) for name, value in signed if name == origin and (name, value[:4]) in known]
    if not trusted:
        raise NotVerified("unknown_key", "no known key signed the checkpoint")
    for key, signature in trusted:
        try:
            if key[0] != 1:  # signed-note: 1 stands for Ed25519
                raise NotVerified("unknown_key", "the checkpoint's key is not Ed25519")
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature, (text + "\n").encode())
        except (InvalidSignature, ValueError, IndexError):
            raise NotVerified("altered", "the checkpoint's signature is not the registry's") from None
    if at_least is not None:
        if found.origin != at_least.origin or found.size < at_least.size:
            raise NotVerified("too_old", "the checkpoint is older than the one that you keep, or another log's")
        if found.size == at_least.size and found.root != at_least.root:
            raise NotVerified("altered", "the log has two roots of one size")
    return found


def verify_inclusion(proof: Mapping[str, Any], checkpoint: Checkpoint) -> None:
    """Checks a proof of `/v1/log/proof/inclusion` against a checkpoint of the same size (RFC 9162 section 2.1.3.2)."""
    try:
        envelope = proof["envelope"]
        index, size = int(proof["leaf_index"]), int(proof["size"])
        hashes = [base64.b64decode(value, validate=True) for value in cast(Sequence[str], proof["hashes"])]
        found = hashlib.sha256(b"\0" + rfc8785.dumps(envelope)).digest()
        sequence = int(envelope["sequence"])
    except (KeyError, TypeError, ValueError, rfc8785.CanonicalizationError) as error:
        raise NotVerified("unreadable", f"the proof cannot be read ({type(error).__name__})") from None
    if size != checkpoint.size or index != sequence - 1 or not 0 <= index < size:
        raise NotVerified("not_included", "the proof is for another entry, or for a log of another size")
    at, last = index, size - 1
    for sibling in hashes:
        if last == 0 or len(sibling) != 32:
            raise NotVerified("not_included", "the proof is too long")
        if at & 1 or at == last:
            found = hashlib.sha256(b"\1" + sibling + found).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + sibling).digest()
        at, last = at >> 1, last >> 1
    if last != 0 or found != checkpoint.root:
        raise NotVerified("not_included", "the entry is not in the log of this checkpoint")


def verify_change(change: Mapping[str, Any], proof: Mapping[str, Any], checkpoint: Checkpoint) -> None:
    """Checks that an item of `/v1/changes` is the entry that is proven: its payload is the one that the log commits to."""
    verify_inclusion(proof, checkpoint)
    envelope = proof["envelope"]
    if any(change.get(name) != envelope[name] for name in ("sequence", "kind", "audience", "recorded_at", "payload_commitment")):
        raise NotVerified("altered", "the change is not the entry that is proven")
    if change.get("payload") is None:
        return  # erased: its commitment alone remains
    try:
        payload = rfc8785.dumps(cast(Any, change["payload"]))
        commitment = hashlib.sha256(bytes.fromhex(change["salt"]) + payload).hexdigest()
    except (KeyError, TypeError, ValueError, rfc8785.CanonicalizationError):
        raise NotVerified("unreadable", "the change has no readable salt and payload") from None
    if commitment != envelope["payload_commitment"]:
        raise NotVerified("altered", "the change's payload is not the one that the log commits to")
