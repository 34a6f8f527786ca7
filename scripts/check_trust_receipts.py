#!/usr/bin/env python3
"""Checks saved answers by their receipts with PyJWT and rfc8785: none of the registry's own code.

    check_trust_receipts.py FOLDER

Called by scripts/check-trust. Ends in exit code 1 where a receipt does not hold, or an altered answer does.
"""
import hashlib
import json
import pathlib
import sys

import jwt
import rfc8785


def digest(value):
    return "sha256:" + hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def check(answer, request, keys):
    """Returns what is wrong, in words."""
    kid = jwt.get_unverified_header(answer["receipt"])["kid"]
    published = next(key for key in keys if key["kid"] == kid)
    options = {"require": ["iss", "iat"], "verify_iat": True}
    claims = jwt.decode(
        answer["receipt"], jwt.PyJWK(published).key, algorithms=["EdDSA"], issuer="https://registry.example.org", options=options
    )
    assert jwt.get_unverified_header(answer["receipt"])["typ"] == "precheck-receipt+jwt"
    assert published["purpose"] == "receipt" and published["nbf"] <= claims["iat"] + 60
    assert "exp" not in published or claims["iat"] <= published["exp"] + 60
    rest = {name: value for name, value in answer.items() if name not in ("receipt", "evidence")}
    wrong = []
    if digest(rest) != claims["verdict_digest"]:
        wrong.append("verdict")
    if "evidence" in answer and digest(answer["evidence"]) != answer["evidence_digest"]:
        wrong.append("evidence")
    if digest(request) != claims["request_digest"]:
        wrong.append("request")
    for name, said in [("recommendation", answer["recommendation"]), ("precheck_id", answer["id"]), ("sequence", answer["directory"]["sequence"])]:
        if claims[name] != said:
            wrong.append(name)
    assert claims["checkpoint"]["size"] >= claims["sequence"]
    return wrong, kid


def main():
    folder = pathlib.Path(sys.argv[1])
    keys = json.loads((folder / "jwks.json").read_text())["keys"]
    signed_by, count = set(), 0
    for path in sorted(folder.glob("*.answer.json")):
        answer = json.loads(path.read_text())
        request = json.loads(path.with_name(path.name.replace(".answer.", ".request.")).read_text())
        wrong, kid = check(answer, request, keys)
        assert not wrong, f"{path.name}: {wrong}"
        signed_by.add(kid)
        count += 1
        altered = {**answer, "recommendation": "proceed" if answer["recommendation"] != "proceed" else "hold"}
        assert check(altered, request, keys)[0] == ["verdict", "recommendation"]
        altered = {**answer, "evidence": {**answer["evidence"], "routes": ["another"]}}
        assert check(altered, request, keys)[0] == ["evidence"]
        assert check(answer, {**request, "record": True}, keys)[0] == ["request"]
        head, body, signature = answer["receipt"].split(".")
        for other in (f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body[:-4]}AAAA.{signature}"):
            try:
                check({**answer, "receipt": other}, request, keys)
            except (jwt.InvalidTokenError, json.JSONDecodeError):
                continue
            raise AssertionError(f"{path.name}: an altered receipt holds")
    assert count and len(signed_by) == 2, f"{count} answers, keys {signed_by}"
    print(f"check-trust: {count} receipts by {len(signed_by)} keys are valid for PyJWT {jwt.__version__}, and altered ones are not")


main()
