"""A private PostgreSQL, as it comes (every commit on disk): bulk load beside COPY, bytes a claim, start."""

import os, shutil, subprocess, time
from contextlib import contextmanager
from pathlib import Path

from .serving import Server, free_port, middle, say, wait_for


class Postgres:
    """A running server; `run` gives a command its address."""

    def __init__(self, bin, port, drop):
        self.bin, self.port, self.drop, self.server = bin, port, drop, None
        self.env = dict(os.environ, PATH=f"{bin}:{os.environ['PATH']}", PGHOST="127.0.0.1", PGPORT=str(port), PGUSER="bench", PGDATABASE="postgres")

    def run(self, *command):
        return subprocess.run([*self.drop, *map(str, command)], check=True, env=self.env, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout

    def url(self, database):
        return f"postgres://bench@127.0.0.1:{self.port}/{database}"

    def ask(self, database, sql):
        return self.run("psql", "-X", "-A", "-t", "-q", "-d", database, "-c", sql).strip()


@contextmanager
def cluster(scratch):
    """Starts one in `scratch` and stops it; none where PostgreSQL is not installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not folders:
        yield None
        return
    data, port, drop = scratch / "postgres", free_port(), []
    data.mkdir()
    scratch.chmod(0o755)
    if os.getuid() == 0:
        drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(data, "postgres", "postgres")
    postgres = Postgres(folders[-1].parent, port, drop)
    postgres.run("initdb", "-D", data / "d", "-U", "bench", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
    command = [*drop, postgres.bin / "postgres", "-D", data / "d", "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}"]
    with Server(command, scratch / "postgres.log", address=f"127.0.0.1:{port}", env=postgres.env, free=True) as postgres.server:
        wait_for(port)
        time.sleep(1)
        yield postgres
    shutil.rmtree(data)


@contextmanager
def loaded(tools, scratch, claims):
    """A server whose database `bulk` has synthetic claims, with an index by account as a table of addresses would have it."""
    with cluster(scratch) as postgres:
        if postgres is not None:
            run, file = registry(tools, scratch, postgres), synthetic_file(tools, scratch, claims)
            run("migrate", "--create")
            run("import", "claims-csv", file)
            postgres.ask("bulk", "CREATE INDEX claims_by_account ON claims (account_key)")
            postgres.ask("bulk", "VACUUM ANALYZE claims")
        yield postgres


def synthetic_file(tools, scratch, claims):
    file = scratch / "claims.csv"
    with open(file, "wb") as out:
        subprocess.run([tools.synth, "claims", str(claims)], check=True, stdout=out)
    return file


def registry(tools, scratch, postgres):
    """Makes the database `bulk`, and returns a function that runs the registry's commands on it."""
    postgres.ask("postgres", "CREATE DATABASE bulk")
    with_database = ["--database", postgres.url("bulk"), "--master-key-file", scratch / "bulk-key"]
    return lambda *words: subprocess.run([tools.registry, *words, *with_database], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def bulk(tools, scratch, claims):
    """Imports synthetic claims and loads the same rows by COPY into the same table with its indexes; starts a node over them."""
    with cluster(scratch) as postgres:
        if postgres is None:
            return None
        say(f"importing {claims:,} claims into PostgreSQL")
        file, key, url = synthetic_file(tools, scratch, claims), scratch / "bulk-key", postgres.url("bulk")
        run = registry(tools, scratch, postgres)
        run("migrate", "--create")
        started = time.monotonic()
        run("import", "claims-csv", file)
        took = time.monotonic() - started
        ready = []
        for _ in range(3):
            command = [tools.registry, "serve", "--listen", "127.0.0.1:0", "--database", url, "--master-key-file", key, "--documents", scratch / "documents"]
            with Server(command, scratch / "bulk.log", free=True) as server:
                ready.append(round(server.ready_after, 2))
        tables = "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'claims'::regclass"
        bytes_a_claim = int(postgres.ask("bulk", tables)) / claims
        rows = scratch / "postgres" / "rows.bin"
        postgres.ask("bulk", f"COPY (SELECT * FROM claims ORDER BY number) TO '{rows}' WITH (FORMAT binary)")
        postgres.ask("bulk", "TRUNCATE claims")
        started = time.monotonic()
        postgres.ask("bulk", f"COPY claims FROM '{rows}' WITH (FORMAT binary)")
        plain = time.monotonic() - started
        return {"claims": claims, "rows_per_second": claims / took, "copy_rows_per_second": claims / plain, "load_ratio": plain / took,
                "disk_bytes_a_claim": bytes_a_claim, "ready_seconds": ready}


def table(one):
    if one is None:
        return "PostgreSQL is not installed: not measured there."
    return ("| PostgreSQL, claims | import, rows per second | ratio to COPY | ready after s | disk bytes per claim |\n|---|---|---|---|---|\n"
            f"| {one['claims']:,} | {one['rows_per_second']:,.0f} | {one['load_ratio']:.2f} | {middle(one['ready_seconds'])} | {one['disk_bytes_a_claim']:.0f} |")
