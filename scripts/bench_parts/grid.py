"""The same questions over every number of claims and of VASPs: what a question costs should depend on neither."""

import shutil, subprocess

from .pairs import pair
from .scenarios import search_misspelt, synthetic
from .serving import say, serve


def measure(tools, options, scratch, demo, key, claims, vasps):
    """A row for each number of claims; in it, for each number of VASPs, hits and misses. Searches are measured with the fewest claims."""
    report = []
    for count in claims:
        say(f"grid: importing {count:,} claims")
        data, file = scratch / f"grid-{count}", scratch / "grid-file"
        shutil.copytree(demo, data)
        load(tools, data, file, "claims-csv", ["claims", count])
        for firms in vasps:
            if firms:
                load(tools, data, file, "register-json", ["firms", firms])
            with serve(tools, data, scratch / "access.log") as server:
                asked = synthetic(tools, count)
                asked = [asked[0], asked[2]] + ([search_misspelt(tools, firms)] if firms and count == claims[0] else [])
                for scenario in asked:
                    say(f"grid: measuring {scenario.name}, {count:,} claims, {firms:,} firms more")
                    report.append({"claims": count, "vasps": firms} | pair(tools, options, scratch, scenario, server, key))
        shutil.rmtree(data)
    return report


def load(tools, data, file, form, what):
    with open(file, "wb") as out:
        subprocess.run([tools.synth, *map(str, what)], check=True, stdout=out)
    subprocess.run([tools.registry, "import", form, file, "--accept-shrink", "--database", f"sqlite://{data}/registry.db", "--master-key-file", data / "master-key"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    file.unlink()


def table(report):
    lines = ["| question | claims | firms beside the demo's | of bare, by processor time | CPU µs, bare CPU µs |", "|---|---|---|---|---|"]
    for one in report:
        place = f"| {one['name']} | {one['claims']:,} | {one['vasps']:,} |"
        lines.append(f"{place} refused: {one['refused']} | |" if "refused" in one else f"{place} {one['ratio']:.2f} | {one['cpu_us']:.1f}, {one['bare_cpu_us']:.1f} |")
    return "\n".join(lines)
