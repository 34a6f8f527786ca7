"""What other lists say of the records, read without any of the project's code and compared with what the registry says:
ESMA's list of non-compliant providers, a compiled register, GLEIF's golden copy and answers of its API.

Called by check_data_run.py. Names are folded here by NFKD and the legal forms of seed/ (data, not code); two labels stand for
the registered domain, which is enough for the hosts of these lists.
"""
import collections
import csv
import gzip
import json
import re

import check_data


def rows_of(path):
    return list(csv.DictReader(path.open(encoding="utf-8-sig", newline="")))


def forms():
    spelt = collections.defaultdict(set)
    for row in csv.DictReader((check_data.SEED / "legal_forms.csv").open(encoding="utf-8", newline="")):
        for text in (row["form"], row["spelling"]):
            words = folded(text)
            spelt[len(words.split())].add(words)
    return spelt


def folded(text):
    """Plain words, initials joined: `S. A.` is `sa`."""
    words, initials = [], ""
    for word in check_data.plain(text.replace("'", "").replace("ø", "o").replace("ß", "ss")).split():
        if len(word) == 1 and word.isalpha():
            initials += word
            continue
        words += [initials, word]
        initials = ""
    return " ".join(word for word in [*words, initials] if word)


def name_of(text, known):
    words, kept = folded(text).split(), []
    while words:
        for length in sorted(known, reverse=True):
            if len(words) >= length and " ".join(words[:length]) in known[length]:
                words = words[length:]
                break
        else:
            kept.append(words.pop(0))
    return " ".join(kept) or folded(text)


def hosts_of(cell):
    sites = [site for site in re.split(r"[|,;\s]+", cell.lower()) if site]
    return {re.sub(r"^(https?|ttps)[:./\\]+", "", site).split("/")[0].removeprefix("www.") for site in sites}


def domain(host):
    return ".".join(host.split(".")[-2:])


def said(text):
    return "" if text == "nan" else check_data.tidy(text)


def expected_matches(record, entries, known):
    hosts = {entry["domain"] for entry in record["domains"]} | hosts_of(record["website"] or "")
    names = {name_of(text, known) for text in [record["legal_name"], *(other["name"] for other in record["other_names"])]}
    domains = {domain(host) for host in hosts if host}
    found = set()
    for entry in entries:
        same = names & {name_of(text, known) for text in entry["names"]}
        if same or domains & {domain(host) for host in entry["hosts"]}:
            found.add((entry["names"][0], entry["decided"]))
    return found


def check(registry, folder, Check):
    lists = sorted((folder / "vasp_registers" / "esma_mica").glob("NCASP*.csv"))
    compiled = sorted((folder / "vasp_registers" / "multi_register").glob("master_register_*.csv"))
    golden = sorted((folder / "lei").glob("*gleif-goldencopy-lei2*.json.gz"))
    answers = sorted((folder / "lei" / "api_v1").glob("*lei_record*s.json")) + sorted((folder / "lei" / "api_v1").glob("single_*.json"))
    known = forms()
    with Check("non-compliant, compiled and GLEIF's: rows of each file, then unchanged") as check_rows:
        for form, files in (("esma-ncasp", lists), ("master-register", compiled)):
            for path in files:
                report = registry.load(form, path)[0]
                check_rows.equal(f"{path.name} rows", (len(rows_of(path)), []), (report["read"], report["rejected"]))
                used = report["taken"] + report["unchanged"] + report["repeated"]
                check_rows.equal(f"{path.name} rows add up", report["read"], used)
                check_rows.equal(f"{path.name} again", 0, registry.load(form, path)[0]["log_changes"])
        borne = {lei for (lei,) in registry.rows("SELECT DISTINCT value FROM facts WHERE attribute = 'lei'")}
        published = {}
        for path in [*golden, *answers]:
            document = json.loads(gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes())
            data = document.get("records", document.get("data"))
            records = data if isinstance(data, list) else [data]
            report = registry.load("gleif-lei", path)[0]
            check_rows.equal(f"{path.name} records", (len(records), []), (report["read"], report["rejected"]))
            for record in records:
                if "attributes" in record:
                    held = record["attributes"]
                    published[held["lei"]] = (held["entity"]["legalName"]["name"], held["registration"]["status"])
                else:
                    published[record["LEI"]["$"]] = (record["Entity"]["LegalName"]["$"], record["Registration"]["RegistrationStatus"]["$"])
    entries = [{
        "names": [text for cell in (row["ae_lei_name"], row["ae_commercial_name"]) for text in map(check_data.tidy, cell.split("|")) if text],
        "hosts": hosts_of(row["ae_website"]), "decided": check_data.date(row["ae_decision_date"], "ae_decision_date"),
    } for row in rows_of(lists[-1])] if lists else []
    third = rows_of(compiled[-1]) if compiled else []
    with registry.serve() as client, Check("non-compliant, compiled and GLEIF's: what each record shows") as check_records:
        records = {item["id"]: client.get(f"/v1/vasps/{item['id']}")[1] for item in client.all("/v1/vasps")}
        own = {id: expected_matches(record, entries, known) for id, record in records.items()}
        for id, record in records.items():
            group = own.get((record["group"] or {}).get("id"), set())
            shown = {(found["name"], found["decision_date"]) for found in record["non_compliant"]}
            check_records.equal(f"{record['legal_name']} non-compliant", own[id] | group, shown)
            name = (name_of(record["legal_name"], known), record["country"])
            rows = {(row["register_source"], row["registration_status"]) for row in third
                    if (record["lei"] and said(row["lei"]) == record["lei"])
                    or ((name_of(row["legal_name"], known), row["home_country_code"]) == name and not (record["lei"] and said(row["lei"])))}
            check_records.equal(f"{record['legal_name']} compiled", rows, {(row["register"], row["status"]) for row in record["third_party"]})
            name, status = published.get(record["lei"], (None, None))
            check_records.equal(f"{record['legal_name']} LEI status", status, record["lei_status"])
            if name and name_of(name, known) == name_of(record["legal_name"], known):
                check_records.equal(f"{record['legal_name']} LEI name", True, "name_matches" in [f["code"] for f in record["lei_findings"]])
        check_records.equal("LEIs held and borne", len(borne & set(published)), sum(r["lei_status"] is not None for r in records.values()))
    matched = sorted((record["legal_name"], sorted(own[id])) for id, record in records.items() if own[id])
    print(f"    on the list: {matched}", flush=True)
