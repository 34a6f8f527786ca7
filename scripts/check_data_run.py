#!/usr/bin/env python3
"""Runs the registry on a folder of source data and compares its reports and answers with check_data.py's.

    check_data_run.py DIR BINARY SCRATCH

Called by scripts/check-data. Prints one line a check: what was compared, how much, how many differences, how long; the first
differences of each in words. Exit code 1 if there is any.
"""
import collections
import contextlib
import hashlib
import http.client
import json
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import time
import urllib.parse

import base58
from Crypto.Hash import keccak
from embit import bech32

import check_data
import check_data_lists

SHOWN = 5
BITCOIN = "bip122:000000000019d6689c085ae165831e93"
TRON = "tron:0x2b6653dc"
SOLANA = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"


class Check:
    """One line of the table."""

    failed = False

    def __init__(self, name):
        self.name, self.count, self.differences, self.started = name, 0, [], time.monotonic()

    def equal(self, what, expected, got):
        self.count += 1
        if expected != got:
            self.differences.append(f"{what}: expected {expected!r}, got {got!r}")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error:
            return
        seconds = time.monotonic() - self.started
        print(f"{self.name:<66} {self.count:>8} {len(self.differences):>6} {seconds:>7.1f} s", flush=True)
        for difference in self.differences[:SHOWN]:
            print(f"    {difference[:600]}", flush=True)
        Check.failed |= bool(self.differences) or self.count == 0


class Registry:
    """One database, and the binary to work on it."""

    def __init__(self, binary, path):
        self.binary, self.path = binary, path
        self.run("migrate --create")

    def run(self, command, *arguments, codes=(0,)):
        done = subprocess.run([self.binary, *command.split(), "--database", f"sqlite://{self.path}", *map(str, arguments)],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode not in codes:
            sys.exit(f"{command} {arguments} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def load(self, form, *files, options=()):
        """Imports files and returns their reports."""
        return json.loads(self.run("import " + form, "--json", *options, *files, codes=(0, 1)))

    def rows(self, query):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()

    @contextlib.contextmanager
    def serve(self):
        arguments = ["serve", "--listen", "127.0.0.1:0", "--public-read", "--public-rate-limit", "0", "--rate-limit", "0", "--not-found-budget", "0", "--log-level", "error", "--database"]
        with subprocess.Popen([self.binary, *arguments, f"sqlite://{self.path}"], stdout=subprocess.PIPE, text=True) as server:
            try:
                line = server.stdout.readline()
                yield Client(line.strip().removeprefix("listening on http://"))
            finally:
                server.terminate()


class Client:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address, timeout=60)

    def ask(self, method, path, body=None):
        headers = {"content-type": "application/json"} if body is not None else {}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def get(self, path, **query):
        query = {name: value for name, value in query.items() if value is not None}
        return self.ask("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def all(self, path, **query):
        cursor = None
        while True:
            status, page = self.get(path, limit=1000, cursor=cursor, **query)
            if status != 200:
                sys.exit(f"{path} {query} answered {status}: {page}")
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def resolve(self, subjects):
        """One answer a subject, asked a thousand at a time."""
        for start in range(0, len(subjects), 1000):
            status, body = self.ask("POST", "/v1/resolve", {"subjects": subjects[start:start + 1000]})
            if status != 200:
                sys.exit(f"a batch answered {status}: {body}")
            yield from body["results"]


# --- the register -----------------------------------------------------------------------------------------------------


def compare_counts(check, reports, expected):
    for report, (name, wanted) in zip(reports, expected.items(), strict=True):
        check.equal(f"{name} file", name.removesuffix(".gz"), report["file"])
        for count in ("read", "repeated"):
            check.equal(f"{name} {count}", wanted[count], report[count])
        used = sum(report[count] for count in ("taken", "unchanged", "repeated")) + len(report["rejected"])
        check.equal(f"{name} rows add up", wanted["read"], used)
        reasons = collections.Counter(own_reason(row["reason"]) for row in report["rejected"])
        check.equal(f"{name} reasons", dict(wanted["rejected"]), dict(reasons))
        members = [m for m in ("line", "column", "reason") if not wanted["rejected_rows"] or m in wanted["rejected_rows"][0]]
        got = [{m: own_reason(row[m]) if m == "reason" else row[m] for m in members} for row in report["rejected"]]
        check.equal(f"{name} rejected rows", wanted["rejected_rows"], got)


def own_reason(reason):
    """Why an address is no address is told in more words than check_data.py has."""
    coarse = ("unrecognised", "invalid_character", "wrong_length", "missing_prefix", "checksum_mismatch", "mixed_case",
              "unsupported_version", "invalid_padding", "wrong_network", "not_receivable")
    return "address_invalid" if reason in coarse else reason


def check_register(registry, snapshots, wanted):
    files = [path for _, path in snapshots]
    with Check("register: counts, reasons and lines of each snapshot") as check:
        reports = registry.load("esma-casps", *files)
        compare_counts(check, reports, {path.name: wanted[path.name][0] for path in files})
        entities = dict(registry.rows("SELECT source, entities FROM snapshots"))
        check.equal("entities", {path.name: wanted[path.name][0]["entities"] for path in files}, entities)
        check.equal("vanished", 0, sum(report["vanished"] for report in reports))
    with Check("register: the same files again change nothing") as check:
        head = registry.rows("SELECT sequence, hex(frontier) FROM log_head")
        for report in registry.load("esma-casps", *files):
            check.equal(report["file"], (0, 0), (report["taken"], report["log_changes"]))
        check.equal("log head", head, registry.rows("SELECT sequence, hex(frontier) FROM log_head"))
    return [report["sequence"] for report in reports]


def dump(registry, days):
    """Every record on each day, without what differs from database to database."""
    def plain(record):
        for member in ("id", "directory", "valid_until"):
            record.pop(member)
        for licence in record["licences"]:
            licence.pop("id")
        record["licences"].sort(key=lambda licence: licence["authority"]["id"])
        return json.dumps(record, sort_keys=True)

    with registry.serve() as client:
        ids = [item["id"] for item in client.all("/v1/vasps", kind="entity")]
        return {day: sorted(plain(client.get(f"/v1/vasps/{id}", valid_on=day)[1]) for id in ids) for day in days}


def check_order(registry, others, snapshots):
    days = [dashed(day) for day, _ in snapshots] + ["2025-01-01", None]
    expected = dump(registry, days)
    for name, other, files in others:
        with Check(f"register: imported {name}, every record on every day is the same") as check:
            other.load("esma-casps", *files)
            for day, records in dump(other, days).items():
                check.equal(f"records on {day}", len(expected[day]), len(records))
                for ours, theirs in zip(expected[day], records):
                    check.equal(f"on {day}", ours, theirs)


def dashed(day):
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


# --- what the directory says as of each snapshot ----------------------------------------------------------------------


def facts(record):
    """What a snapshot says of an entity, from check_data.py's record or from the registry's."""
    licences = record["licences"]
    if isinstance(licences, list):
        shown = {licence["authority"]["id"]: licence for licence in licences if licence["status"] != "not_listed"}
        services = {key: {(a["code"], a["valid_from"], a["valid_to"]) for a in licence["activities"]}
                    for key, licence in shown.items()}
    else:
        shown = licences
        services = {key: earliest(licence["services"]) for key, licence in shown.items()}
    return {
        "/lei": record["lei"],
        "/legal_name": record["legal_name"],
        "/website": record["website"],
        "licences": {
            key: {"activities": services[key], "territories": set(licence["territories"]),
                  "valid_from": licence["valid_from"], "valid_to": licence["valid_to"]}
            for key, licence in shown.items()
        },
    }


def earliest(services):
    dates = collections.defaultdict(set)
    for code, start, end in services:
        dates[code].add((start or "", end or ""))
    return {(code, *(date or None for date in min(found))) for code, found in dates.items()}


def pointers(before, after):
    """What a history must mention of the step from one snapshot to the next; licences without their ids."""
    changed = {pointer for pointer in ("/legal_name", "/website", "/lei") if before[pointer] != after[pointer]}
    for key in before["licences"].keys() & after["licences"].keys():
        old, new = before["licences"][key], after["licences"][key]
        changed |= {f"/licences/*/{date}" for date in ("valid_from", "valid_to") if old[date] != new[date]}
        changed |= {f"/licences/*/activities/{code}" for code, *_ in old["activities"] ^ new["activities"]}
        changed |= {f"/licences/*/territories/{code}" for code in old["territories"] ^ new["territories"]}
    return changed


def check_snapshots(client, snapshots, wanted, sequences):
    with Check("records as of each snapshot, on its day") as check:
        for (day, path), sequence in zip(snapshots, sequences):
            day = dashed(day)
            for entity in wanted[path.name][1]:
                if entity["lei"] is None:
                    continue
                status, record = client.get(f"/v1/vasps/{entity['lei']}", as_of=f"seq:{sequence}", valid_on=day)
                if status != 200:
                    check.equal(f"{entity['lei']} as of {sequence}", 200, record)
                    continue
                check.equal(f"{entity['lei']} on {day}", facts(entity), facts(record))
                for licence in record["licences"]:
                    seen = (licence["last_seen"], licence["source"], licence["status"])
                    over = licence["valid_to"] is not None and licence["valid_to"] <= day
                    early = licence["valid_from"] is not None and licence["valid_from"] > day
                    standing = "ended" if over else "not_yet_in_force" if early else "in_force"
                    check.equal(f"{entity['lei']} licence on {day}", (day, path.name, standing), seen)
    with Check("histories mention each change, under its snapshot") as check:
        steps = collections.defaultdict(list)
        for k, (_, path) in enumerate(snapshots):
            for entity in wanted[path.name][1]:
                if entity["lei"]:
                    steps[entity["lei"]].append((k, facts(entity)))
        for lei, seen in steps.items():
            items = list(client.all(f"/v1/vasps/{lei}/history"))
            first = seen[0][0]
            low = sequences[first - 1] if first else 0
            found = {item["kind"] for item in items if low < item["sequence"] <= sequences[first]}
            check.equal(f"{lei} is listed by the first snapshot that shows it", {"vasp_listed"}, found)
            for (_, before), (k, after) in zip(seen, seen[1:]):
                own = [item for item in items if sequences[k - 1] < item["sequence"] <= sequences[k]]
                told = {re.sub(r"lic_[0-9a-z]+", "*", change["pointer"]) for item in own for change in item["changes"]}
                check.equal(f"{lei} {snapshots[k][1].name}", set(), pointers(before, after) - told)
                check.equal(f"{lei} source", {snapshots[k][1].name} if own else set(), {item["source"] for item in own})


# --- addresses --------------------------------------------------------------------------------------------------------


def compare_owner(check, expected, answer, keys):
    what = f"{expected['network']} {expected['address']}"
    if "status" not in answer or "owners" not in answer:
        check.equal(what, expected["status"], answer)
        return
    got = {
        "status": answer["status"],
        "groups": sorted({keys.get(owner["vasp"]["id"]) for owner in answer["owners"]}),
        "network_match": {owner["network_match"] for owner in answer["owners"]},
        "related": sorted({keys.get(owner["vasp"]["id"]) for owner in answer["related_claims"]}),
        "address": answer["subject"]["address"],
        "network": answer["subject"]["network"],
    }
    wanted = {**expected, "network_match": {expected["network_match"]}}
    check.equal(what, wanted, got)


def subject(account):
    return {"subject": account["address"], "network": account["network"]}


def check_owners(client, accounts, keys):
    with Check("addresses: each resolves to its group, in batches") as check:
        for account, answer in zip(accounts, client.resolve([subject(a) for a in accounts]), strict=True):
            compare_owner(check, account, answer, keys)
    sample = accounts[::50] + [a for a in accounts if a["status"] == "conflicted" or a["network_match"] == "family"][:500]
    with Check("addresses: a sample asked one by one") as check:
        for account in sample:
            status, answer = client.get("/v1/resolve", **subject(account))
            check.equal("status", 200, status)
            compare_owner(check, account, answer, keys)
    with Check("addresses: the sample asked as CAIP-10") as check:
        # CAIP-10 has no `:` and no `_` in an address, so it cannot spell TON's raw form and some names.
        sample = [a for a in sample if re.fullmatch("[-.%a-zA-Z0-9]{1,128}", a["address"])]
        subjects = [{"subject": f"{a['network']}:{a['address']}"} for a in sample]
        for account, answer in zip(sample, client.resolve(subjects), strict=True):
            compare_owner(check, account, answer, keys)


def check_bare(client, accounts, chance):
    """On a format that several networks share an owner is only a candidate."""
    shared = [a for a in accounts if a["network"].startswith("eip155:") or
              (a["network"] == BITCOIN and a["address"][0] in "13")]
    own = [a for a in accounts if a["network"] == BITCOIN and a["address"][:3] == "bc1"]
    with Check("addresses without a network: ambiguous where networks share the form") as check:
        for sample, statuses in ((chance.sample(shared, min(500, len(shared))), {"ambiguous"}), (own[:200], {"owned", "conflicted"})):
            for account, answer in zip(sample, client.resolve([{"subject": a["address"]} for a in sample]), strict=True):
                check.equal(f"{account['address']} {answer.get('status')}", True, answer.get("status") in statuses)
                check.equal(account["address"], True, account["network"] in answer.get("candidates", []))


def flipped(address, alphabet, chance):
    place = len(address) // 2
    other = chance.choice([c for c in alphabet if c != address[place]])
    return address[:place] + other + address[place + 1:]


def other_case(address):
    letters = [i for i, c in enumerate(address) if i > 1 and c.isalpha()]
    body = address[2:]
    if body in (body.lower(), body.upper()) or len(letters) < 4:
        return None
    for i in letters:
        text = address[:i] + address[i].swapcase() + address[i + 1:]
        if text[2:] not in (text[2:].lower(), text[2:].upper()):
            return text
    return None


def check_flipped(client, accounts, chance):
    base58_networks = set(check_data.BASE58)
    kinds = {
        "base58check": [a for a in accounts if a["network"] in base58_networks and "1" != a["address"].lower().rfind("1")
                        and not re.match("(bc|ltc)1", a["address"])],
        "bech32 and bech32m": [a for a in accounts if a["network"] in check_data.SEGWIT and re.match("(bc|ltc)1", a["address"])],
        "mixed-case EVM": [a for a in accounts if a["network"].startswith("eip155:")],
    }
    for kind, known in kinds.items():
        with Check(f"addresses: a wrong character in {kind} is a checksum mismatch") as check:
            wrong = []
            for account in chance.sample(known, min(500, len(known))):
                text = {
                    "base58check": lambda a: flipped(a, base58.BITCOIN_ALPHABET.decode(), chance),
                    "bech32 and bech32m": lambda a: flipped(a, bech32.CHARSET, chance),
                    "mixed-case EVM": other_case,
                }[kind](account["address"])
                if text:
                    wrong.append({"subject": text, "network": account["network"]})
            for asked, answer in zip(wrong, client.resolve(wrong), strict=True):
                problem = answer.get("problem", {})
                got = (problem.get("status"), problem.get("code"), [e["code"] for e in problem.get("errors", [])])
                check.equal(asked["subject"], (422, "invalid_subject", ["checksum_mismatch"]), got)
            for asked in wrong[:20]:
                status, problem = client.get("/v1/resolve", **asked)
                check.equal(asked["subject"], (422, "checksum_mismatch"), (status, problem["errors"][0]["code"]))


def check_unknown(client, accounts, chance):
    known = {a["address"] for a in accounts}
    made = []
    for _ in range(100):
        body = chance.randbytes(20)
        made += [
            ("eip155:1", check_data.eip55(body.hex())),
            (BITCOIN, base58.b58encode_check(b"\x00" + body).decode()),
            (BITCOIN, bech32.encode("bc", 0, body)),
            (BITCOIN, bech32.encode("bc", 1, body + body[:12])),
            (TRON, base58.b58encode_check(b"\x41" + body).decode()),
            (SOLANA, base58.b58encode(body + body[:12]).decode()),
        ]
    made = [(network, address) for network, address in made if address not in known]
    with Check("addresses: nobody's is not found, and says how far was looked") as check:
        answers = client.resolve([{"subject": address, "network": network} for network, address in made])
        for (network, address), answer in zip(made, answers, strict=True):
            check.equal(f"{network} {address}", ("not_found", []), (answer.get("status"), answer.get("owners")))
            lines = [line for line in answer.get("coverage", []) if line["network"] == network]
            check.equal(f"coverage of {network}", True, bool(lines) and lines[0]["claims"] > 0)


# --- everything -------------------------------------------------------------------------------------------------------


def check_labels(registry, folder):
    with Check("labels: counts, reasons and lines of each file") as check:
        expected = {path.name: check_data.label_counts(rows) for path, rows in check_data.all_labels(folder)}
        files = [folder / "addresses" / name for name in expected]
        reports = registry.load("claims-csv", *files)
        compare_counts(check, reports, expected)
        for report, wanted in zip(reports, expected.values()):
            check.equal(f"{report['file']} taken", wanted["taken"], report["taken"])
    with Check("labels: the same files again change nothing") as check:
        for report, wanted in zip(registry.load("claims-csv", *files), expected.values()):
            confirmed = wanted["taken"] + wanted["repeated"]
            check.equal(report["file"], (0, 0, confirmed), (report["taken"], report["log_changes"], report["unchanged"] + report["repeated"]))


def check_documents(registry, folder):
    seed = check_data.SEED
    lists = sorted((folder / "sanctions").glob("ofac_sdn_digital_currency_*.csv"))
    with Check("group links, screening list, rulebook, lists: taken, then unchanged") as check:
        links = len((seed / "group_links.csv").read_text(encoding="utf-8").splitlines()) - 1
        first = registry.load("group-links", seed / "group_links.csv")[0]
        check.equal("group links", (links, links, []), (first["read"], first["taken"], first["rejected"]))
        jobs = [("rulebook", seed / "rulebook.json"), ("lists", seed / "lists.json")]
        jobs += [("ofac-digital-currency", path) for path in lists[-1:]]
        for form, path in jobs:
            report = registry.load(form, path)[0]
            check.equal(f"{form} is one change", 1, report["log_changes"])
            if form.startswith("ofac"):
                rows = len(list(check_data.csv.reader(path.open(encoding="utf-8-sig", newline="")))) - 1
                check.equal(f"{form} rows", (rows, []), (report["read"], report["rejected"]))
        for form, path in [("group-links", seed / "group_links.csv"), *jobs]:
            check.equal(f"{form} again", 0, registry.load(form, path)[0]["log_changes"])


def main(folder, binary, scratch):
    chance = random.Random(int.from_bytes(hashlib.sha256(b"check-data").digest()[:4], "big"))
    known = check_data.authorities()
    snapshots = check_data.snapshots(folder)
    wanted = {path.name: check_data.esma(path, known) for _, path in snapshots}
    print(f"{'check':<66} {'compared':>8} {'differ':>6} {'time':>9}")

    registry = Registry(binary, scratch / "registry.db")
    sequences = check_register(registry, snapshots, wanted)
    shuffled = [path for _, path in snapshots]
    chance.shuffle(shuffled)
    reverse = [path for _, path in reversed(snapshots)]
    check_order(registry, [("newest first", Registry(binary, scratch / "reverse.db"), reverse),
                           ("in any order", Registry(binary, scratch / "shuffled.db"), shuffled)], snapshots)
    check_labels(registry, folder)
    check_documents(registry, folder)
    check_data_lists.check(registry, folder, Check)

    keys = {f"{id}": value for id, value in registry.rows(
        "SELECT vasps.id, facts.value FROM facts JOIN vasps ON vasps.number = facts.vasp"
        " WHERE attribute = 'entity_key' AND seq_to IS NULL")}
    accounts = list(check_data.expected_owners(folder))
    with registry.serve() as client:
        check_snapshots(client, snapshots, wanted, sequences)
        check_owners(client, accounts, keys)
        check_bare(client, accounts, chance)
        check_flipped(client, accounts, chance)
        check_unknown(client, accounts, chance)
    print("everything agrees" if not Check.failed else "DIFFERENCES: see above")
    return int(Check.failed)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])))
