//! `scripts/check-commits` refuses commits that a reader of the history cannot use. Each case is one commit in a repository of the test.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const WHY: &str = "A late answer of a register would replace a newer one.";
const BY_SCRIPT: &str = "People took one name for the other.\n\nMade-by: scripts/rename old new";
const BY_SCRIPT_BELOW: &str =
    "People took one name for the other.\n\nMade-by: the script below\n\n    sed -i s/old/new/ src/*.rs";
const BY_NO_SCRIPT: &str = "People took one name for the other.\n\nMade-by: scripts/missing";
const ONLY_TRAILER: &str = "Co-Authored-By: Ada Example of Many Words <ada@example.org>";
const LETTERS_90: &str = "store: reject updates of licences that are older than those the same registers sent before";

/// Subject and body of a commit, how many lines of Rust it adds, and what is said of it; nothing of a good one.
const CASES: &[(&str, &str, usize, &str)] = &[
    ("store: reject stale licence updates", "", 30, ""),
    ("store, docs/api: embed `wipe` in PKCS#8", "", 1, ""),
    ("store: reject stale licence updates", WHY, 1_000, ""),
    ("store: rename old to new", BY_SCRIPT, 1_200, ""),
    ("store: rename old to new", BY_SCRIPT_BELOW, 1_200, ""),
    (LETTERS_90, "", 1, "has 90 letters"),
    ("Reject stale licence updates", "", 1, "names no area"),
    ("Store: reject stale licence updates", "", 1, "names no area"),
    ("store: rejected stale licence updates", "", 1, "`rejected` is no imperative"),
    ("store: rejects stale licence updates", "", 1, "`rejects` is no imperative"),
    ("store: wip", "", 1, "`wip` is unfinished"),
    ("fixup! store: reject stale licence updates", "", 1, "`fixup!` is unfinished"),
    ("store: reject stale licence updates", "", 40, "40 lines of code without saying why"),
    ("store: reject stale licence updates", ONLY_TRAILER, 40, "40 lines of code without saying why"),
    ("store: reject stale licence updates", WHY, 1_200, "1200 lines of Rust"),
    ("store: rename old to new", BY_NO_SCRIPT, 1_200, "`Made-by: scripts/missing` is no file"),
    ("store: rename old to new", "Made-by: the script below", 1, "no script stands below"),
    ("store: reject what issue 42 says", "", 1, "`issue 42` means nothing"),
    ("store: reject stale licence updates", "It was asked for in #42.", 1, "`#42` means nothing"),
];

struct Repository(TempDir);

impl Repository {
    /// A repository with one commit, or nothing where a program is missing, which is said.
    fn new() -> Option<Self> {
        for program in ["git", "python3"] {
            if Command::new(program).arg("--version").output().is_err() {
                writeln!(std::io::stderr(), "NOT RUN  scripts/check-commits: no {program}").unwrap();
                return None;
            }
        }
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "--quiet"]);
        repository.commit("scripts/rename", 1, "scripts: rename what has two names", "");
        Some(repository)
    }

    /// Runs a program here, without the caller's settings and repository of git.
    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let settings = std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("GIT_"));
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.0.path()).env_clear().envs(settings).env("LC_ALL", "C");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CEILING_DIRECTORIES", self.0.path().parent().unwrap());
        command.output().unwrap()
    }

    fn git(&self, arguments: &[&str]) {
        let mut words = vec!["-c", "user.name=Ada Example", "-c", "user.email=ada@example.org"];
        words.extend_from_slice(arguments);
        let output = self.run("git", &words);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self, file: &str, lines: usize, subject: &str, body: &str) {
        let path = self.0.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("// {file}\n").repeat(lines)).unwrap();
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "-m", subject, "-m", body]);
    }

    /// What the script ends with and says of a range.
    fn check(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/check-commits");
        let output = self.run(script.to_str().unwrap(), arguments);
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }
}

#[test]
fn commits_that_a_reader_cannot_use_are_refused_and_good_ones_pass() {
    let Some(repository) = Repository::new() else { return };
    for (number, (subject, body, lines, fault)) in CASES.iter().enumerate() {
        repository.commit(&format!("src/case_{number}.rs"), *lines, subject, body);

        let (code, said) = repository.check(&["HEAD~..HEAD"]);
        if fault.is_empty() {
            assert_eq!((code, said.as_str()), (Some(0), "1 commit checked\n"), "{subject}\n\n{body}");
        } else {
            assert_eq!(code, Some(1), "{subject}\n\n{body}\n{said}");
            assert!(said.contains(fault) && said.ends_with("1 commit checked, 1 fault\n"), "{fault}: {said}");
        }
    }
}

#[test]
fn what_only_moves_and_what_others_write_is_not_counted() {
    let Some(repository) = Repository::new() else { return };
    repository.commit("src/old.rs", 1_200, "store: add what moves", WHY);
    repository.git(&["mv", "src/old.rs", "src/new.rs"]);
    repository.commit("Cargo.lock", 5_000, "store: move a file", "");
    repository.commit("clients/typescript/src/schema.ts", 5_000, "clients: write the types again", "");

    assert_eq!(repository.check(&["HEAD~2..HEAD"]), (Some(0), "2 commits checked\n".to_owned()));
}

#[test]
fn a_range_that_cannot_be_read_is_refused() {
    let Some(repository) = Repository::new() else { return };
    repository.commit("src/a.rs", 1, "store: reject stale licence updates", "");
    let shallow = Repository(tempfile::tempdir().unwrap());
    let origin = format!("file://{}", repository.0.path().display());
    shallow.git(&["clone", "--quiet", "--depth", "1", &origin, "."]);

    for (place, arguments, fault) in [
        (&repository, &[][..], "usage: "),
        (&repository, &["HEAD"], "`HEAD` is no range"),
        (&repository, &["..HEAD"], "`..HEAD` is no range"),
        (&repository, &["HEAD~...HEAD"], "`HEAD~...HEAD` is no range"),
        (&repository, &["none..HEAD"], "no commit `none`"),
        (&Repository(tempfile::tempdir().unwrap()), &["HEAD~..HEAD"], "not a git repository"),
        (&shallow, &["HEAD~..HEAD"], "is shallow"),
    ] {
        let (code, said) = place.check(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(fault), "{arguments:?}: {said}");
    }
}
