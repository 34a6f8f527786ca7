#!/usr/bin/env python3
"""Runs the matchers of nomenklatura over the pairs that `scripts/long names` wrote, and over the firms of a register.

Usage: names_beside.py LISTS PAIRS.jsonl FIRMS.json. LISTS and FIRMS are those of `scripts/long names`; PAIRS is the file that
`SCREENING_PAIRS` named. A pair counts as found from a score of 0.7 on, the default of yente. Of a firm, the 25 listed names with the most
similar letters are compared. Needs nomenklatura (names_beside_requirements.txt)."""

import json
import sys
from collections import Counter
from pathlib import Path

from followthemoney import model
from nomenklatura.matching import LogicV1, LogicV2, RegressionV1
from rapidfuzz import fuzz, process

FOUND = 0.7
COMPARED = 25
MATCHERS = [LogicV1, LogicV2, RegressionV1]


def firm(key, names, countries=(), **more):
    """Makes a company of the data model FollowTheMoney."""
    properties = {"name": names, "country": [code.lower() for code in countries]} | more
    return model.get_proxy({"id": key, "schema": "Company", "properties": properties}, cleaned=False)


def listed_firms(folder):
    """Returns the firms of all lists, by list and number."""
    lists = [json.loads(file.read_text()) for file in sorted(Path(folder).iterdir())]
    entries = ((one["id"], entry) for one in lists for entry in one["entries"])
    return {
        (of, entry["uid"]): firm(f"{of}-{entry['uid']}", [entry["name"], *entry["aliases"]], entry.get("countries", []))
        for of, entry in entries
        if entry.get("kind", "unknown") in ("unknown", "entity")
    }


def score(matcher, asked, listed):
    """Returns what a matcher says about two firms, 0 to 1."""
    return matcher.compare(asked, listed, matcher.default_config()).score


def main(lists, pairs, firms):
    """Prints the shares of pairs found, and the firms that are like a listed one."""
    listed = listed_firms(lists)
    asked, found = Counter(), Counter()
    # The matchers cache what they read of an entity by its id.
    for number, pair in enumerate(map(json.loads, Path(pairs).read_text().splitlines())):
        ways = [("", [])] + ([(" with its country", [pair["country"]])] if pair["country"] else [])
        for way, countries in ways:
            of = pair["class"] + way
            asked[of] += 1
            own = firm(f"asked-{number}{way}", [pair["asked"]], countries)
            for matcher in MATCHERS:
                found[of, matcher.NAME] += score(matcher, own, listed[pair["list"], pair["uid"]]) >= FOUND
    for of, all_of in asked.items():
        shares = [f"{matcher.NAME} {100 * found[of, matcher.NAME] / all_of:.1f} %" for matcher in MATCHERS]
        print(f"{of}, {all_of}: {', '.join(shares)}")

    names = [(name.lower(), key) for key, entity in listed.items() for name in entity.get("name")]
    texts = [name for name, _ in names]
    held, register = Counter(), json.loads(Path(firms).read_text())["entities"]
    for number, one in enumerate(register):
        all_names = [one["legal_name"], *one["commercial_names"]]
        own = firm(f"firm-{number}", all_names, [one["country"]] if one["country"] else [], leiCode=[one["lei"]] if one["lei"] else [])
        near = {names[place][1] for name in all_names for _, _, place in process.extract(name.lower(), texts, scorer=fuzz.WRatio, limit=COMPARED)}
        for matcher in MATCHERS:
            held[matcher.NAME] += any(score(matcher, own, listed[key]) >= FOUND for key in near)
    print(f"of {len(register)} firms like a listed one: " + ", ".join(f"{matcher.NAME} {held[matcher.NAME]}" for matcher in MATCHERS))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
