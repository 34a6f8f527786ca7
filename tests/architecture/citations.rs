//! What is cited stands where a reader can open it: in `docs/`, in a law, a standard or a list. No text of the repository names work items,
//! documents that are not here, or who found something.

use std::process::Command;

use super::repository::Repository;

/// What a reader cannot open, as an extended regular expression of git.
const UNREADABLE: &str = concat!(
    r#"\bwire contract\b|\bissues? #?[0-9]+\b|\bissue "|\b(API|DESIGN|STYLE|hands|standards)\.md\b|\bSTYLE "|\bdesign, "|"#,
    r"\bsources?: (the )?(design|ours?|own)\b|\.\./shared\b|\breview [0-9]+, [A-Z][0-9]|\bpair of eyes\b|\bstranger.s (fault|finding)|",
    r"\b(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth) stranger\b",
);

/// The lines that hold the patterns themselves.
const THEIR_OWN: [&str; 4] =
    [":!tests/architecture/citations.rs", ":!tests/architecture/commits.rs", ":!scripts/check-commits", ":!Cargo.lock"];

#[test]
fn nothing_is_cited_that_a_reader_cannot_open() {
    if Repository::begun().is_none() {
        return;
    }
    let mut git = Command::new("git");
    git.args(["grep", "-nIiE", UNREADABLE, "--", "."]).args(THEIR_OWN).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = git.output().unwrap();

    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!((found.as_str(), output.status.code()), ("", Some(1)), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn citations_of_each_kind_are_found_and_innocent_words_are_not() {
    let Some(repository) = Repository::begun() else { return };
    for (line, is_found) in [
        ("/// Source: wire contract, \"Manners\".", true),
        ("/// Source: issue 42.", true),
        ("/// Source: design, \"Merging\".", true),
        ("// As DESIGN.md has it.", true),
        ("// Found by a ninth stranger.", true),
        ("// A stranger's fault.", true),
        ("// See ../shared/data.", true),
        ("/// Source: docs/claims.md, \"Allowance\".", false),
        ("// A certificate that its authority may issue.", false),
        ("// A stranger without a key.", false),
        ("// By design, two people decide.", false),
    ] {
        repository.write("src/a.rs", line);
        repository.git(&["add", "."]);
        let (code, said) = repository.run_git(&["grep", "-nIiE", UNREADABLE]);
        assert_eq!(code, Some(i32::from(!is_found)), "{line}: {said}");
    }
}
