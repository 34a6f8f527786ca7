"""Builds what is measured, runs servers and load, each on a processor of its own where there are two."""

import json, os, re, shutil, socket, statistics, subprocess, sys, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PINNED = os.cpu_count() >= 2 and shutil.which("taskset") is not None


def on_core(core, command):
    return ["taskset", "-c", str(core), *command] if PINNED else command


def middle(values):
    return statistics.median(list(values))


class Tools:
    """The registry and the tools of benches/, built."""

    def __init__(self):
        subprocess.run(["cargo", "build", "--profile", "dist", "--quiet"], cwd=ROOT, check=True)
        subprocess.run(["cargo", "build", "--profile", "dist", "--quiet", "--package", "vasp-bench-tools"], cwd=ROOT, check=True)
        target = subprocess.run(["cargo", "metadata", "--no-deps", "--format-version=1"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
        self.target = Path(json.loads(target)["target_directory"])
        built = self.target / "dist"
        self.registry, self.bare, self.load, self.synth = (built / name for name in ("vasp-registry", "bare", "load", "synth"))


class Server:
    """A process that says where it listens, or whose address is known; stopped at the end of a `with`. On the first processor,
    so that the load has the other; `free` on all."""

    def __init__(self, command, log, address=None, env=None, free=False):
        self.log, self.started = open(log, "ab"), time.monotonic()
        command = [str(part) for part in command]
        self.process = subprocess.Popen(command if free else on_core(0, command), stdout=subprocess.PIPE, stderr=self.log, text=True, env=env)
        if address:
            self.address = address
            return
        for line in self.process.stdout:
            if found := re.search(r"listening on http://(\S+)", line):
                self.address = found.group(1)
                self.ready_after = time.monotonic() - self.started
                return
        raise SystemExit(f"{command[0]} did not start: see {log}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()

    def cpu_ns(self):
        """Nanoseconds on a processor, of the process and its children, threads that ended included. The kernel tells hundredths of
        a second. Source: proc(5), `stat`, fields 14 and 15."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], stdout=subprocess.PIPE, text=True).stdout.split()
        ticks = 0
        for pid in [self.process.pid, *children]:
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
            except (FileNotFoundError, ProcessLookupError):
                pass  # It has ended since it was listed.
        return ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")

    def resident(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024


def run_load(tools, server, file, connections, seconds, rate=None):
    """Runs the load, and returns what it measured with the processor time of the server. With a rate, requests are sent at their
    times whatever the answers do, and a late answer counts from when its request was due: no omission is coordinated."""
    before = server.cpu_ns()
    command = [tools.load, server.address, str(file), str(connections), str(seconds)]
    done = subprocess.run(on_core(1, [str(part) for part in command] + ([f"{rate:.1f}"] if rate else [])), check=True, stdout=subprocess.PIPE, text=True)
    result = json.loads(done.stdout)
    if set(result["statuses"]) - {"200"}:
        raise SystemExit(f"not all answers had status 200: {result['statuses']}")
    spent = server.cpu_ns() - before
    result["cpu_us"] = spent / 1000 / max(1, result["answers"])
    result["idle"] = max(0, 1 - spent / 1e9 / result["seconds"])
    return result


def demo(tools, scratch):
    """Fills the demo's folder once and returns it with the key of a gateway."""
    data = scratch / "demo"
    with Server([tools.registry, "demo", "--listen", "127.0.0.1:0", "--data", data], scratch / "demo.log"):
        deadline = time.monotonic() + 60
        while not (data / "gateway-key").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
    return data, (data / "gateway-key").read_text().strip()


def serve(tools, data, log, tool=(), free=False, more=()):
    return Server([*tool, tools.registry, "serve", "--listen", "127.0.0.1:0", "--workers", "1", "--database", f"sqlite://{data}/registry.db",
                   "--master-key-file", data / "master-key", "--not-found-budget", "0", "--rate-limit", "10000000", "--rate-burst", "1000000000", *more], log, free=free)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)


def say(text):
    print(text, file=sys.stderr, flush=True)
