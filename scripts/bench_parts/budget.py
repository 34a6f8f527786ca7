"""Instructions a request of the hot handlers, by callgrind: the same for the same program and data, whatever else the machine does.
Held against a stored budget of ±5 % where compiler and C library are those of the budget."""

import json, platform, re, subprocess, time
from http.client import HTTPConnection

from .serving import ROOT, serve

FILE = ROOT / "scripts/bench_parts/budget.json"
COUNTED, TOLERANCE = 1_000, 0.05


def toolchain():
    rustc = subprocess.run(["rustc", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return f"{rustc}, {' '.join(platform.libc_ver())}, {platform.machine()}"


def count(tools, scratch, scenario, data, key, show=False):
    """Counts over requests of one connection; the timers of the server are at rest meanwhile, as far as they ever are."""
    out = scratch / "callgrind.out"
    tool = ["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes", f"--callgrind-out-file={out}"]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    for old in scratch.glob("callgrind.out*"):
        old.unlink()
    with serve(tools, data, scratch / "access.log", tool) as server:
        connection = HTTPConnection(server.address)

        def ask(number):
            for n in range(number):
                method, path, body = scenario.requests[n % len(scenario.requests)]
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    raise SystemExit(f"not all answers had status 200: {answer.status}")

        switch = lambda state: subprocess.run(["callgrind_control", "-i", state, str(server.process.pid)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ask(200)  # warms up
        time.sleep(20)  # what a start has to do is done
        switch("on")
        ask(COUNTED)
        switch("off")
        connection.close()
    most, shown = 0, ""
    for file in scratch.glob("callgrind.out*"):
        # The thread of the worker is the one that worked most; others are timers and the writer of the log.
        text = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        found = re.search(r"^\s*([\d,]+) \(\s*[\d.]+%\)\s+PROGRAM TOTALS", text, re.MULTILINE)
        total = int(found.group(1).replace(",", "")) if found else 0
        if total > most:
            most, shown = total, text
    if show:
        print(f"{scenario.name}: {most / COUNTED:,.0f} instructions per request on its worker\n")
        for _, percent, place in re.findall(r"^\s*([\d,]+) \(\s*([\d.]+)%\)\s+(.*)$", shown, re.MULTILINE)[1:]:
            name = re.sub(r" \[[^]]*\]$|^\S*?:(?=\S)", "", place)
            if float(percent) >= 1:
                print(f"{float(percent):6.1f} %  {name[:140]}")
    return round(most / COUNTED)


def check(tools, scratch, scenarios, data, key, write=False):
    """Counts and compares; returns whether all are within the budget. `write` makes what was counted the budget."""
    counted = {scenario.name: count(tools, scratch, scenario, data, key) for scenario in scenarios}
    if write:
        FILE.write_text(json.dumps({"toolchain": toolchain(), "instructions": counted}, indent=1) + "\n")
    budget = json.loads(FILE.read_text()) if FILE.exists() else {"toolchain": None, "instructions": {}}
    compared = budget["toolchain"] == toolchain()
    print("| instructions per request | counted | budget | |\n|---|---|---|---|")
    good = True
    for name in sorted(counted.keys() | budget["instructions"].keys()):
        number, wanted = counted.get(name), budget["instructions"].get(name)
        off = number / wanted - 1 if number and wanted else None
        # What is in one of the two only is out of budget: nobody would notice that it is no longer counted.
        fits = not compared or (off is not None and abs(off) <= TOLERANCE)
        good &= fits
        beside = "other toolchain: not compared" if not compared else "missing" if off is None else f"{off:+.1%}"
        print(f"| {name} | {number or 0:,} | {wanted or 0:,} | {beside}{'' if fits else ' OUT OF BUDGET'} |")
    return good
