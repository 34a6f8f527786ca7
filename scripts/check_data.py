#!/usr/bin/env python3
"""Reads a folder of source data without any of the project's code and says what an import must say.

    check_data.py counts DIR     per file: rows, entities, rejected rows by reason and line
    check_data.py records DIR    one JSON line per entity of each MiCA snapshot
    check_data.py addresses DIR  one JSON line per labelled account that is valid: who it belongs to

DIR holds vasp_registers/esma_mica/CASP*.csv and addresses/*.csv.gz; what check_data_lists.py reads is optional. Decoders come from scripts/check_data_requirements.txt
(through check_addresses_oracles.py where nothing is read here), never from this project; tables of spellings, aliases and network ids come from seed/, since they are data.
"""
import collections
import csv
import datetime
import gzip
import io
import json
import pathlib
import re
import sys
import unicodedata

import base58
from Crypto.Hash import keccak
from bip_utils import BchBech32Encoder, Bech32Decoder
from embit import bech32

import check_addresses_oracles

SEED = pathlib.Path(__file__).resolve().parent.parent / "seed"
SERVICES = [
    ("custody", r"custody and administration"),
    ("trading_platform", r"operation of a trading platform"),
    ("exchange_for_funds", r"exchange of crypto.assets for funds"),
    ("exchange_for_crypto", r"exchange of crypto.assets for other"),
    ("order_execution", r"execution of orders"),
    ("placing", r"placing of crypto.assets"),
    ("order_transmission", r"reception and transmission of orders"),
    ("advice", r"advice on crypto.assets"),
    ("portfolio_management", r"portfolio management"),
    ("transfer", r"providing transfer services"),
]
COUNTRIES = set(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK CH GB US".split()
)


class Rejected(Exception):
    """A row that must not be taken: column, reason."""


def plain(text):
    """Letters and digits without case and accents, as one word a run."""
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c)).lower()
    return " ".join(re.findall(r"[^\W_]+", text))


def tidy(text):
    return " ".join(text.split())


def authorities():
    table = collections.defaultdict(dict)
    for row in csv.DictReader((SEED / "authorities.csv").open(encoding="utf-8", newline="")):
        names = [name.partition("=")[2] for name in row["names"].split("|")]
        for spelling in filter(plain, [row["name"], *names, *row["spellings"].split("|")]):
            table[plain(spelling)][row["country"]] = row["id"]
    return table


def country(text, column):
    code = {"EL": "GR"}.get(text.upper(), text.upper())
    if code not in COUNTRIES:
        raise Rejected(column, "country_unknown")
    return code


def date(text, column):
    if not text:
        return None
    match = re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{4})", text)
    try:
        day, month, year = map(int, match.groups())
        return datetime.date(year, month, day).isoformat()
    except (AttributeError, ValueError):
        raise Rejected(column, "date_invalid") from None


def lei(text):
    """The LEI of a cell, by ISO 7064 MOD 97-10; punctuation after it does not count."""
    text = re.sub(r"[^0-9A-Za-z]+$", "", text).upper()
    if not re.fullmatch(r"[0-9A-Z]{18}[0-9]{2}", text):
        return None
    return text if int("".join(str(int(c, 36)) for c in text)) % 97 == 1 else None


def names_a_host(cell):
    return any(re.search(r"(^|[/.@])([a-z0-9-]+\.)+[a-z]{2,}($|[/?#:])", piece) for piece in re.split(r"[|,;\s]", cell.lower()))


def esma_row(row, known):
    home = country(row["ae_homeMemberState"], "ae_homeMemberState") if row["ae_homeMemberState"] else None
    named = known.get(plain(row["ae_competentAuthority"]), {})
    if home is None and len(named) == 1:
        home = next(iter(named))
    if home not in named:
        raise Rejected("ae_competentAuthority", "authority_unknown")
    if not plain(row["ae_lei_name"]):
        raise Rejected("ae_lei_name", "missing")
    if row["ae_lei_cou_code"]:
        country(row["ae_lei_cou_code"], "ae_lei_cou_code")
    start = date(row["ac_authorisationNotificationDate"], "ac_authorisationNotificationDate")
    end = date(row["ac_authorisationEndDate"], "ac_authorisationEndDate")
    date(row["ac_lastupdate"], "ac_lastupdate")
    services = {code for code, words in SERVICES if re.search(words, row["ac_serviceCode"].lower())}
    if re.search(r"\w", row["ac_serviceCode"]) and not services:
        raise Rejected("ac_serviceCode", "service_unknown")
    codes = re.findall(r"[^|\s]+", row["ac_serviceCode_cou"])
    hosts = {country(code, "ac_serviceCode_cou") for code in codes if code != "I"}
    return {
        "lei": lei(row["ae_lei"]),
        "authority": named[home],
        "name": row["ae_lei_name"],
        "website": row["ae_website"] if names_a_host(row["ae_website"]) else None,
        "start": start,
        "end": end,
        "services": [[code, start, end] for code in sorted(services)],
        "territories": hosts | {home},
    }


def esma(path, known):
    """Counts of one snapshot, and its entities."""
    reader = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig", "surrogateescape"), newline=""))
    heading = next(reader)
    counts = {"read": 0, "repeated": 0, "rejected": collections.Counter(), "rejected_rows": []}
    seen, taken, line = set(), [], reader.line_num + 1
    for cells in reader:
        first, line = line, reader.line_num + 1
        if not cells:
            continue
        counts["read"] += 1
        try:
            if len(cells) != len(heading):
                raise Rejected(None, "column_count")
            row = {name: tidy(cell) for name, cell in zip(heading, cells)}
            for name, cell in row.items():
                if re.search("[\udc80-\udcff]", cell):
                    raise Rejected(name, "not_utf8")
            # Neither comments nor the platform's site are read, so rows that differ only there are one.
            same = tuple(v for k, v in row.items() if k not in ("ac_comments", "ae_website_platform"))
            if same in seen:
                counts["repeated"] += 1
                continue
            entity = esma_row(row, known)
            seen.add(same)
            taken.append(entity)
        except Rejected as why:
            column, reason = why.args
            counts["rejected"][reason] += 1
            counts["rejected_rows"].append({"line": first, "column": column, "reason": reason})
    by_name = collections.defaultdict(set)
    for row in taken:
        by_name[row["authority"], plain(row["name"])] |= {row["lei"]} - {None}
    entities = {}
    for row in taken:
        name = (row["authority"], plain(row["name"]))
        key = row["lei"] or (next(iter(by_name[name])) if len(by_name[name]) == 1 else name)
        entity = entities.setdefault(key, {"lei": row["lei"], "legal_name": row["name"], "website": None, "licences": {}})
        entity["lei"] = entity["lei"] or row["lei"]
        entity["website"] = entity["website"] or row["website"]
        licence = entity["licences"].setdefault(
            row["authority"], {"services": [], "territories": set(), "starts": [], "ends": []}
        )
        licence["services"] += [s for s in row["services"] if s not in licence["services"]]
        licence["territories"] |= row["territories"]
        licence["starts"] += [row["start"]] if row["start"] else []
        licence["ends"].append(row["end"])
    for entity in entities.values():
        for licence in entity["licences"].values():
            ends = licence.pop("ends")
            licence["territories"] = sorted(licence["territories"])
            licence["valid_from"] = min(licence.pop("starts"), default=None)
            # One row without an end keeps the licence going.
            licence["valid_to"] = None if None in ends else max(ends)
    return {**counts, "entities": len(entities)}, list(entities.values())


def snapshots(folder):
    paths = (folder / "vasp_registers" / "esma_mica").glob("CASP*.csv")
    return sorted((re.search(r"[0-9]{8}", path.name).group(), path) for path in paths)


def networks():
    table = {"eip155:*": "eip155:*"}
    for network in json.loads((SEED / "networks.json").read_text(encoding="utf-8"))["networks"]:
        for name in [network["caip2"], *network["aliases"]]:
            table[name] = network["caip2"]
    for row in csv.DictReader((SEED / "evm_chains.csv").open(encoding="utf-8", newline="")):
        table["eip155:" + row["chain_id"]] = "eip155:" + row["chain_id"]
    return table


def eip55(digits):
    digest = keccak.new(digest_bits=256, data=digits.lower().encode()).hexdigest()
    return "0x" + "".join(c.upper() if int(h, 16) > 7 else c for c, h in zip(digits.lower(), digest))


BASE58 = {
    "bip122:000000000019d6689c085ae165831e93": (b"\x00", b"\x05"),
    "bip122:12a765e31ffd4059bada1e25190f6e98": (b"\x30", b"\x32", b"\x05"),
    "bip122:1a91e3dace36e2be3bf030a65679fe82": (b"\x1e", b"\x16"),
    "tron:0x2b6653dc": (b"\x41",),
}
SEGWIT = {"bip122:000000000019d6689c085ae165831e93": "bc", "bip122:12a765e31ffd4059bada1e25190f6e98": "ltc"}


def cardano(text):
    """An address of CIP-19, in Bech32 or of Byron times: of the main network, as long as its type asks."""
    try:
        body = Bech32Decoder.Decode("addr", text)
    except Exception:  # noqa: BLE001 not Bech32, then: the library has several errors
        return check_addresses_oracles.BIP_UTILS["cip34:1-764824073"](text)
    kind, network = body[0] >> 4, body[0] & 15
    fits = len(body) == 57 if kind < 4 else len(body) >= 32 if kind < 6 else len(body) == 29
    return text.lower() if kind < 8 and network == 1 and fits else None


def tezos(text):
    """An account or contract: 20 bytes after the prefix of octez' base58.ml."""
    try:
        body = base58.b58decode_check(text)
    except ValueError:
        return None
    return text if len(body) == 23 and body[:3].hex() in ("06a19f", "06a1a1", "06a1a4", "06a1a6", "025a79") else None


def starknet(text):
    """A field element below 2^251, with all its digits."""
    number = int(text, 16) if re.fullmatch("0x[0-9a-fA-F]{1,64}", text) else 0
    return f"0x{number:064x}" if 0 < number < 2**251 else None


def bitcoin_cash(text):
    """The account's CashAddr form, whichever it is written in."""
    found = check_addresses_oracles.BIP_UTILS["bip122:000000000000000000651ef99cb9fcbe"](text)
    if found is None or ":" in found:
        return found
    body = base58.b58decode_check(found)
    return BchBech32Encoder.Encode("bitcoincash", b"\x00" if body[:1] == b"\x00" else b"\x08", body[1:])


def name_like(pattern):
    return lambda text: text if re.fullmatch(pattern, text) else None


# What the libraries do not read, or not all of it.
READERS = {
    "bip122:000000000000000000651ef99cb9fcbe": bitcoin_cash,
    "cip34:1-764824073": cardano,
    "tezos:NetXdQprcVkpaWU": tezos,
    "starknet:SN_MAIN": starknet,
    "antelope:aca376f206b8fc25a6ed44dbdc66547c": name_like("[a-z1-5.]{0,11}[a-z1-5]|[a-z1-5.]{12}[a-j1-5]"),
    # The regular expression of NEAR's documentation (Account ID), without regard to implicit accounts, which it covers.
    "near:mainnet": name_like(r"(?=.{2,64}$)(([a-z\d]+[-_])*[a-z\d]+\.)*([a-z\d]+[-_])*[a-z\d]+"),
}


def canonical(network, text):
    """The canonical address, or nothing where an independent decoder refuses it."""
    if network.startswith("eip155:"):
        match = re.fullmatch(r"0x([0-9a-fA-F]{40})", text)
        if not match:
            return None
        digits = match.group(1)
        uniform = digits in (digits.lower(), digits.upper())
        return eip55(digits) if uniform or text == eip55(digits) else None
    if network.startswith("solana:"):
        try:
            return text if len(base58.b58decode(text)) == 32 else None
        except ValueError:
            return None
    hrp = SEGWIT.get(network)
    if hrp and text.lower().startswith(hrp + "1"):
        version, _ = bech32.decode(hrp, text)
        return None if version is None else text.lower()
    if network not in BASE58:
        reader = READERS.get(network) or check_addresses_oracles.bip_utils_of(network)
        return reader(text) if reader else sys.exit(f"nothing reads the addresses of {network} independently: {text}")
    try:
        body = base58.b58decode_check(text)
    except ValueError:
        return None
    return text if len(body) == 21 and body[:1] in BASE58[network] else None


def labels(path, table, aliases):
    """Every row of a file of labels: (line, reason or None, network, address, group, source without its version)."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        reader = csv.reader(text)
        heading, line = next(reader), reader.line_num + 1
        for cells in reader:
            first, line = line, reader.line_num + 1
            row = dict(zip(heading, cells))
            network, reason, address = table.get(row["network"]), None, None
            if len(cells) != len(heading):
                reason = "column_count"
            elif network is None:
                reason = "network_unknown" if row["network"].startswith("unknown:") else "network_unsupported"
            else:
                address = canonical(network, row["address"])
                reason = "address_invalid" if address is None else None
            source = re.sub(r"@[^:]*", "", row.get("source", ""))
            yield first, reason, network, address, aliases.get(row["entity"], row["entity"]), source


def all_labels(folder):
    table = networks()
    aliases = {r["alias"]: r["key"] for r in csv.DictReader((SEED / "aliases.csv").open(encoding="utf-8", newline=""))}
    for path in sorted((folder / "addresses").glob("*.csv.gz")):
        yield path, labels(path, table, aliases)


def label_counts(rows):
    """Counts of one file of labels; a row is repeated if account, owner and source (of any version) are those of an earlier."""
    count, seen = {"read": 0, "taken": 0, "repeated": 0, "rejected": collections.Counter(), "rejected_rows": []}, set()
    for line, reason, *claim in rows:
        count["read"] += 1
        if reason:
            count["rejected"][reason] += 1
            count["rejected_rows"].append({"line": line, "reason": reason})
        else:
            count["repeated" if tuple(claim) in seen else "taken"] += 1
            seen.add(tuple(claim))
    return count


def counts(folder):
    known, report = authorities(), {"esma-casps": {}, "claims-csv": {}}
    for _, path in snapshots(folder):
        report["esma-casps"][path.name] = esma(path, known)[0]
    for path, rows in all_labels(folder):
        report["claims-csv"][path.name] = label_counts(rows)
    print(json.dumps(report, indent=1, sort_keys=True))


def records(folder):
    known = authorities()
    for day, path in snapshots(folder):
        observed_on = datetime.datetime.strptime(day, "%Y%m%d").date().isoformat()
        for entity in esma(path, known)[1]:
            print(json.dumps({"file": path.name, "observed_on": observed_on, **entity}, ensure_ascii=False))


def expected_owners(folder):
    """Each account to ask about, with what is to be answered.

    Asked with its network (a family as Ethereum), a label's own network decides; the family counts where it says nothing."""
    exact, family = collections.defaultdict(set), collections.defaultdict(set)
    for _, rows in all_labels(folder):
        for _, reason, network, address, group, _ in rows:
            if reason is None:
                (family[address] if network == "eip155:*" else exact[network, address]).add(group)
    on_networks = collections.defaultdict(dict)
    for (network, address), groups in exact.items():
        on_networks[address][network] = groups
    asked = set(exact) | {("eip155:1", address) for address in family}
    for network, address in sorted(asked):
        own = exact.get((network, address))
        wide = family.get(address, set()) if network.startswith("eip155:") else set()
        groups, match = (own, "exact") if own else (wide, "family")
        # Claims on another network of the family decide nothing, whoever makes them.
        others = [found for other, found in on_networks[address].items()
                  if other != network and {network[:7], other[:7]} == {"eip155:"}]
        related = set().union(*others) | (wide - own if own else set())
        status = "owned" if len(groups) == 1 else "conflicted"
        yield {"network": network, "address": address, "status": status, "groups": sorted(groups),
               "network_match": match, "related": sorted(related)}


def addresses(folder):
    for account in expected_owners(folder):
        print(json.dumps(account))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("counts", "records", "addresses"):
        sys.exit(__doc__)
    {"counts": counts, "records": records, "addresses": addresses}[sys.argv[1]](pathlib.Path(sys.argv[2]))
