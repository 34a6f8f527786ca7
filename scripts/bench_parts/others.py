"""What people would use instead, asked by the same load generator where it speaks HTTP: nginx with a file, and a handler that asks
SQLite; Redis and PostgreSQL by their own generators. What is not installed is said and left out."""

import os, pwd, re, shutil, subprocess

from .postgres import cluster
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
        return middle(run_load(tools, server, scratch / "nginx-requests", options.connections, options.seconds)["per_second"] for _ in range(3))


def request(path):
    text = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    return f"{len(text)}\n".encode() + text


def plain_query(tools, options, scratch, database, scenario, key):
    """A handler without anything else that asks SQLite by key, as one would write it first."""
    requests = scratch / "requests"
    requests.write_bytes(b"".join(scenario.wire(key)))
    with Server([tools.bare, "1", "query", database], scratch / "query.log") as server:
        return middle(run_load(tools, server, requests, options.connections, options.seconds)["per_second"] for _ in range(3))


def redis(options, scratch, size):
    if not shutil.which("redis-server"):
        return None
    port = free_port()
    with Server(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", scratch], scratch / "redis.log", address=f"127.0.0.1:{port}"):
        wait_for(port)
        ask = lambda test, count: subprocess.run(on_core(1, ["redis-benchmark", "-p", str(port), "-t", test, "-n", str(count), "-c", str(options.connections), "-d", str(size), "-r", "100000", "--csv"]),
                                                 check=True, stdout=subprocess.PIPE, text=True).stdout
        ask("set", 200_000)
        return middle(float(re.search(r'"GET","([\d.]+)"', ask("get", 300_000)).group(1)) for _ in range(3))


def pgbench(options, scratch):
    """`pgbench -S`: one row by its key over a connection, prepared, a server process on one processor a connection."""
    with cluster(scratch) as postgres:
        if postgres is None:
            return None
        postgres.run("pgbench", "-i", "-s", "10", "-q")
        seconds = str(max(2, round(options.seconds)))
        ask = lambda: postgres.run(*on_core(1, [postgres.bin / "pgbench", "-S", "-M", "prepared", "-n", "-c", "8", "-T", seconds]))
        return middle(float(re.search(r"tps = ([\d.]+)", ask()).group(1)) for _ in range(3))


def table(found):
    lines = ["| for comparison | per second | |", "|---|---|---|"]
    for name, (value, note) in found.items():
        lines.append(f"| {name} | {'not installed' if value is None else f'{value:,.0f}'} | {note} |")
    return "\n".join(lines)
