//! The manifest of a bundle: which files it has, what each is, whose, of which day and under which licence. Reads and checks text only; the
//! callers are `archive` and `make_bundle`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::BundleError;
use crate::imports::ImportFormat;
use vasp_words::time::{Date, UtcTime};

/// The form of the manifest.
const FORMAT: &str = "vasp-registry-bundle/1";

/// The most files of a bundle.
const FILES_MAX: usize = 500;

/// The largest file of a bundle as it lies in it, in bytes. Formats have limits of their own for what they unpack.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// The longest path of a file, publisher or licence.
const TEXT_MAX: usize = 200;

/// A document of a bundle, as the person who makes the bundle describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// Its path in the folder and in the bundle, with `/` between the parts.
    pub path: String,
    /// The format with which it is imported.
    pub import: ImportFormat,
    /// The day of the facts in it.
    pub as_of: Date,
    /// Who publishes the facts, and who read them if it is somebody else.
    pub publisher: String,
    /// An SPDX expression, such as `CC0-1.0`, `MIT AND ISC` or `LicenseRef-ESMA`.
    pub licence: String,
}

/// What describes a folder: its documents, in the order in which they are imported. The file `bundle.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// The documents.
    pub files: Vec<Described>,
}

/// A document of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleFile {
    /// What it is.
    pub document: Described,
    /// SHA-256 of the file as it lies in the bundle.
    #[serde(with = "hex::serde")]
    pub sha256: [u8; 32],
    /// Its size there, in bytes.
    pub size_bytes: u64,
}

/// The manifest of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `vasp-registry-bundle/1`.
    pub format: String,
    /// When the bundle was made.
    pub made_at: UtcTime,
    /// Grows with every bundle of the same publisher. It has 32 bits, so that milliseconds by mistake do not shut out all later seconds.
    pub serial: u32,
    /// The documents, in the order in which they are imported.
    pub files: Vec<BundleFile>,
}

impl Contents {
    /// Reads `bundle.json`.
    ///
    /// # Errors
    /// `BundleError::Rule` with the first rule that it breaks.
    pub fn from_json(text: &[u8]) -> Result<Self, BundleError> {
        let refused = |detail| BundleError::Rule { file: "bundle.json", detail };
        let contents: Self = serde_json::from_slice(text).map_err(|error| refused(error.to_string()))?;
        check(contents.files.iter()).map_err(refused)?;
        Ok(contents)
    }
}

impl Manifest {
    /// Makes a manifest of this form.
    #[must_use]
    pub fn new(made_at: UtcTime, serial: u32, files: Vec<BundleFile>) -> Self {
        Self { format: FORMAT.to_owned(), made_at, serial, files }
    }

    /// Reads `manifest.json`.
    ///
    /// # Errors
    /// `BundleError::Rule` with the first rule that it breaks.
    pub fn from_json(text: &[u8]) -> Result<Self, BundleError> {
        let refused = |detail| BundleError::Rule { file: "manifest.json", detail };
        let manifest: Self = serde_json::from_slice(text).map_err(|error| refused(error.to_string()))?;
        if manifest.format != FORMAT {
            let detail = format!("the format is `{}`, and this program reads {FORMAT}", manifest.format);
            return Err(refused(detail));
        }
        check(manifest.files.iter().map(|file| &file.document)).map_err(refused)?;
        let large = manifest.files.iter().find(|file| file.size_bytes > file.limit_bytes());
        match large {
            Some(file) => Err(refused(file.too_large())),
            None => Ok(manifest),
        }
    }

    /// Returns the files as they are imported: each alone, but together those that make one version of one list.
    #[must_use]
    pub fn groups(&self) -> Vec<Vec<&BundleFile>> {
        let mut groups: Vec<Vec<&BundleFile>> = vec![];
        for file in &self.files {
            let format = file.document.import;
            let same = |group: &&mut Vec<&BundleFile>| group.iter().any(|other| other.document.import == format);
            match groups.iter_mut().find(same).filter(|_| format.takes_files_together()) {
                Some(group) => group.push(file),
                None => groups.push(vec![file]),
            }
        }
        groups
    }
}

impl BundleFile {
    /// Returns the largest size that the file may have in a bundle, in bytes.
    #[must_use]
    pub fn limit_bytes(&self) -> u64 {
        self.document.limit_bytes()
    }

    fn too_large(&self) -> String {
        let Described { path, import, .. } = &self.document;
        format!("{path} has {} bytes, and a file of {import} may have {}", self.size_bytes, self.limit_bytes())
    }
}

impl Described {
    /// Returns the largest size that the file may have in a bundle, in bytes.
    #[must_use]
    pub fn limit_bytes(&self) -> u64 {
        self.import.limit_bytes().min(FILE_BYTES_MAX)
    }

    /// Returns the last part of the path, which says the day or the part of a list.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// Checks what both files say of documents.
fn check<'a>(files: impl ExactSizeIterator<Item = &'a Described>) -> Result<(), String> {
    if !(1..=FILES_MAX).contains(&files.len()) {
        return Err(format!("it names {} files, and a bundle has 1 to {FILES_MAX}", files.len()));
    }
    let mut paths = BTreeSet::new();
    for file in files {
        let Described { path, import, publisher, licence, .. } = file;
        check_path(path)?;
        if !paths.insert(path.to_lowercase()) {
            return Err(format!("{path} is named twice"));
        }
        match import {
            // It is the registry's own decision, and would change every answer.
            ImportFormat::Policy => return Err(format!("{path}: a bundle has no policy: import it with `import policy`")),
            ImportFormat::VaspList => return Err(format!("{path}: a bundle has no list of a protocol: `import vasp-list`")),
            _ => (),
        }
        let is_line = !publisher.trim().is_empty() && publisher.chars().count() <= TEXT_MAX;
        if !is_line || publisher.chars().any(char::is_control) {
            return Err(format!("{path}: the publisher must be one line of 1 to {TEXT_MAX} characters"));
        }
        check_licence(licence).map_err(|why| format!("{path}: {why}"))?;
    }
    Ok(())
}

/// Checks that a path stays in its folder on every system, and is none of the bundle's own.
fn check_path(path: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-@+()".contains(c);
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain);
    if path.len() > TEXT_MAX || !path.split('/').all(is_part) {
        let right = "letters, digits and ._-@+() in parts between slashes, none of which begins with a dot";
        return Err(format!("`{}` is no path in a bundle: write {right}", path.escape_debug()));
    }
    match path {
        "manifest.json" | "manifest.sig" | "bundle.json" => Err(format!("{path} is a file of the bundle itself: rename yours")),
        _ => Ok(()),
    }
}

/// Checks the form of an SPDX expression, and that no licence in it forbids commercial use: the receiver of a bundle may sell what is
/// made of it.
///
/// Source: SPDX 3.0.1, annex B (license expressions); docs/sources.md, "Bundles".
fn check_licence(licence: &str) -> Result<(), String> {
    let wrong = || "the licence must be an SPDX id or LicenseRef-NAME, or several joined by AND, OR".to_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    let words: Vec<&str> = licence.split(' ').map(|word| word.trim_matches(['(', ')'])).collect();
    let mut ids = words.iter().step_by(2);
    let are_joined = words.iter().skip(1).step_by(2).all(|word| matches!(*word, "AND" | "OR" | "WITH"));
    let is_id = |id: &str| !matches!(id, "" | "AND" | "OR" | "WITH") && id.chars().all(plain);
    let are_ids = ids.clone().all(|id| is_id(id));
    let closes = licence.matches('(').count() == licence.matches(')').count();
    if licence.len() > TEXT_MAX || !are_joined || !are_ids || !closes || words.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let forbids = |id: &str| id.split('-').any(|part| part == "NC" || part.eq_ignore_ascii_case("noncommercial"));
    match ids.find(|id| forbids(id)) {
        Some(id) => Err(format!("{id} forbids commercial use: leave the file out, and say where it can be had")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn described(path: &str, import: &str, licence: &str) -> Value {
        json!({"path": path, "import": import, "as_of": "2026-08-22", "publisher": "ESMA", "licence": licence})
    }

    fn manifest(file: &Value, size_bytes: u64) -> Value {
        let file = json!({"document": file, "sha256": "ab".repeat(32), "size_bytes": size_bytes});
        json!({"format": FORMAT, "made_at": "2026-11-28T10:00:00Z", "serial": 3, "files": [file]})
    }

    fn refusal(manifest: &Value) -> String {
        Manifest::from_json(manifest.to_string().as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let text = manifest(&described("registers/a.json", "register-json", "LicenseRef-ESMA"), 5).to_string();

        let read = Manifest::from_json(text.as_bytes()).unwrap();

        let written = serde_json::to_vec(&read).unwrap();
        assert_eq!(Manifest::from_json(&written).unwrap(), read);
        assert_eq!((read.serial, read.files[0].sha256, read.files[0].size_bytes), (3, [0xab; 32], 5));
    }

    #[test]
    fn a_path_that_leaves_its_folder_is_refused() {
        for path in ["../a", "a/../b", "/a", "a//b", "", "a/", ".a", "a\\b", "C:a", "a\0b", "é", "a b"] {
            let said = refusal(&manifest(&described(path, "lists", "MIT"), 5));
            assert!(said.contains("is no path in a bundle"), "{path}: {said}");
        }
        for own in ["manifest.json", "manifest.sig", "bundle.json"] {
            assert!(refusal(&manifest(&described(own, "lists", "MIT"), 5)).contains("rename yours"));
        }
    }

    #[test]
    fn a_licence_has_the_form_of_spdx_and_forbids_no_trade() {
        for licence in
            ["MIT", "MIT AND ISC", "(Apache-2.0 OR MIT) AND LicenseRef-ESMA", "GPL-2.0-only WITH Classpath-exception-2.0"]
        {
            assert_eq!(check_licence(licence), Ok(()), "{licence}");
        }
        for licence in ["", "free to use", "MIT AND", "MIT  AND ISC", "MIT, ISC", "(MIT", "AND"] {
            assert!(check_licence(licence).is_err(), "{licence}");
        }
        for licence in ["CC-BY-NC-4.0", "MIT AND LicenseRef-UN-NonCommercial", "PolyForm-Noncommercial-1.0.0"] {
            assert!(check_licence(licence).unwrap_err().contains("forbids commercial use"), "{licence}");
        }
    }

    #[test]
    fn what_no_bundle_has_is_refused_with_words_that_say_where_it_belongs() {
        let file = described("a.json", "lists", "MIT");
        let mut other = manifest(&file, 5);
        other["format"] = json!("vasp-registry-bundle/2");
        let mut twice = manifest(&file, 5);
        twice["files"] = json!([twice["files"][0], twice["files"][0]]);
        let mut none = manifest(&file, 5);
        none["files"] = json!([]);
        let mut more = manifest(&file, 5);
        more["more"] = json!(1);
        for (manifest, said) in [
            (other, "this program reads vasp-registry-bundle/1"),
            (twice, "a.json is named twice"),
            (none, "it names 0 files"),
            (more, "unknown field `more`"),
            (manifest(&described("a.json", "policy", "MIT"), 5), "import it with `import policy`"),
            (manifest(&described("a.json", "vasp-list", "MIT"), 5), "`import vasp-list`"),
            (manifest(&described("a.json", "lists", "MIT"), 17 << 20), "a file of lists may have 16777216"),
            (
                manifest(
                    &json!({"path": "a.json", "import": "lists", "as_of": "2026-08-22", "publisher": " ", "licence": "MIT"}),
                    5,
                ),
                "the publisher",
            ),
        ] {
            let refused = refusal(&manifest);
            assert!(refused.contains(said), "{said}: {refused}");
        }
    }

    #[test]
    fn files_that_make_one_list_are_imported_together() {
        let file = |path: &str, import: &str| BundleFile {
            document: serde_json::from_value(described(path, import, "MIT")).unwrap(),
            sha256: [0; 32],
            size_bytes: 1,
        };
        let files =
            [("SDN.CSV", "ofac-sdn"), ("a", "lists"), ("ALT.CSV", "ofac-sdn"), ("b", "register-csv"), ("c", "register-csv")];
        let made = Manifest::new(UtcTime::EPOCH, 1, files.map(|(path, import)| file(path, import)).into());

        let groups: Vec<Vec<&str>> =
            made.groups().iter().map(|group| group.iter().map(|file| file.document.path.as_str()).collect()).collect();

        assert_eq!(groups, [vec!["SDN.CSV", "ALT.CSV"], vec!["a"], vec!["b"], vec!["c"]]);
    }

    /// The seed is the first bundle: what a registry loads at its first start, in the same order, but the policy.
    #[test]
    fn the_seed_is_described_whole() {
        let contents = Contents::from_json(include_bytes!("../../../seed/bundle.json")).unwrap();
        let variant = |format: ImportFormat| {
            let words = format.as_str().split('-').map(|word| word.split_at(1));
            words.map(|(first, rest)| first.to_uppercase() + rest).collect::<String>()
        };
        let described: Vec<String> =
            contents.files.iter().map(|file| format!("{} \"{}\",", variant(file.import), file.path)).collect();

        let table = include_str!("../imports/seed.rs").split("= seed_files![").nth(1).unwrap().split("];").next().unwrap();
        let loaded: Vec<&str> =
            table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("Policy ")).collect();
        assert_eq!(described, loaded);
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<Vec<u8>>(), licence in "\\PC*", path in "\\PC*") {
            let _ = Manifest::from_json(&text);
            let _ = Contents::from_json(&text);
            let _ = (check_licence(&licence), check_path(&path));
        }
    }
}
