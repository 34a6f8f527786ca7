"""What anybody may ask without a key, each at its most expensive: instructions by callgrind, held against what the rate of a network address
charges for it. One question may cost MOST instructions; so an address with its 50 questions a second holds a tenth of a core."""

import json, re, subprocess, time
from http.client import HTTPConnection
from urllib.request import urlopen

from .serving import serve

MOST, TIMES = 6_000_000, 5
POLICY_BURST = 1_000_000_000
PARTS = {"{id}": "DE", "{list}": "FATF-GREY", "{caip2}": "eip155:1", "{tile}": "0/000", "{code}": "not_found", "{vasp}": "5493007WZ7IFULIL8G21"}
# The parameters that make an answer dearest, by path.
QUERIES = {"/v1/resolve": "subject=0x00000000000000000000000000000000000000aa", "/v1/jurisdictions/compare": "ids=DE,FR,US,JP,SG,AE,GB,CH",
           "/v1/changes": "since=0&limit=1000", "/v1/log/proof/inclusion": "sequence=1", "/v1/log/proof/consistency": "from=1&to=1000"}
SUBJECTS = [{"subject": f"0x{n:040x}"} for n in range(1, 101)]
PRECHECK = {"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": "5493007WZ7IFULIL8G21"}}
BODIES = {"/v1/resolve": {"subjects": SUBJECTS}, "/v1/networks/parse": {"addresses": [{"address": one["subject"]} for one in SUBJECTS]},
          "/v1/prechecks": PRECHECK, "/v1/prechecks/batch": {"prechecks": [PRECHECK] * 100},
          "/v1/obligations": {"originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "US"}, "transfer": {"date": "2026-06-01"}}}


def questions(address):
    """Every operation that needs no key, from the server's own document, as (method, path, body)."""
    document = json.load(urlopen(f"http://{address}/openapi.json"))
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            security = operation.get("security", [{"key": []}])
            if (security != [] and {} not in security) or path.startswith(("/v1/sandbox", "/v1/session")):
                continue
            if method == "post":
                if path in BODIES:
                    yield method, path, json.dumps(BODIES[path])
                continue
            filled = re.sub(r"\{[a-z0-9]+\}", lambda part: PARTS.get(part.group(0), "nothing"), path)
            takes_limit = any(one.get("name") == "limit" for one in operation.get("parameters", []))
            query = QUERIES.get(path, "limit=1000" if takes_limit else "")
            yield method, filled + (f"?{query}" if query else ""), None
    for page in ["/", "/docs/", "/docs/api", "/docs/operator", "/coverage", "/llms.txt"]:
        yield "get", page, None


def instructions(scratch, pid, name):
    """Instructions of all threads since the last call."""
    subprocess.run(["callgrind_control", f"--dump={name}", str(pid)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    total = 0
    for file in scratch.glob("anonymous.out*"):
        found = re.findall(r"^(?:totals|summary): (\d+)", file.read_text(errors="replace"), re.MULTILINE)
        total += int(found[-1]) if found else 0
        file.unlink()
    return total


def check(tools, scratch, data):
    """Counts, prints a table, and returns whether no question is too dear."""
    tool = ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=yes", "--separate-threads=yes", f"--callgrind-out-file={scratch}/anonymous.out"]
    rate = ["--public-read", "--public-metrics", "--public-rate-limit", "1", "--public-rate-burst", str(POLICY_BURST)]
    good, rows = True, []
    with serve(tools, data, scratch / "access.log", tool, more=rate) as server:
        connection = HTTPConnection(server.address, timeout=600)

        def ask(method, path, body):
            connection.request(method.upper(), path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            size = len(answer.read())
            left = re.search(r"r=(\d+)", answer.getheader("ratelimit", ""))
            return size, int(left.group(1)) if left else None

        for method, path, body in list(questions(server.address)):
            ask(method, path, body)  # warms up
            time.sleep(1)
            instructions(scratch, server.process.pid, "before")
            start = ask(method, path, body)[1]
            for _ in range(TIMES):
                size, left = ask(method, path, body)
            spent = instructions(scratch, server.process.pid, "after") / (TIMES + 1)
            charged = (start - left) / TIMES if left is not None else 0
            price = spent / max(charged, 1)
            fits = price <= MOST
            good &= fits
            rows.append((price, f"| {method.upper()} {path[:60]} | {size:,} | {charged:,.0f} | {spent:,.0f} | {price:,.0f} |{'' if fits else ' TOO DEAR'}"))
    print(f"\n| without a key | bytes | questions | instructions | per question (at most {MOST:,}) |\n|---|---|---|---|---|")
    print("\n".join(row for _, row in sorted(rows, reverse=True)))
    return good
