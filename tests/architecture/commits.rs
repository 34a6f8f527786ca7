//! `scripts/check-commits` refuses commits that a reader of the history cannot use. Each case is one commit in a repository of the test.

use super::repository::Repository;

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

#[test]
fn commits_that_a_reader_cannot_use_are_refused_and_good_ones_pass() {
    let Some(repository) = Repository::begun() else { return };
    for (number, (subject, body, lines, fault)) in CASES.iter().enumerate() {
        repository.commit(&format!("src/case_{number}.rs"), *lines, subject, body);

        let (code, said) = repository.run_script("check-commits", &["HEAD~..HEAD"]);
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
    let Some(repository) = Repository::begun() else { return };
    repository.commit("src/old.rs", 1_200, "store: add what moves", WHY);
    repository.git(&["mv", "src/old.rs", "src/new.rs"]);
    repository.commit("Cargo.lock", 5_000, "store: move a file", "");
    repository.commit("clients/typescript/src/schema.ts", 5_000, "clients: write the types again", "");

    assert_eq!(repository.run_script("check-commits", &["HEAD~2..HEAD"]), (Some(0), "2 commits checked\n".to_owned()));
}

#[test]
fn a_range_that_cannot_be_read_is_refused() {
    let Some(repository) = Repository::begun() else { return };
    repository.commit("src/a.rs", 1, "store: reject stale licence updates", "");
    let shallow = Repository::empty();
    let origin = format!("file://{}", repository.path().display());
    shallow.git(&["clone", "--quiet", "--depth", "1", &origin, "."]);

    for (place, arguments, fault) in [
        (&repository, &[][..], "usage: "),
        (&repository, &["HEAD"], "`HEAD` is no range"),
        (&repository, &["..HEAD"], "`..HEAD` is no range"),
        (&repository, &["HEAD~...HEAD"], "`HEAD~...HEAD` is no range"),
        (&repository, &["none..HEAD"], "no commit `none`"),
        (&Repository::empty(), &["HEAD~..HEAD"], "not a git repository"),
        (&shallow, &["HEAD~..HEAD"], "is shallow"),
    ] {
        let (code, said) = place.run_script("check-commits", arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(fault), "{arguments:?}: {said}");
    }
}

#[test]
fn only_a_commit_that_names_the_number_raises_the_sum_of_the_ceilings() {
    let Some(repository) = Repository::begun() else { return };
    let ceilings = |rules: u32, store: u32| format!("[ceilings]\n\"src/rules\" = {rules}\n\"src/store\" = {store}\n");
    for (budget, subject, body, fault) in [
        (ceilings(20_000, 10_000), "budget: set the ceilings of today", "", ""),
        (ceilings(19_000, 11_000), "store: move the lists of the rules", WHY, ""),
        (ceilings(19_000, 10_500), "store: drop what nobody reads", WHY, ""),
        (ceilings(19_100, 10_500), "rules: judge late answers", WHY, "raises the sum of the ceilings by 100"),
        (ceilings(20_500, 10_500), "budget: grant late answers", WHY, "raises the sum of the ceilings by 1,400"),
        (ceilings(21_500, 10_500), "budget: grant late answers", "Judging late answers may add 1,000 tokens.", ""),
    ] {
        repository.write("budget.toml", &budget);
        repository.commit("src/a.rs", 1, subject, body);

        let (_, said) = repository.run_script("check-commits", &["HEAD~..HEAD"]);
        assert!(said.contains(fault) && said.contains("fault") != fault.is_empty(), "{subject}: {said}");
    }
}
