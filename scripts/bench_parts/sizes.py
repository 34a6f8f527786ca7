"""Synthetic claims in different numbers: import beside a plain load of the same rows, start, memory and disk a claim, questions."""

import re, shutil, sqlite3, subprocess, time

from .pairs import pair
from .scenarios import synthetic
from .serving import say, serve


def measure(tools, options, scratch, demo, key, claims):
    """Adds claims to a copy of the demo's database and measures over it; the copy and all figures are of one size."""
    say(f"importing {claims:,} claims")
    data, file = scratch / f"claims-{claims}", scratch / "claims.csv"
    shutil.copytree(demo, data)
    with open(file, "wb") as out:
        subprocess.run([tools.synth, "claims", str(claims)], check=True, stdout=out)
    before = size(data)
    with serve(tools, data, scratch / "empty.log") as server:
        time.sleep(3)
        empty = {"resident": server.resident(), "ready": server.ready_after}
    started = time.monotonic()
    subprocess.run([tools.registry, "import", "claims-csv", file, "--database", f"sqlite://{data}/registry.db", "--master-key-file", data / "master-key"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took = time.monotonic() - started
    file.unlink()
    plain = plain_load(data / "registry.db", scratch / "plain.db", claims)
    report = {"claims": claims, "rows_per_second": claims / took, "plain_rows_per_second": claims / plain, "load_ratio": plain / took,
              "disk_bytes_a_claim": (size(data) - before) / claims, "ready_seconds": [], "resident_bytes_a_claim": None, "scenarios": []}
    for _ in range(3):
        with serve(tools, data, scratch / "access.log", free=True) as server:
            report["ready_seconds"].append(round(server.ready_after, 2))
    with serve(tools, data, scratch / "access.log") as server:
        time.sleep(10)
        report["resident_bytes_a_claim"] = (server.resident() - empty["resident"]) / claims
        for scenario in synthetic(tools, claims):
            say(f"measuring {scenario.name} over {claims:,} claims")
            report["scenarios"].append(pair(tools, options, scratch, scenario, server, key))
        report["resident_bytes_a_claim_after"] = (server.resident() - empty["resident"]) / claims
    # As if they did not fit into memory: a filter, a cache and the store.
    with serve(tools, data, scratch / "access.log", more=["--claim-index-limit", "0"]) as server:
        report["ready_seconds_cached"] = round(server.ready_after, 2)
        time.sleep(10)
        report["resident_bytes_a_claim_cached"] = (server.resident() - empty["resident"]) / claims
        for scenario in synthetic(tools, claims)[::2]:
            scenario.name += ", above the memory limit"
            scenario.target = None
            say(f"measuring {scenario.name} over {claims:,} claims")
            report["scenarios"].append(pair(tools, options, scratch, scenario, server, key))
    report["ready_seconds_empty"] = round(empty["ready"], 2)
    shutil.rmtree(data)
    return report


def size(data):
    with sqlite3.connect(data / "registry.db") as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (data / "registry.db").stat().st_size


def plain_load(source, target, claims):
    """Seconds of one prepared statement over the rows of `claims` in one transaction, same table, indexes and settings."""
    with sqlite3.connect(source) as read:
        schema = [sql for (sql,) in read.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'claims' AND sql IS NOT NULL ORDER BY type DESC")]
        rows = read.execute("SELECT * FROM claims ORDER BY number DESC LIMIT ?", (claims,)).fetchall()
    rows.reverse()
    plain = sqlite3.connect(target, isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    for statement in schema:
        plain.execute(re.sub(r"REFERENCES \w+ ?\(\w+\)", "", statement))
    started = time.monotonic()
    plain.execute("BEGIN IMMEDIATE")
    plain.executemany(f"INSERT INTO claims VALUES ({','.join('?' * len(rows[0]))})", rows)
    plain.execute("COMMIT")
    took = time.monotonic() - started
    plain.close()
    for file in target.parent.glob(target.name + "*"):
        file.unlink()
    return took


def table(reports):
    lines = ["| claims | import, rows per second | ratio to a plain load | ready after s (empty; above the limit) | memory bytes per claim (after load; above the limit) | disk bytes per claim |", "|---|---|---|---|---|---|"]
    for one in reports:
        ready = sorted(one["ready_seconds"])[1]
        lines.append(f"| {one['claims']:,} | {one['rows_per_second']:,.0f} | {one['load_ratio']:.2f} | {ready} ({one['ready_seconds_empty']}; {one['ready_seconds_cached']}) | "
                     f"{one['resident_bytes_a_claim']:.0f} ({one['resident_bytes_a_claim_after']:.0f}; {one['resident_bytes_a_claim_cached']:.0f}) | {one['disk_bytes_a_claim']:.0f} |")
    return "\n".join(lines)
