#!/usr/bin/env python3
"""An HTTP server that replays what a case of cases.json scripts: what the real registry cannot be made to do on demand.

    server.py            prints its URL, and ends when its standard input is closed

`POST /RUN/CASE/_script` sets the script of a case, `GET /RUN/CASE/_requests` returns what was received, and any other request under
`/RUN/CASE` takes the next answer. It shares no code with a client.
"""

import base64
import copy
import hashlib
import json
import pathlib
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ISSUER = "https://registry.example.org"
ISSUED_AT = 1780315200  # 2026-06-01T12:00:00Z, the time at which scripted cases begin
# Test keys, each from a seed that everybody knows.
KEYS = {name: Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()) for name in ("one", "two", "stranger")}
CASES, LOCK = {}, threading.Lock()
BODIES = json.loads(pathlib.Path(__file__).with_name("cases.json").read_text())["bodies"]


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def whole(value):
    """`{"$body": NAME, …}` is the body of that name but for the members that stand beside it."""
    if isinstance(value, list):
        return [whole(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {**BODIES.get(value.get("$body"), {}), **{name: whole(member) for name, member in value.items() if name != "$body"}}


def digest(value):
    return "sha256:" + hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def published(name):
    """One key of a JWKS. `one` was replaced 30 minutes before the cases begin where the script says `one:replaced`."""
    name, _, state = name.partition(":")
    key = {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": name, "purpose": "receipt", "nbf": ISSUED_AT - 3600}
    key["x"] = base64url(KEYS[name].public_key().public_bytes_raw())
    return {**key, "exp": ISSUED_AT - 1800} if state == "replaced" else key


def signed(answer, request, how):
    """Puts a receipt into a copy of the verdict, with what `how` makes wrong."""
    answer = {name: value for name, value in answer.items() if name not in ("receipt", "evidence")}
    claims = {
        "iss": ISSUER,
        "iat": ISSUED_AT,
        "precheck_id": answer["id"],
        "request_digest": digest(how.get("request", request)),
        "environment": answer.get("environment"),
        "verdict_digest": digest(answer),
        "recommendation": answer["recommendation"],
        "sequence": answer["directory"]["sequence"],
        "checkpoint": {"size": answer["directory"]["sequence"], "root": "AAAA"},
        **how.get("claims", {}),
    }
    header = {"alg": "EdDSA", "kid": how.get("kid", how["key"]), "typ": "precheck-receipt+jwt", **how.get("header", {})}
    text = f"{base64url(json.dumps(header).encode())}.{base64url(json.dumps(claims).encode())}"
    signature = KEYS[how["key"]].sign(text.encode())
    return {**answer, **how.get("afterwards", {}), "receipt": f"{text}.{base64url(signature)}"}


def answered(script, request):
    """The body of an answer: `json` as it stands or `text`; `sign` signs it; `each` makes one result for each item received."""
    if "text" in script:
        return script["text"].encode()
    if "each" in script:
        items = next(value for value in request.values() if isinstance(value, list))
        results = []
        for number, item in enumerate(items):
            result = copy.deepcopy(script["each"])
            if "subject" in item:
                result["subject"]["value"] = item["subject"]
            if "sign" in script:
                result["id"] += f"_{item['beneficiary']['memo']}"
                result = signed(result, item, script["sign"])
            results.append(script.get("except", {}).get(str(number), result))
        return json.dumps({"results": results[: script.get("only")]}).encode()
    body = script.get("json")
    return json.dumps(signed(body, request, script["sign"]) if "sign" in script else body).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are written one after the other

    def do(self):
        _, run, case, path = self.path.split("/", 3)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if path == "_script":
            with LOCK:
                CASES[run, case] = {**whole(json.loads(body)), "requests": []}
            return self.answer(200, {}, b"{}")
        with LOCK:
            state = CASES[run, case]
            if path == "_requests":
                return self.answer(200, {}, json.dumps(state["requests"]).encode())
            request = json.loads(body) if body else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            state["requests"].append({"method": self.command, "path": "/" + path, "headers": headers, "body": request})
            if path == ".well-known/jwks.json":
                keys = state["jwks"].pop(0) if len(state["jwks"]) > 1 else state["jwks"][0]
                published_keys = keys if isinstance(keys, str) else {"keys": [published(name) for name in keys]}
                return self.answer(200, {}, json.dumps(published_keys).encode())
            if not state["answers"]:
                return self.answer(599, {}, b"no further answer is scripted")
            script = state["answers"].pop(0)
        if "hang_seconds" in script:
            time.sleep(script["hang_seconds"])
        if script.get("cut"):
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{")
            self.close_connection = True
            return None
        problem = script.get("status", 200) >= 400 and "json" in script
        kind = "application/problem+json" if problem else "application/json"
        return self.answer(script.get("status", 200), {"content-type": kind, **script.get("headers", {})}, answered(script, request))

    def answer(self, status, headers, body):
        try:
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body)), "x-request-id": "req_scripted"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # the client left, as it should where the script is slow

    do_GET = do_POST = do_PUT = do_DELETE = do

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
