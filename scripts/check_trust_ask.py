#!/usr/bin/env python3
"""Asks a registry for pre-checks and saves requests and answers as they were sent and received.

    check_trust_ask.py URL KEY FOLDER NAME

Called by scripts/check-trust. The requests are laid out as no program writes them.
"""
import json
import pathlib
import sys
import urllib.request

REQUESTS = [
    '{"direction":"outgoing","beneficiary":{"jurisdiction":"SG"}}',
    '{ "transfer": {"fiat": {"currency": "EUR", "amount": "1000"}},\n\t"direction": "out\\u0067oing", "beneficiary": {"vasp": "5299005V5GBSN2A4C303"}}',
    '{"beneficiary":{"network":"bitcoin","address":"1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s"},"direction":"outgoing"}',
    '{"beneficiary":{"network":"eip155:1","address":"0x00000000000000000000000000000000000000a1","declared":{"kind":"self_hosted","own_wallet":true}},"direction":"outgoing"}',
    '{"direction":"incoming","originator":{"jurisdiction":"CH","customer_country":"FR"},"provided_fields":["originator.name"]}',
]


def main():
    url, key, folder, name = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
    for number, text in enumerate(REQUESTS):
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{url}/v1/prechecks?view=full", text.encode(), headers), timeout=30) as answer:
            body = answer.read()
        assert json.loads(body)["receipt"], body
        (folder / f"{name}-{number}.request.json").write_text(text)
        (folder / f"{name}-{number}.answer.json").write_bytes(body)
    with urllib.request.urlopen(f"{url}/.well-known/jwks.json", timeout=30) as answer:
        (folder / "jwks.json").write_bytes(answer.read())


main()
