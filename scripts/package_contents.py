"""Writes what is compiled into the program: `sbom.cdx.json` (CycloneDX) and `THIRD-PARTY-LICENSES.txt`, which the licences of the crates ask to
be handed on with the program.

Usage: package_contents.py METADATA LOCK FOLDER, where METADATA is what `cargo metadata` printed and LOCK is Cargo.lock.
"""

import datetime
import json
import os
import pathlib
import sys
import tomllib
import uuid

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

# What a package's licence files are called.
LICENCE_NAMES = ("license", "licence", "copying", "notice", "copyright", "unlicense")


def compiled_in(metadata):
    """Returns, for each package that the program contains, the packages that it uses; no build scripts, macros or tests."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    macros = {p["id"] for p in metadata["packages"] if any("proc-macro" in target["kind"] for target in p["targets"])}
    found, left = {}, [metadata["resolve"]["root"]]
    while left:
        package = left.pop()
        if package in found:
            continue
        normal = [d["pkg"] for d in nodes[package]["deps"] if any(kind["kind"] is None for kind in d["dep_kinds"])]
        found[package] = sorted(set(normal) - macros)
        left += found[package]
    return found


def component(package, checksums, kind):
    """Returns the entry of a package."""
    name, version = package["name"], package["version"]
    checksum = checksums.get((name, version))
    licence = (package["license"] or "").replace("/", " OR ")
    repository = package["repository"]
    return Component(
        type=kind,
        name=name,
        version=version,
        bom_ref=f"{name}@{version}",
        description=(package["description"] or "").strip() or None,
        scope=ComponentScope.REQUIRED,
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
        # Packages without a checksum are this project's own, and are in no registry.
        purl=PackageURL("cargo", name=name, version=version) if checksum else None,
        external_references=[ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(repository))] if repository else [],
    )


def bill_of_materials(metadata, lock, contents):
    """Returns the bill of materials; the same input gives the same bytes."""
    packages = {package["id"]: package for package in metadata["packages"]}
    checksums = {(p["name"], p["version"]): p.get("checksum") for p in tomllib.loads(lock.decode())["package"]}
    program = metadata["resolve"]["root"]
    made = {
        id: component(packages[id], checksums, ComponentType.APPLICATION if id == program else ComponentType.LIBRARY) for id in contents
    }
    bom = Bom(components=[part for id, part in made.items() if id != program], serial_number=uuid.uuid5(uuid.NAMESPACE_OID, lock.hex()))
    bom.metadata.timestamp = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.UTC)
    bom.metadata.component = made[program]
    for id, uses in contents.items():
        bom.register_dependency(made[id], [made[used] for used in uses])
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        sys.exit(f"the bill of materials does not keep to CycloneDX's schema: {fault}")
    return text + "\n"


def licence_texts(metadata, contents):
    """Returns the licence files of the packages of others; each text once, under the packages that have it."""
    owners = {}
    for package in metadata["packages"]:
        if package["id"] not in contents or package["source"] is None:
            continue
        title = f"{package['name']} {package['version']} ({package['license'] or package['license_file']})"
        folder = pathlib.Path(package["manifest_path"]).parent
        texts = [f for f in sorted(folder.iterdir()) if f.is_file() and f.name.lower().startswith(LICENCE_NAMES)]
        for text in [f.read_text(errors="replace").strip() for f in texts] or ["(The package has no licence file.)"]:
            owners.setdefault(text, set()).add(title)
    parts = sorted((sorted(titles), text) for text, titles in owners.items())
    rule = "=" * 100
    head = "The program contains these packages of others, under these licences."
    return head + "".join(f"\n\n{rule}\n" + "\n".join(titles) + f"\n{rule}\n\n{text}" for titles, text in parts) + "\n"


def main():
    """Writes both files."""
    metadata = json.loads(pathlib.Path(sys.argv[1]).read_bytes())
    lock, folder = pathlib.Path(sys.argv[2]).read_bytes(), pathlib.Path(sys.argv[3])
    contents = compiled_in(metadata)
    (folder / "sbom.cdx.json").write_text(bill_of_materials(metadata, lock, contents))
    (folder / "THIRD-PARTY-LICENSES.txt").write_text(licence_texts(metadata, contents))


main()
