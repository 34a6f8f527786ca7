#!/usr/bin/env python3
"""Reads a registry's log over HTTP and checks all of it by the standards: none of the registry's own code.

    check_trust_log.py read URL FOLDER

Called by scripts/check-trust. Checked are the checkpoint's signature (C2SP signed-note), every tile (C2SP tlog-tiles) and entry against
the root (RFC 6962), inclusion and consistency proofs (RFC 9162), and that every public change fits its entry. The checkpoint is kept
in FOLDER: a second call demands that the log only grew since.
"""
import base64
import hashlib
import json
import pathlib
import sys
import urllib.error
import urllib.request

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\0" + entry)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def root_of(leaves):
    """RFC 6962 section 2.1."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def included(leaf, index, size, proof, root):
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistent(first, second, proof, first_root, second_root):
    """RFC 9162 section 2.1.4.2."""
    if first == second:
        return not proof and first_root == second_root
    if not proof:
        return False
    if first & (first - 1) == 0:
        proof = [first_root, *proof]
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


class Log:
    def __init__(self, url):
        self.url = url

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return answer.read()

    def json(self, path):
        return json.loads(self.get(path))

    def checkpoint(self):
        """Returns origin, size and root of a checkpoint that one of the published keys signed."""
        note = self.get("/v1/log/checkpoint").decode()
        text, signatures = note.rsplit("\n\n", 1)
        text += "\n"
        origin, size, root = text.splitlines()
        trusted = {}
        for key in self.json("/.well-known/jwks.json")["keys"]:
            if key["purpose"] != "checkpoint":
                continue
            name, identifier, encoded = key["vkey"].split("+", 2)
            raw = base64.b64decode(encoded)
            assert raw[0] == 1 and raw[1:] == base64.urlsafe_b64decode(key["x"] + "=")
            assert sha256(name.encode() + b"\n" + raw)[:4].hex() == identifier
            trusted[(name, bytes.fromhex(identifier))] = Ed25519PublicKey.from_public_bytes(raw[1:])
        held = []
        for line in signatures.splitlines():
            dash, name, encoded = line.split(" ")
            raw = base64.b64decode(encoded)
            assert dash == "\u2014" and name == origin
            key = trusted.get((name, raw[:4]))
            if key:
                key.verify(raw[4:], text.encode())
                held.append(name)
                try:
                    key.verify(raw[4:], text.replace(size, size + "0", 1).encode())
                    raise AssertionError("another size has the same signature")
                except InvalidSignature:
                    pass
        assert held, "no known key signed the checkpoint"
        return origin, int(size), base64.b64decode(root)

    @staticmethod
    def path(number):
        groups = [f"{number % 1000:03}"]
        while number >= 1000:
            number //= 1000
            groups.insert(0, f"x{number % 1000:03}")
        return "/".join(groups)

    def tiles(self, kind, count):
        """Yields the tiles of a level, or of the entries, that has so many."""
        for number in range((count + 255) // 256):
            width = min(256, count - number * 256)
            part = "" if width == 256 else f".p/{width}"
            yield self.get(f"/v1/log/tile/{kind}/{self.path(number)}{part}")

    def level(self, level, size):
        data = b"".join(self.tiles(level, size >> 8 * level))
        return [data[at:at + 32] for at in range(0, len(data), 32)]

    def entries(self, size):
        found = []
        for bundle in self.tiles("entries", size):
            at = 0
            while at < len(bundle):
                length = int.from_bytes(bundle[at:at + 2], "big")
                found.append(bundle[at + 2:at + 2 + length])
                at += 2 + length
        return found


def hashes(proof):
    return [base64.b64decode(text) for text in proof["hashes"]]


def check_changes(log, entries):
    since, count = 0, 0
    while True:
        page = log.json(f"/v1/changes?since={since}&limit=1000")
        for change in page["items"]:
            envelope = json.loads(entries[change["sequence"] - 1])
            assert envelope["audience"] == "public"
            assert all(change[name] == envelope[name] for name in envelope)
            # Payloads have no floats, so this is RFC 8785 for them as long as names are in the order of their bytes.
            payload = json.dumps(change["payload"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            assert hashlib.sha256(bytes.fromhex(change["salt"]) + payload).hexdigest() == envelope["payload_commitment"]
            count += 1
        since = page["next"]
        if not page["more"]:
            break
    public = sum(json.loads(entry)["audience"] == "public" for entry in entries)
    assert count == public, f"{count} of {public} public changes"
    return count


def main():
    log, kept = Log(sys.argv[2]), pathlib.Path(sys.argv[3]) / "checkpoint.json"
    origin, size, root = log.checkpoint()
    entries = log.entries(size)
    leaves = [leaf_hash(entry) for entry in entries]
    assert len(leaves) == size and root_of(leaves) == root
    hidden = {"sequence", "kind", "audience", "recorded_at", "payload_commitment"}
    assert all(set(json.loads(entry)) == hidden and json.loads(entry)["sequence"] == at + 1 for at, entry in enumerate(entries))
    level, below = 0, leaves
    while below:
        assert log.level(level, size) == below, f"level {level}"
        below = [root_of(below[at:at + 256]) for at in range(0, len(below) - 255, 256)]
        level += 1
    try:
        log.get(f"/v1/log/tile/0/{log.path(size // 256 + 1)}")
        raise AssertionError("a tile beyond the log")
    except urllib.error.HTTPError as error:
        assert error.code == 404
    sizes = sorted({1, 2, 3, size // 2, 255, 256, 257, 1000, size - 1, size} & set(range(1, size + 1)))
    for tree in sizes:
        for sequence in {1, 2, tree // 2 + 1, tree - 1, tree} & set(range(1, tree + 1)):
            proof = log.json(f"/v1/log/proof/inclusion?sequence={sequence}&size={tree}")
            leaf, path = leaves[sequence - 1], hashes(proof)
            assert included(leaf, sequence - 1, tree, path, root_of(leaves[:tree])), proof
            assert not included(leaf_hash(b"other"), sequence - 1, tree, path, root_of(leaves[:tree]))
        proof = hashes(log.json(f"/v1/log/proof/consistency?from={tree}&to={size}"))
        assert consistent(tree, size, proof, root_of(leaves[:tree]), root), tree
        assert not consistent(tree, size, proof, sha256(b"other"), root)
    if kept.exists():
        before = json.loads(kept.read_text())
        assert before["origin"] == origin and before["size"] < size
        proof = hashes(log.json(f"/v1/log/proof/consistency?from={before['size']}"))
        assert consistent(before["size"], size, proof, bytes.fromhex(before["root"]), root), "the log was written anew"
    kept.write_text(json.dumps({"origin": origin, "size": size, "root": root.hex()}))
    changes = check_changes(log, entries)
    print(f"check-trust: the log {origin} of {size} entries, {len(sizes)} sizes and {changes} public changes are valid")


main()
