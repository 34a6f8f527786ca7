//! `bundle`: one that was made is whole and is applied; one that was altered, rolled back, signed by somebody else, or applied before, is told
//! and changes nothing.
//!
//! Source: docs/sources.md, "Bundles".

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use tempfile::TempDir;
use vasp_pki::PublicKey;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::support::{Database, assert_refused, command, on_every_database};

/// A registry, and a folder with documents, keys and bundles.
struct Home {
    database: Database,
    folder: TempDir,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

impl Home {
    fn new(database: Database) -> Self {
        let home = Self { database, folder: tempfile::tempdir().unwrap() };
        assert!(home.command(&["migrate"]).output().unwrap().status.success());
        let documents = home.path("documents");
        std::fs::create_dir(&documents).unwrap();
        std::fs::copy(root().join("tests/fixtures/esma/CASPS_20260426.csv"), documents.join("CASPS_20260426.csv")).unwrap();
        std::fs::copy(root().join("seed/registers/jp-fsa-2026-08-21.csv"), documents.join("jp-fsa-2026-08-21.csv")).unwrap();
        home.describe(&[
            ("CASPS_20260426.csv", "esma-casps", "2026-04-26", "LicenseRef-ESMA"),
            ("jp-fsa-2026-08-21.csv", "register-csv", "2026-08-21", "LicenseRef-Facts"),
        ]);
        home
    }

    fn describe(&self, files: &[(&str, &str, &str, &str)]) {
        let file = |(path, import, as_of, licence): &(&str, &str, &str, &str)| json!({"path": path, "import": import, "as_of": as_of, "publisher": "Test", "licence": licence});
        let files: Vec<Value> = files.iter().map(file).collect();
        std::fs::write(self.path("documents/bundle.json"), json!({"files": files}).to_string()).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.env("VASP_REGISTRY_DATABASE", self.database.url.whole());
        command.env("VASP_REGISTRY_MASTER_KEY_FILE", self.path("master-key"));
        command.current_dir(self.folder.path());
        command
    }

    fn bundle(&self, arguments: &[&str]) -> Output {
        self.command(&[&["bundle"], arguments].concat()).output().unwrap()
    }

    /// Writes the private and the public key of a seed, `KEY.pem` and `KEY.pub`.
    fn key(&self, name: &str, seed: u8) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        // Source: RFC 8410 section 7.
        let der = [hex::decode("302e020100300506032b657004220420").unwrap(), vec![seed; 32]].concat();
        let private = self.path(&format!("{name}.pem"));
        std::fs::write(&private, pem::encode(&pem::Pem::new("PRIVATE KEY", der))).unwrap();
        std::fs::set_permissions(&private, std::fs::Permissions::from_mode(0o600)).unwrap();
        let public = PublicKey::Ed25519(pair.public_key().as_ref().try_into().unwrap());
        std::fs::write(self.path(&format!("{name}.pub")), public.to_pem()).unwrap();
    }

    #[track_caller]
    fn make(&self, out: &str, key: &str, serial: &str) {
        let made = self.bundle(&["make", "documents", "--key", &format!("{key}.pem"), "--out", out, "--serial", serial]);
        assert_eq!(made.status.code(), Some(0), "{}", told(&made));
        assert!(told(&made).starts_with(&format!("{out}: 2 documents, serial {serial}, signed by the key ")), "{}", told(&made));
    }

    fn sequence(&self) -> i64 {
        self.database.number("sequence", "log_head")
    }

    /// Asserts that a bundle is refused with these words, and changes nothing.
    #[track_caller]
    fn assert_not_applied(&self, arguments: &[&str], words: &str) {
        let before = self.sequence();
        let refused = self.bundle(&[&["apply", "--yes"], arguments].concat());
        assert_refused(&refused, words);
        assert_eq!(self.sequence(), before);
    }
}

type Parts = Vec<(String, Vec<u8>)>;

fn parts(path: &Path) -> Parts {
    let mut archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
    let mut part = |place| {
        let mut part = archive.by_index(place).unwrap();
        let mut bytes = vec![];
        part.read_to_end(&mut bytes).unwrap();
        (part.name().unwrap().into_owned(), bytes)
    };
    (0..4).map(&mut part).collect()
}

fn pack(path: &Path, parts: &Parts) {
    let mut archive = ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in parts {
        archive.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

#[on_every_database(Home::new)]
fn a_bundle_tells_what_it_changes_is_applied_once_and_an_older_one_is_refused(home: Home) {
    home.key("a", 1);
    home.make("five.zip", "a", "5");
    home.make("four.zip", "a", "4");
    home.make("six.zip", "a", "6");

    let verified = home.bundle(&["verify", "five.zip", "--key", "a.pub"]);
    let empty = home.sequence();
    let asked = home.bundle(&["apply", "five.zip"]);
    let dry = home.bundle(&["apply", "five.zip", "--dry-run"]);

    assert_eq!(verified.status.code(), Some(0), "{}", told(&verified));
    assert!(told(&verified).contains("2 documents, serial 5, made at 20"), "{}", told(&verified));
    assert!(told(&verified).contains("LicenseRef-ESMA"), "{}", told(&verified));
    assert_eq!(asked.status.code(), Some(2));
    assert!(told(&asked).contains("nothing was written: give --yes"), "{}", told(&asked));
    assert_eq!(dry.status.code(), Some(0), "{}", told(&dry));
    for words in ["What it changes:", "jp-fsa-2026-08-21.csv", "this pins the key ", "Dry run: nothing was written."] {
        assert!(told(&dry).contains(words), "{words}: {}", told(&dry));
    }
    assert_eq!(home.sequence(), empty);

    let applied = home.bundle(&["apply", "five.zip", "--yes"]);

    assert_eq!(applied.status.code(), Some(0), "{}", told(&applied));
    assert!(told(&applied).contains("Applied: "), "{}", told(&applied));
    assert!(home.sequence() > empty);
    home.assert_not_applied(&["five.zip"], "this bundle has serial 5, and the last one that was applied, on ");
    home.assert_not_applied(&["four.zip"], "this bundle has serial 4, and the last one that was applied, on ");
    // Before, one serial in milliseconds shut out every later bundle.
    let refused = home.bundle(&["make", "documents", "--key", "a.pem", "--out", "ms.zip", "--serial", "1796000000000"]);
    assert_eq!(refused.status.code(), Some(2), "{}", told(&refused));
    // The same documents under a newer serial change nothing, and are applied.
    let newer = home.bundle(&["apply", "six.zip", "--yes"]);
    assert_eq!(newer.status.code(), Some(0), "{}", told(&newer));
}

/// The process dies after the first document.
#[on_every_database(Home::new)]
fn a_bundle_that_was_begun_can_be_applied_again_and_no_older_one_passes(home: Home) {
    home.key("a", 1);
    home.make("four.zip", "a", "4");
    home.make("five.zip", "a", "5");
    assert_eq!(home.bundle(&["apply", "five.zip", "--yes"]).status.code(), Some(0));
    home.database
        .run(r#"UPDATE source_states SET validators = replace(validators, '"last":[5,', '"last":[3,') WHERE id = 'bundle'"#);

    home.assert_not_applied(&["four.zip"], "this bundle has serial 4, and one with serial 5 was begun on ");
    let again = home.bundle(&["apply", "five.zip", "--yes"]);

    assert_eq!(again.status.code(), Some(0), "{}", told(&again));
    home.assert_not_applied(&["five.zip"], "this bundle has serial 5, and the last one that was applied, on ");
}

#[on_every_database(Home::new)]
fn a_bundle_of_which_any_part_was_altered_is_told_and_changes_nothing(home: Home) {
    home.key("a", 1);
    home.make("whole.zip", "a", "1");
    let whole = parts(&home.path("whole.zip"));
    let names: Vec<&str> = whole.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["CASPS_20260426.csv", "jp-fsa-2026-08-21.csv", "manifest.json", "manifest.sig"]);
    let mut altered: Vec<(String, Parts, &str)> = vec![];
    for (place, (name, bytes)) in whole.iter().enumerate() {
        let mut parts = whole.clone();
        parts[place].1[bytes.len() / 2] ^= 1;
        altered.push((format!("a byte of {name}"), parts, ""));
        let mut parts = whole.clone();
        parts.remove(place);
        altered.push((format!("without {name}"), parts, "is missing"));
    }
    let with = |name: &str| [whole.clone(), vec![(name.to_owned(), b"x".to_vec())]].concat();
    altered.push(("one more".to_owned(), with("more.csv"), "more.csv is not in the manifest"));
    altered.push(("one elsewhere".to_owned(), with("../more.csv"), "../more.csv is not in the manifest"));
    let mut longer = whole.clone();
    longer[0].1.push(b'\n');
    altered.push(("a longer one".to_owned(), longer, "has more bytes than the manifest says"));

    for (what, parts, words) in &altered {
        pack(&home.path("altered.zip"), parts);
        let verified = home.bundle(&["verify", "altered.zip"]);
        assert_eq!(verified.status.code(), Some(1), "{what}: {}", told(&verified));
        assert!(told(&verified).starts_with("not valid: ") && told(&verified).contains(words), "{what}: {}", told(&verified));
        home.assert_not_applied(&["altered.zip"], words);
    }
    std::fs::write(home.path("altered.zip"), b"no archive").unwrap();
    assert!(told(&home.bundle(&["verify", "altered.zip"])).contains("is not a whole bundle"));
    pack(&home.path("altered.zip"), &whole);
    assert_eq!(home.bundle(&["verify", "altered.zip", "--key", "a.pub"]).status.code(), Some(0), "packed again, but not altered");
}

#[on_every_database(Home::new)]
fn the_first_key_is_pinned_and_another_one_must_be_given(home: Home) {
    home.key("a", 1);
    home.key("b", 2);
    home.make("a1.zip", "a", "1");
    home.make("b2.zip", "b", "2");
    home.make("a3.zip", "a", "3");

    assert_eq!(home.bundle(&["verify", "a1.zip", "--key", "b.pub"]).status.code(), Some(1));
    home.assert_not_applied(&["a1.zip", "--key", "b.pub"], "but by b.pub only the key ");
    assert_eq!(home.bundle(&["apply", "a1.zip", "--yes"]).status.code(), Some(0));
    home.assert_not_applied(&["b2.zip"], "give the new public key with --key FILE");
    assert_eq!(home.bundle(&["verify", "b2.zip"]).status.code(), Some(1), "the key of the database counts");
    let replaced = home.bundle(&["apply", "b2.zip", "--yes", "--key", "b.pub"]);
    assert_eq!(replaced.status.code(), Some(0), "{}", told(&replaced));
    home.assert_not_applied(&["a3.zip"], "give the new public key with --key FILE");
}

#[test]
fn what_must_not_be_in_a_bundle_is_refused_when_it_is_made() {
    let home = Home::new(Database::sqlite());
    home.key("a", 1);
    let make = |out: &str| home.bundle(&["make", "documents", "--key", "a.pem", "--out", out]);
    for (file, words) in [
        (("CASPS_20260426.csv", "esma-casps", "2026-04-26", "CC-BY-NC-4.0"), "forbids commercial use"),
        (("CASPS_20260426.csv", "esma-casps", "2026-04-26", "free to use"), "an SPDX id or LicenseRef-NAME"),
        (("CASPS_20260426.csv", "policy", "2026-04-26", "MIT"), "a bundle has no policy"),
        (("../a.pem", "esma-casps", "2026-04-26", "MIT"), "is no path in a bundle"),
        (("absent.csv", "esma-casps", "2026-04-26", "MIT"), "documents/absent.csv"),
    ] {
        home.describe(&[file]);
        assert_refused(&make("out.zip"), words);
        assert!(!home.path("out.zip").exists());
    }
    home.describe(&[("CASPS_20260426.csv", "esma-casps", "2026-04-26", "MIT")]);
    assert_eq!(make("out.zip").status.code(), Some(0));
    assert_refused(&make("out.zip"), "cannot use out.zip");
    std::fs::set_permissions(home.path("a.pem"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_refused(&make("other.zip"), "other users can access it");
}

/// Nothing in the seed's bundle forbids what its buyers may do with it, and every file is there.
#[test]
fn the_seed_is_the_first_bundle() {
    let home = Home::new(Database::sqlite());
    home.key("a", 1);
    let seed = root().join("seed");

    let made = home.bundle(&["make", seed.to_str().unwrap(), "--key", "a.pem", "--out", "seed.zip"]);

    assert_eq!(made.status.code(), Some(0), "{}", told(&made));
    assert!(told(&made).starts_with("seed.zip: 31 documents, serial "), "{}", told(&made));
    let verified = home.bundle(&["verify", "seed.zip", "--key", "a.pub"]);
    assert_eq!(verified.status.code(), Some(0), "{}", told(&verified));
}

/// Source: https://reuse.software/spec-3.3/; docs/sources.md, "Bundles": no file whose licence forbids commercial use.
#[test]
fn what_forbids_trade_lies_beside_the_seed_or_in_tests_only() {
    let reuse = std::fs::read_to_string(root().join("REUSE.toml")).unwrap();
    let reuse: toml::Table = reuse.parse().unwrap();
    let annotations = reuse["annotations"].as_array().unwrap();
    let forbids = |one: &&toml::Value| one["SPDX-License-Identifier"].as_str().unwrap().contains("NonCommercial");

    let paths: Vec<&str> = annotations.iter().filter(forbids).map(|one| one["path"].as_str().unwrap()).collect();

    assert!(!paths.is_empty());
    assert!(paths.iter().all(|path| path.starts_with("seed/beside/") || path.starts_with("tests/")), "{paths:?}");
    let demo = std::fs::read_to_string(root().join("src/registry/sandbox/demo.rs")).unwrap();
    assert!(!demo.contains("seed/beside"), "the program reads it from a file");
}
