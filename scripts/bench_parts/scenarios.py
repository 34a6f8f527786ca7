"""What is asked: requests of one kind, made with fixed seeds."""

import csv, gzip, json, random, re, statistics, subprocess
from urllib.parse import quote
from urllib.request import Request, urlopen

from .serving import ROOT

NETWORKS = {"eip155:1", "bip122:000000000019d6689c085ae165831e93", "tron:0x2b6653dc"}
ASKED = 100_000


class Scenario:
    """Requests of one kind, as (method, path, body). `target` is the ratio to the bare handler that is wanted."""

    def __init__(self, name, requests, per_request=1, target=None):
        self.name, self.requests, self.per_request, self.target = name, requests, per_request, target

    def wire(self, key):
        for method, path, body in self.requests:
            head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
            if body is not None:
                head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            request = (head + "\r\n").encode() + (body or b"")
            yield f"{len(request)}\n".encode() + request

    def body_bytes(self, address, key):
        """The mean length of an answer, each of which must be a 200."""
        sizes = []
        for method, path, body in random.Random(1).sample(self.requests, min(50, len(self.requests))):
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
            with urlopen(Request(f"http://{address}{path}", data=body, method=method, headers=headers)) as answer:
                sizes.append(len(answer.read()))
        return round(statistics.mean(sizes))


def get(network, address):
    return ("GET", f"/v1/resolve?subject={quote(address)}&network={quote(network)}", None)


def post(accounts, query=""):
    subjects = [{"subject": address, "network": network} for network, address in accounts]
    return ("POST", "/v1/resolve" + query, json.dumps({"subjects": subjects}).encode())


def precheck(network, address, record):
    body = {"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"network": network, "address": address},
            "transfer": {"asset": f"{network}/slip44:0", "amount": "0.05", "fiat": {"amount": "2000", "currency": "EUR"}}, "record": record}
    return ("POST", "/v1/prechecks", json.dumps(body).encode())


def seeded():
    """Questions about the seed's own claims and records."""
    rng = random.Random(42)
    rows = csv.DictReader(open(ROOT / "seed/claims.csv", encoding="utf-8", newline=""))
    known = sorted({(row["network"], row["address"]) for row in rows if row["network"] in NETWORKS})
    hits = [rng.choice(known) for _ in range(4_000)]
    distinct = rng.sample(known, 1_000)
    unknown = [("eip155:1", "0x" + rng.randbytes(20).hex()) for _ in range(4_000)]
    registers = (ROOT / "seed/registers").iterdir()
    text = "".join((gzip.open(f, "rt") if f.suffix == ".gz" else open(f)).read() for f in sorted(registers))
    # The rows of two firms name an authority of another state: they are held, and nobody finds the firms.
    held = {"25490004TC93R2OKW073", "485100001PLJJ09NZT59"}
    leis = sorted(set(re.findall(r"\b[0-9A-Z]{18}[0-9]{2}\b", text)) - held)
    names = ["bitpanda", "bitpnada gmbh", "coinbase", "krakn", "bitvavo b.v.", "circle internet", "clearstream", "mambu", "boerse stuttgart", "bit stamp"]
    return [
        Scenario("resolve hit", [get(*account) for account in hits], target=0.45),
        Scenario("resolve hit, POST", [post([account]) for account in hits]),
        Scenario("resolve miss", [get(*account) for account in unknown], target=0.50),
        Scenario("VASP by LEI", [("GET", f"/v1/vasps/{lei}", None) for lei in leis], target=0.35),
        Scenario("search", [("GET", f"/v1/vasps?q={quote(name)}&limit=10", None) for name in names]),
        Scenario("pre-check, 1,000 distinct", [precheck(*account, False) for account in distinct]),
        Scenario("pre-check, 1,000 distinct, recorded", [precheck(*account, True) for account in distinct]),
    ]


def synthetic(tools, claims):
    """Questions about synthetic claims of four families."""

    def accounts(how, count, seed):
        out = subprocess.run([tools.synth, "ask", str(claims), str(count), how, str(seed)], check=True, stdout=subprocess.PIPE, text=True).stdout
        return [line.split(" ") for line in out.splitlines()]

    uniform, misses = accounts("uniform", ASKED, 1), accounts("miss", ASKED, 2)
    half = lambda n: [account for pair in zip(uniform[n * 500:(n + 1) * 500], misses[n * 500:(n + 1) * 500]) for account in pair]
    return [
        Scenario("uniform hits", [get(*account) for account in uniform], target=0.45),
        Scenario("Zipf hits", [get(*account) for account in accounts("zipf", ASKED, 3)]),
        Scenario("misses", [get(*account) for account in misses], target=0.50),
        Scenario("batch of 1,000, half misses", [post(half(n)) for n in range(32)], 1_000),
        Scenario("the same, view=compact", [post(half(n), "?view=compact") for n in range(32)], 1_000),
    ]


def search_misspelt(tools, firms):
    """Searches by names of invented firms in which two letters are exchanged."""
    names = subprocess.run([tools.synth, "names", str(firms)], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    wrong = [name[:3] + name[4] + name[3] + name[5:] for name in random.Random(4).sample(names, min(1_000, len(names)))]
    return Scenario("search, misspelt name", [("GET", f"/v1/vasps?q={quote(name)}&limit=10", None) for name in wrong])
