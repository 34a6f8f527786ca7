#!/usr/bin/env python3
"""Compares what the registry makes of addresses with what two independent libraries make of them.

    check_addresses.py BINARY NODE_FOLDER SCRATCH [DIR]

Called by scripts/check-addresses. Asks about the examples of seed/networks.json, about each of them with one thing wrong and on
every other network, about every row of seed/claims.csv, and about every row of DIR/*.csv.gz. Compared are the verdict and, where a library has one, the
canonical text. Differences that are known stand in check_addresses_differences.py; any other ends in exit code 1.
"""
import collections
import contextlib
import csv
import gzip
import http.client
import json
import pathlib
import subprocess
import sys

import check_addresses_oracles as oracles
from check_addresses_differences import DIFFERENCES

HOME = pathlib.Path(__file__).resolve().parent
SEED = HOME.parent / "seed"
BATCH = 1000
SHOWN = 20


# --- what is asked ----------------------------------------------------------------------------------------------------


def with_one_thing_wrong(text):
    """Texts that somebody may have mistyped or a program mangled; deterministic."""
    middle = len(text) // 2
    other = next((c for c in text[::-1] if c.isalnum() and c.lower() != text[middle].lower()), "7")
    letter = next((i for i in range(middle, len(text)) if text[i].isalpha()), None)
    swap = next((i for i in range(2 * len(text) // 3, len(text) - 1) if text[i] != text[i + 1]), 0)
    yield text[:middle] + other + text[middle + 1:]
    yield text[:swap] + text[swap + 1] + text[swap] + text[swap + 2:]
    yield text[:-1]
    yield text[:middle] + text[middle] + text[middle:]
    yield text.upper()
    yield text.lower()
    if letter is not None:
        yield text[:letter] + text[letter].swapcase() + text[letter + 1:]
    yield text + " "


def on_other_networks(networks):
    """Every example asked on every network that a library reads; of the EVM networks, which all read alike, on Ethereum."""
    examples = {form["example"] for network in networks.values() for form in network["formats"] if form.get("example")}
    for caip2 in networks:
        if (oracles.bip_utils_of(caip2) or oracles.multicoin_of(caip2)) and (caip2 == "eip155:1" or not caip2.startswith("eip155:")):
            for text in sorted(examples):
                yield caip2, text


def table():
    """The networks by CAIP-2, and the CAIP-2 of every name they go by."""
    networks = {network["caip2"]: network for network in json.loads((SEED / "networks.json").read_text())["networks"]}
    names = {name: caip2 for caip2, network in networks.items() for name in (caip2, *network["aliases"])}
    for row in csv.DictReader((SEED / "evm_chains.csv").open(encoding="utf-8", newline="")):
        names.setdefault("eip155:" + row["chain_id"], "eip155:" + row["chain_id"])
    names["eip155:*"] = "eip155:1"  # a label of the whole family
    return networks, names


def labels(path, names):
    """The rows of a file of labels: CAIP-2 or nothing, and the address as the source wrote it."""
    opened = gzip.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".gz" else path.open(encoding="utf-8", newline="")
    with opened as text:
        for row in csv.DictReader(text):
            # What a source calls by a name that is none of CAIP-2's may still be one of ours.
            yield names.get(row["network"]) or names.get(row["network"].removeprefix("unknown:")), row["address"]


def questions(networks, names, folder):
    """How often each question is asked, in order; and the rows whose network is not in the table."""
    asked, elsewhere = collections.Counter(), collections.Counter()
    for caip2, network in networks.items():
        for form in network["formats"]:
            if example := form.get("example"):
                asked[caip2, example] += 1
                for text in with_one_thing_wrong(example):
                    asked[caip2, text] += 1
    for caip2, text in on_other_networks(networks):
        asked[caip2, text] += 1
    for path in [SEED / "claims.csv", *sorted(folder.glob("*.csv.gz") if folder else ())]:
        for network, address in labels(path, names):
            if network is None:
                elsewhere[path.name] += 1
            else:
                asked[network, address] += 1
    return asked, elsewhere


# --- who is asked -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def served(binary, scratch):
    """A registry without records on a free port: reading addresses needs none."""
    database = f"sqlite://{scratch}/registry.db"
    subprocess.run([binary, "migrate", "--create", "--database", database], check=True, capture_output=True)
    options = ["--listen", "127.0.0.1:0", "--public-read", "--public-rate-limit", "0", "--rate-limit", "0", "--not-found-budget", "0", "--log-level", "error"]
    with subprocess.Popen([binary, "serve", *options, "--database", database], stdout=subprocess.PIPE, text=True) as server:
        try:
            yield http.client.HTTPConnection(server.stdout.readline().strip().removeprefix("listening on http://"), timeout=600)
        finally:
            server.terminate()


def ask_registry(connection, asked):
    """The canonical text of each question in order, or `None` where the registry refuses."""
    for start in range(0, len(asked), BATCH):
        body = {"addresses": [{"network": network, "address": text} for network, text in asked[start:start + BATCH]]}
        connection.request("POST", "/v1/networks/parse", json.dumps(body), {"content-type": "application/json"})
        answer = connection.getresponse()
        content = json.loads(answer.read())
        if answer.status != 200:
            sys.exit(f"a batch answered {answer.status}: {content}")
        for question, result in zip(asked[start:start + BATCH], content["results"], strict=True):
            readings = result.get("readings")
            if readings is None and result["problem"]["errors"][0]["code"] in ("network_unknown", "network_unsupported"):
                sys.exit(f"{question} is on a network that the registry does not know")
            yield readings[0]["address"] if readings else None


# --- comparing --------------------------------------------------------------------------------------------------------


def verdict(own, theirs):
    """How the registry's answer differs from an oracle's; nothing where they agree."""
    if (own is None) != (theirs is None):
        return "refuses" if own is None else "accepts"
    return "spells" if isinstance(theirs, str) and own != theirs else None


def explanation(oracle, network, text, kind):
    return next((one for one in DIFFERENCES if one.explains(oracle, network, text, kind)), None)


def compare(asked, answers):
    """Outcome of each question: agreed, explained, not covered, or the difference in words. Counts which explanation was used."""
    used = collections.Counter()
    for (network, text), own, *others in answers:
        covering = [(name, theirs) for name, theirs in zip(("bip_utils", "multicoin"), others) if theirs is not False]
        differing = [(name, theirs, verdict(own, theirs)) for name, theirs in covering if verdict(own, theirs)]
        unlisted = []
        for name, theirs, kind in differing:
            known = explanation(name, network, text, kind)
            if known is None:
                unlisted.append(f"{network} {text!r}: the registry {'refuses it' if own is None else 'reads ' + own}, "
                                f"{name} {'refuses it' if theirs is None else 'accepts it' if theirs is True else 'reads ' + theirs}")
            else:
                used[known] += asked[network, text]
        outcome = "not covered" if not covering else "explained" if differing else "agreed"
        yield network, outcome, asked[network, text], unlisted
    for known in DIFFERENCES:
        print(f"{used[known]:>7} rows  {known}")


def main(binary, node_folder, scratch, folder=None):
    networks, names = table()
    asked, elsewhere = questions(networks, names, folder and pathlib.Path(folder))
    order = list(asked)
    with served(binary, scratch) as connection:
        own = list(ask_registry(connection, order))
    theirs = list(oracles.ask_bip_utils(order)), list(oracles.ask_multicoin(order, str(HOME / "check_addresses.mjs"), node_folder))

    print("Known differences:")
    counts, unlisted = collections.defaultdict(collections.Counter), []
    for network, outcome, rows, words in compare(asked, zip(order, own, *theirs, strict=True)):
        counts[network]["different" if words else outcome] += rows
        unlisted += words

    columns = ("agreed", "explained", "different", "not covered")
    print(f"\n{'network':<58}{'rows':>8}" + "".join(f"{column:>13}" for column in columns))
    totals = collections.Counter()
    for network, count in sorted(counts.items()):
        name = networks.get(network, {}).get("name", "an EVM chain")
        print(f"{network} {name:<{57 - len(network)}}{sum(count.values()):>8}" + "".join(f"{count[c]:>13}" for c in columns))
        totals += count
    print(f"{f'{len(counts)} networks':<58}{sum(totals.values()):>8}" + "".join(f"{totals[c]:>13}" for c in columns))
    bare = [caip2 for caip2 in networks if not oracles.bip_utils_of(caip2) and not oracles.multicoin_of(caip2)]
    print(f"covered by neither library: {len(bare)} networks: {', '.join(networks[caip2]['name'] for caip2 in bare)}")
    print(f"rows on networks outside the table: {sum(elsewhere.values())}")
    for words in unlisted[:SHOWN if len(unlisted) > 2 * SHOWN else None]:
        print(f"UNLISTED  {words}")
    print(f"{len(unlisted)} unlisted differences" if unlisted else "every difference is listed")
    return int(bool(unlisted))


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
