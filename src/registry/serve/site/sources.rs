//! The pages and files of the documentation, compiled in, and the address that each has on the server. A page is here under the path that
//! it has in the project, so that its links lead to the same places on the server.

use super::reasons;

/// A page.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its address below `/docs/`, without an ending.
    pub(crate) slug: &'static str,
    /// Its path in the project.
    pub(crate) path: &'static str,
    /// Its file, in Markdown.
    pub(crate) file: &'static str,
}

impl Source {
    /// Returns its address on the server.
    pub(crate) fn address(&self) -> String {
        match self.slug {
            "index" => "/docs/".to_owned(),
            slug => format!("/docs/{slug}"),
        }
    }

    /// Returns its text, in Markdown.
    pub(crate) fn text(&self) -> &'static str {
        if self.slug == reasons::SLUG { reasons::page() } else { self.file }
    }

    /// Returns its text with links that lead to the server's files, as relative addresses.
    pub(crate) fn twin(&self) -> String {
        let linked = SOURCES.iter().map(|page| (page.path, format!("{}.md", page.slug)));
        let linked = linked.chain(ATTACHED.iter().map(|file| (file.path, file.name.to_owned())));
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        linked.fold(self.text().to_owned(), |text, (path, name)| {
            let named = relative(folder, path);
            [")", "#"].iter().fold(text, |text, end| text.replace(&format!("]({named}{end}"), &format!("]({name}{end}")))
        })
    }
}

/// Returns how a page in `folder` names the file `path`.
fn relative(folder: &str, path: &str) -> String {
    let (from, to): (Vec<&str>, Vec<&str>) =
        (folder.split('/').filter(|part| !part.is_empty()).collect(), path.split('/').collect());
    let shared = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    up.chain(to.into_iter().skip(shared)).collect::<Vec<_>>().join("/")
}

/// A file that pages show or link.
#[derive(Debug)]
pub(crate) struct Attached {
    /// Its address below `/docs/`.
    pub(crate) name: &'static str,
    /// Its path in the project.
    pub(crate) path: &'static str,
    /// Its content type.
    pub(crate) content_type: &'static str,
    /// Its bytes.
    pub(crate) bytes: &'static [u8],
}

macro_rules! sources {
    ($($slug:literal $path:literal),* $(,)?) => {
        /// All pages. The first is the index.
        pub(crate) const SOURCES: &[Source] =
            &[$(Source { slug: $slug, path: $path, file: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)) }),*];
    };
}

sources! {
    "index" "docs/README.md",
    "addresses" "docs/addresses.md",
    "backup" "docs/backup.md",
    "benchmarks" "docs/project/benchmarks.md",
    "brands" "docs/brands.md",
    "brands-by-country" "docs/brands-by-country.md",
    "building" "docs/project/building.md",
    "bulk-claims" "docs/bulk-claims.md",
    "ca" "docs/ca.md",
    "capabilities" "docs/project/capabilities.md",
    "certificates" "docs/certificates.md",
    "checked" "docs/project/checked.md",
    "claims" "docs/claims.md",
    "console" "docs/console.md",
    "coverage" "docs/coverage.md",
    "due-diligence" "docs/due-diligence.md",
    "endpoints" "docs/endpoints.md",
    "faults" "docs/faults.md",
    "fuzzing" "docs/project/fuzzing.md",
    "gateway" "docs/gateway.md",
    "imports" "docs/imports.md",
    "installing" "docs/installing.md",
    "member" "docs/member.md",
    "networks" "docs/networks.md",
    "nodes" "docs/nodes.md",
    "operator" "docs/operator.md",
    "organisations" "docs/organisations.md",
    "policies" "docs/policies.md",
    "prechecks" "docs/prechecks.md",
    "probes" "docs/probes.md",
    "reasons" "docs/reasons.md",
    "registers" "docs/registers.md",
    "relationships" "docs/relationships.md",
    "requirements" "docs/project/requirements.md",
    "routes" "docs/routes.md",
    "rulebook" "docs/rulebook.md",
    "running" "docs/running.md",
    "sandbox" "docs/sandbox.md",
    "scale" "docs/scale.md",
    "screening" "docs/screening.md",
    "security" "docs/security.md",
    "signing-in" "docs/signing-in.md",
    "sources" "docs/sources.md",
    "tls" "docs/tls.md",
    "trust" "docs/trust.md",
    "upgrading" "docs/upgrading.md",
    "vetting" "docs/vetting.md",
    "watch" "docs/watch.md",
    "seed" "seed/README.md",
    "containers" "docker/README.md",
    "changelog" "CHANGELOG.md",
    "architecture" "ARCHITECTURE.md",
    "contributing" "CONTRIBUTING.md",
    "reporting-weaknesses" "SECURITY.md",
    "python-client" "clients/python/README.md",
    "typescript-client" "clients/typescript/README.md",
    "rust-client" "clients/rust/README.md",
    "client-conformance" "clients/conformance/README.md",
    "addresses-library" "src/addresses/README.md",
    "rules-library" "src/rules/README.md",
    "migrations" "migrations/README.md",
}

/// All files.
pub(crate) const ATTACHED: &[Attached] = &[
    Attached {
        name: "benchmarks.svg",
        path: "docs/images/benchmarks.svg",
        content_type: "image/svg+xml",
        bytes: include_bytes!("../../../../docs/images/benchmarks.svg"),
    },
    Attached {
        name: "console-case.png",
        path: "docs/images/console-case.png",
        content_type: "image/png",
        bytes: include_bytes!("../../../../docs/images/console-case.png"),
    },
    Attached {
        name: "console-verdict.png",
        path: "docs/images/console-verdict.png",
        content_type: "image/png",
        bytes: include_bytes!("../../../../docs/images/console-verdict.png"),
    },
    Attached {
        name: "alerts.yaml",
        path: "docs/alerts.yaml",
        content_type: "text/plain; charset=utf-8",
        bytes: include_bytes!("../../../../docs/alerts.yaml"),
    },
    Attached {
        name: "brands-by-country.csv",
        path: "docs/brands-by-country.csv",
        content_type: "text/csv; charset=utf-8",
        bytes: include_bytes!("../../../../docs/brands-by-country.csv"),
    },
    Attached {
        name: "vasp-registry.toml",
        path: "docker/vasp-registry.toml",
        content_type: "text/plain; charset=utf-8",
        bytes: include_bytes!("../../../../docker/vasp-registry.toml"),
    },
];

/// Returns where a relative link of a page leads on the server, as a path with its anchor; `None` if the server does not have that file.
pub(crate) fn address_of(page: &Source, link: &str) -> Option<String> {
    let (file, anchor) = link.find('#').map_or((link, ""), |at| link.split_at(at));
    if file.is_empty() {
        return Some(anchor.to_owned());
    }
    let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = joined(folder, file)?;
    let found = SOURCES.iter().find(|source| source.path == path).map(Source::address);
    let found = found.or_else(|| ATTACHED.iter().find(|file| file.path == path).map(|file| format!("/docs/{}", file.name)));
    found.map(|address| address + anchor)
}

/// Returns the path of a file that is named from a folder; `None` if it lies outside the project.
fn joined(folder: &str, file: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "" | "." => (),
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether a link leads to another server.
pub(crate) fn is_elsewhere(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://") || link.starts_with("mailto:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_in_docs_is_here() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());

        let missing: Vec<String> = names
            .filter(|name| name.ends_with(".md") && !SOURCES.iter().any(|source| source.path == format!("docs/{name}")))
            .collect();

        assert!(missing.is_empty(), "add these to SOURCES: {missing:?}");
    }

    #[test]
    fn twin_links_to_twins() {
        let page = Source {
            slug: "a",
            path: "docs/claims.md",
            file: "[a](claims.md#memos) [b](../seed/README.md) [c](images/benchmarks.svg) [d](README.md) [e](../LICENSE-MIT) [f](https://example.org/a.md)",
        };

        assert_eq!(
            page.twin(),
            "[a](claims.md#memos) [b](seed.md) [c](benchmarks.svg) [d](index.md) [e](../LICENSE-MIT) [f](https://example.org/a.md)"
        );
    }

    #[test]
    fn links_lead_to_the_same_files_as_in_the_project() {
        let page = |path: &str| SOURCES.iter().find(|source| source.path == path).unwrap();

        assert_eq!(address_of(page("docs/README.md"), "claims.md#memos").as_deref(), Some("/docs/claims#memos"));
        assert_eq!(address_of(page("docs/README.md"), "../seed/README.md").as_deref(), Some("/docs/seed"));
        assert_eq!(address_of(page("seed/README.md"), "../docs/brands.md").as_deref(), Some("/docs/brands"));
        assert_eq!(address_of(page("docs/claims.md"), "README.md").as_deref(), Some("/docs/"));
        assert_eq!(address_of(page("docs/claims.md"), "#memos").as_deref(), Some("#memos"));
        assert_eq!(
            address_of(page("docs/project/benchmarks.md"), "../images/benchmarks.svg").as_deref(),
            Some("/docs/benchmarks.svg")
        );
        assert_eq!(address_of(page("docs/claims.md"), "../LICENSE-MIT"), None);
        assert_eq!(address_of(page("docs/claims.md"), "../../elsewhere.md"), None);
    }
}
