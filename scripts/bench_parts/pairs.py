"""The registry against the bare handler: same worker count, load, connections and body size, turns taken. What counts is the processor
time of a request, all threads of the process: requests per second flatter the slower server where the faster one is not busy."""

import os

from .serving import Server, middle, run_load, say

# A pair counts only if the bare server is idle for no more than this part of its turns.
IDLE_MOST = 0.03
# Latencies need a processor for the server, one for the load and one for everything else.
PROCESSORS_FOR_LATENCY = 3


def pair(tools, options, scratch, scenario, server, key):
    requests, prepared = scratch / "requests", scratch / "body"
    requests.write_bytes(b"".join(scenario.wire(key)))
    size = scenario.body_bytes(server.address, key)
    prepared.write_bytes(b"x" * size)
    report = {"name": scenario.name, "body_bytes": size, "target": scenario.target}
    with Server([tools.bare, "1", prepared], scratch / "bare.log") as bare:
        for connections in (options.connections, options.connections * 4, options.connections * 16):
            run = lambda one, rate=None: run_load(tools, one, requests, connections, options.seconds, rate)
            for one in (server, bare):
                run(one)  # warms up
            rounds = [(run(server), run(bare)) for _ in range(options.rounds)]
            idle = middle(bare["idle"] for _, bare in rounds)
            if idle <= IDLE_MOST:
                return report | figures(rounds, run, server, scenario.per_request) | {"connections": connections}
            say(f"{scenario.name}: the bare server was idle for {idle:.1%} of its turns with {connections} connections")
    return report | {"refused": f"the bare server was idle for {idle:.1%} of its turns"}


def figures(rounds, run, server, per):
    ratios = [bare["cpu_us"] / ours["cpu_us"] for ours, bare in rounds]
    found = {
        "ratio": middle(ratios), "ratios": [round(ratio, 3) for ratio in ratios],
        "per_second": middle(ours["per_second"] for ours, _ in rounds) * per,
        "cpu_us": middle(ours["cpu_us"] for ours, _ in rounds) / per,
        "bare_cpu_us": middle(bare["cpu_us"] for _, bare in rounds) / per,
        "latency": None,
    }
    if os.cpu_count() >= PROCESSORS_FOR_LATENCY:
        half = run(server, middle(ours["per_second"] for ours, _ in rounds) / 2)
        found["latency"] = {name: half[name] for name in ("p50_us", "p99_us", "p999_us")}
    return found


def table(rows, first="question"):
    lines = [f"| {first} | of bare, by processor time (all turns) | target | CPU µs, bare CPU µs | per second, one worker | p50 / p99 / p99.9 µs at half load | body bytes |",
             "|---|---|---|---|---|---|---|"]
    for row in rows:
        wanted = f"{row['target']:.2f}" if row["target"] else ""
        if "refused" in row:
            lines.append(f"| {row['name']} | refused: {row['refused']} | {wanted} | | | | {row['body_bytes']:,} |")
            continue
        late = row["latency"]
        latency = f"{late['p50_us']:,} / {late['p99_us']:,} / {late['p999_us']:,}" if late else "not measurable here"
        turns = f"{min(row['ratios']):.2f} to {max(row['ratios']):.2f}"
        lines.append(f"| {row['name']} | {row['ratio']:.2f} ({turns}) | {wanted} | {row['cpu_us']:.1f}, {row['bare_cpu_us']:.1f} | {row['per_second']:,.0f} | {latency} | {row['body_bytes']:,} |")
    return "\n".join(lines)
