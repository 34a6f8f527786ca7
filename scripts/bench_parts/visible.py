"""How long after a write was acknowledged a node shows it: claims imported one by one by a process beside two nodes, both under load."""

import json, statistics, subprocess, time
from http.client import HTTPConnection

from .others import request
from .postgres import cluster
from .serving import Server, on_core, say

HEAD = "network,address,entity,entity_name,label,category,source,added_date\n"
WRITES = 60
# Of the load on each node: how long at most, and how many questions a second.
SECONDS, RATE = 60, 1_000


def measure(tools, scratch):
    """On SQLite with both nodes on one file, and on PostgreSQL where it is installed."""
    report = {"SQLite": run(tools, scratch, f"sqlite://{scratch}/visible.db")}
    with cluster(scratch) as postgres:
        if postgres is not None:
            postgres.ask("postgres", "CREATE DATABASE visible")
            report["PostgreSQL"] = run(tools, scratch, f"postgres://bench@127.0.0.1:{postgres.port}/visible")
    return report


def run(tools, scratch, url):
    say(f"measuring until a write is visible, {url.split(':')[0]}")
    with_database = ["--database", url, "--master-key-file", scratch / "visible-key"]
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([tools.registry, "migrate", "--create", *with_database], **quiet)
    serve = [tools.registry, "serve", "--listen", "127.0.0.1:0", "--public-read", "--workers", "1", "--not-found-budget", "0", "--public-rate-limit", "10000000",
             "--public-rate-burst", "1000000000", "--documents", scratch / "documents", *with_database]
    wire, rows = scratch / "visible-requests", scratch / "visible.csv"
    wire.write_bytes(b"".join(request(path(2**100 + n)) for n in range(1_000)))
    taken = []
    with Server(serve, scratch / "visible.log", free=True) as one, Server(serve, scratch / "visible.log", free=True) as two:
        load = [subprocess.Popen(on_core(1, [str(word) for word in (tools.load, node.address, wire, 8, SECONDS, RATE)]), stdout=subprocess.DEVNULL) for node in (one, two)]
        nodes = [HTTPConnection(node.address) for node in (one, two)]
        for number in range(WRITES):
            rows.write_text(f"{HEAD}eip155:1,0x{number:040x},owner{number % 7},Owner {number % 7},,exchange,visible,2026-01-01\n")
            subprocess.run([tools.registry, "import", "claims-csv", rows, *with_database], **quiet)
            acknowledged = time.monotonic()
            for node in nodes:
                while not is_there(node, number):
                    if time.monotonic() - acknowledged > 30:
                        raise SystemExit(f"a write was not visible after 30 s: {url}")
                    time.sleep(0.001)
            taken.append(1000 * (time.monotonic() - acknowledged))
            if load[0].poll() is not None:
                break  # Without load the rest would not be comparable.
        for process in load:
            process.terminate()
            process.wait()
    return {"writes": len(taken), "p50_ms": statistics.median(taken), "most_ms": max(taken)}


def path(number):
    return f"/v1/resolve?subject=0x{number:040x}&network=eip155%3A1"


def is_there(node, number):
    node.request("GET", path(number))
    return json.loads(node.getresponse().read())["status"] == "owned"


def table(report):
    lines = ["| a write is visible on both nodes, after its acknowledgement | writes | p50 ms | most ms |", "|---|---|---|---|"]
    lines += [f"| {name} | {one['writes']} | {one['p50_ms']:.0f} | {one['most_ms']:.0f} |" for name, one in report.items()]
    return "\n".join(lines)
