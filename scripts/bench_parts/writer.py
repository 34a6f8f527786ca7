#!/usr/bin/env python3
"""How long others wait while a member imports many claims. Asks a running server: first alone, then beside the import, in turns.

    scripts/bench_parts/writer.py http://127.0.0.1:8480 --importer KEY --writer KEY --gateway KEY [--rows 95000] [--rounds 3]

KEY is a file with an API key: of the member that imports, of another member that claims one address after the other, and of a gateway that
records pre-checks. The pre-check is the one in --precheck FILE (JSON). Writes a table to standard output. Exit code 1 if a write took more
than 500 ms or a recorded pre-check more than 200 ms beside the import."""

import argparse, http.client, json, random, sys, threading, time
from pathlib import Path
from urllib.parse import urlsplit

# Milliseconds that nobody may wait beside the import.
LIMITS = {"claim": 500, "pre-check": 200}


class Caller:
    def __init__(self, url, key):
        self.at, self.key = urlsplit(url), Path(key).read_text().strip()
        self.connection = http.client.HTTPConnection(self.at.hostname, self.at.port, timeout=600)

    def post(self, path, media, body):
        headers = {"authorization": f"Bearer {self.key}", "content-type": media, "idempotency-key": f"{random.getrandbits(128):x}"}
        began = time.monotonic()
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{path}: {answer.status} {text[:300]!r}")
        return (time.monotonic() - began) * 1000, text


def address():
    return f"0x{random.getrandbits(160):040x}"


def import_file(rows):
    lines = [f"eip155:1,{address()},,deposit,\n" for _ in range(rows)]
    return "network,address,memo,role,expires_at\n" + "".join(lines)


def keep_asking(caller, path, body, waits, done):
    while not done.is_set():
        waits.append(caller.post(path, "application/json", json.dumps(body()))[0])


def waits_during(options, work):
    """Runs `work` while others write, and returns how long each of their requests took."""
    claim = lambda: {"network": "eip155:1", "address": address(), "role": "hot"}
    asked = json.loads(Path(options.precheck).read_text())
    found, done = {"claim": [], "pre-check": []}, threading.Event()
    asking = [("claim", options.writer, "/v1/claims", claim), ("pre-check", options.gateway, "/v1/prechecks", lambda: asked)]
    threads = [threading.Thread(target=keep_asking, args=(Caller(options.url, key), path, body, found[name], done), daemon=True)
               for name, key, path, body in asking]
    for thread in threads:
        thread.start()
    work()
    done.set()
    for thread in threads:
        thread.join()
    return found


def row(name, when, waits):
    waits = sorted(waits)
    at = lambda part: waits[min(len(waits) - 1, int(len(waits) * part))]
    return f"| {name} | {when} | {len(waits)} | {at(0.5):.1f} | {at(0.99):.1f} | {waits[-1]:.1f} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    for who in ("importer", "writer", "gateway", "precheck"):
        parser.add_argument(f"--{who}", required=True, metavar="FILE")
    parser.add_argument("--rows", type=int, default=95_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    quiet, beside, took = {"claim": [], "pre-check": []}, {"claim": [], "pre-check": []}, []
    importer = Caller(options.url, options.importer)
    for _ in range(options.rounds):
        file = import_file(options.rows)
        found = waits_during(options, lambda: took.append(importer.post("/v1/claims/import", "text/csv", file)[0]))
        for name, waits in found.items():
            beside[name].extend(waits)
        for name, waits in waits_during(options, lambda: time.sleep(took[-1] / 1000)).items():
            quiet[name].extend(waits)
    print(f"{options.rounds} imports of {options.rows:,} rows: " + ", ".join(f"{ms / 1000:.1f} s" for ms in took) + "\n")
    print("| request | when | number | p50 ms | p99 ms | longest ms |\n|---|---|---|---|---|---|")
    for name in LIMITS:
        print(row(name, "alone", quiet[name]))
        print(row(name, "beside the import", beside[name]))
    return 1 if any(max(beside[name]) > most for name, most in LIMITS.items()) else 0


if __name__ == "__main__":
    sys.exit(main())
