"""The registry against the bare handler: same worker count, load, connections and body size, turns taken; median ratio."""

from .serving import Server, middle, run_load


def pair(tools, options, scratch, scenario, server, key):
    connections, seconds = options.connections, options.seconds
    requests, prepared = scratch / "requests", scratch / "body"
    requests.write_bytes(b"".join(scenario.wire(key)))
    size = scenario.body_bytes(server.address, key)
    prepared.write_bytes(b"x" * size)
    with Server([tools.bare, "1", prepared], scratch / "bare.log") as bare:
        run = lambda one, rate=None: run_load(tools, one, requests, connections, seconds, rate)
        for one in (server, bare):
            run(one)  # warms up
        rounds = [(run(server), run(bare)) for _ in range(options.rounds)]
        rate = middle(ours["per_second"] for ours, _ in rounds) / 2
        half, bare_half = run(server, rate), run(bare, rate)
    per = scenario.per_request
    return {
        "name": scenario.name, "body_bytes": size, "target": scenario.target,
        "ratio": middle(ours["per_second"] / bare["per_second"] for ours, bare in rounds),
        "ratios": [round(ours["per_second"] / bare["per_second"], 3) for ours, bare in rounds],
        "per_second": middle(ours["per_second"] for ours, _ in rounds) * per,
        "bare_per_second": middle(bare["per_second"] for _, bare in rounds) * per,
        "cpu_us": middle(ours["cpu_us"] for ours, _ in rounds) / per,
        "bare_cpu_us": middle(bare["cpu_us"] for _, bare in rounds) / per,
        "p50_us": half["p50_us"], "p99_us": half["p99_us"], "p999_us": half["p999_us"],
        "bare_p50_us": bare_half["p50_us"], "bare_p99_us": bare_half["p99_us"],
    }


def table(rows, first="question"):
    lines = [f"| {first} | ratio to bare | target | per second, one worker | CPU µs, bare CPU µs | p50 / p99 / p99.9 µs at half load | bare p50 / p99 | body bytes |",
             "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        wanted = f"{row['target']:.2f}" if row["target"] else ""
        lines.append(f"| {row['name']} | {row['ratio']:.2f} | {wanted} | {row['per_second']:,.0f} | {row['cpu_us']:.1f}, {row['bare_cpu_us']:.1f} | "
                     f"{row['p50_us']:,} / {row['p99_us']:,} / {row['p999_us']:,} | {row['bare_p50_us']:,} / {row['bare_p99_us']:,} | {row['body_bytes']:,} |")
    return "\n".join(lines)
