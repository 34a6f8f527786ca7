"""What people would use instead, asked by the same load generator where it speaks HTTP: nginx with a file, handlers that ask SQLite
or PostgreSQL; Redis and PostgreSQL also by their own generators. What is not installed is said and left out."""

import os, pwd, re, shutil, subprocess

from .postgres import cluster, loaded
from .scenarios import synthetic
from .serving import Server, free_port, middle, on_core, run_load, wait_for


def nginx(tools, options, scratch, size):
    """nginx, one worker, a file of the size of a resolve's answer."""
    if not shutil.which("nginx"):
        return None
    folder, port = scratch / "nginx", free_port()
    folder.mkdir()
    (folder / "body.json").write_bytes(b"x" * size)
    folder.chmod(0o755), scratch.chmod(0o755)
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; user {pwd.getpwuid(os.getuid()).pw_name};\n"
        "events { worker_connections 4096; }\n"
        f"http {{ access_log {folder}/access.log; keepalive_requests 1000000000; open_file_cache max=10; client_body_temp_path {folder};\n"
        f"proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ root {folder}; default_type application/json; }} }} }}\n")
    (scratch / "nginx-requests").write_bytes(request("/body.json"))
    with Server(["nginx", "-c", folder / "nginx.conf"], folder / "log", address=f"127.0.0.1:{port}") as server:
        wait_for(port)
        return turns(tools, options, [server], scratch / "nginx-requests")


def turns(tools, options, servers, requests):
    """Answers a second of the first server, and processor time an answer of all of them in µs, over three turns."""
    runs = []
    for _ in range(3):
        before = [other.cpu_ns() for other in servers[1:]]
        run = run_load(tools, servers[0], requests, options.connections, options.seconds)
        beside = sum(other.cpu_ns() for other in servers[1:]) - sum(before)
        runs.append((run["per_second"], run["cpu_us"] + beside / 1000 / max(1, run["answers"])))
    return middle(rate for rate, _ in runs), middle(cpu for _, cpu in runs)


def request(path):
    text = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    return f"{len(text)}\n".encode() + text


def plain_query(tools, options, scratch, database, scenario, key):
    """A handler without anything else that asks SQLite by key, as one would write it first."""
    requests = scratch / "requests"
    requests.write_bytes(b"".join(scenario.wire(key)))
    with Server([tools.bare, "1", "query", database], scratch / "query.log") as server:
        return turns(tools, options, [server], requests)


def postgres_query(tools, options, scratch, claims):
    """A handler without anything else that asks PostgreSQL through Diesel and a pool, by an index of addresses. Its processor time is
    that of the handler and of PostgreSQL."""
    with loaded(tools, scratch, claims) as postgres:
        if postgres is None:
            return None
        requests = scratch / "requests"
        requests.write_bytes(b"".join(synthetic(tools, claims)[0].wire("none")))
        with Server([tools.bare, "1", "postgres", postgres.url("bulk")], scratch / "query.log") as server:
            return turns(tools, options, [server, postgres.server], requests)


def redis(options, scratch, size):
    if not shutil.which("redis-server"):
        return None
    port = free_port()
    with Server(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", scratch], scratch / "redis.log", address=f"127.0.0.1:{port}"):
        wait_for(port)
        ask = lambda test, count: subprocess.run(on_core(1, ["redis-benchmark", "-p", str(port), "-t", test, "-n", str(count), "-c", str(options.connections), "-d", str(size), "-r", "100000", "--csv"]),
                                                 check=True, stdout=subprocess.PIPE, text=True).stdout
        ask("set", 200_000)
        return middle(float(re.search(r'"GET","([\d.]+)"', ask("get", 300_000)).group(1)) for _ in range(3)), None


def pgbench(options, scratch):
    """`pgbench -S`: one row by its key over a connection, prepared, a server process on one processor a connection."""
    with cluster(scratch) as postgres:
        if postgres is None:
            return None
        postgres.run("pgbench", "-i", "-s", "10", "-q")
        seconds = str(max(2, round(options.seconds)))
        ask = lambda: postgres.run(*on_core(1, [postgres.bin / "pgbench", "-S", "-M", "prepared", "-n", "-c", "8", "-T", seconds]))
        return middle(float(re.search(r"tps = ([\d.]+)", ask()).group(1)) for _ in range(3)), None


def table(found):
    lines = ["| for comparison | per second | CPU µs | |", "|---|---|---|---|"]
    for name, (measured, note) in found.items():
        if measured is None:
            lines.append(f"| {name} | not installed | | {note} |")
            continue
        rate, cpu = measured
        lines.append(f"| {name} | {rate:,.0f} | {f'{cpu:.1f}' if cpu is not None else 'not measured'} | {note} |")
    return "\n".join(lines)
