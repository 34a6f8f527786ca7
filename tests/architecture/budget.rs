//! `budget.toml`: no folder outgrows its ceiling, and no ceiling stays where the folder shrank. `scripts/size` counts.

use std::process::Command;

use super::repository::Repository;

/// A repository with two folders of 10,000 and 400 tokens under ceilings with the air of new ones.
fn repository() -> Option<Repository> {
    let repository = Repository::begun()?;
    repository.write("budget.toml", "[ceilings]\n\"src/rules\" = 10_150\n\"src/words\" = 550\n");
    repository.write("src/rules/lib.rs", &tokens(10_000));
    repository.write("src/words/lib.rs", &tokens(400));
    Some(repository)
}

/// Rust with a number of tokens that count, and as many that do not.
fn tokens(number: usize) -> String {
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    use super::*;\n".repeat(number / 5));
    format!("//! Sample.\n{}{tests}", "a;\n".repeat(number / 2))
}

#[test]
fn every_folder_fits_its_ceiling() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/size");
    if Repository::begun().is_none() {
        return;
    }
    let output = Command::new(script).arg("--check").current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
}

#[test]
fn a_folder_that_does_not_fit_its_ceiling_is_named() {
    for (file, text, fault) in [
        ("src/rules/more.rs", tokens(100), ""),
        ("src/rules/more.rs", tokens(200), "src/rules has 10,200 tokens, 50 above its ceiling of 10,150"),
        ("src/rules/lib.rs", tokens(9_700), "src/rules shrank to 9,700 tokens"),
        ("src/words/lib.rs", tokens(200), "src/words shrank to 200 tokens"),
        ("src/registry/late/mod.rs", tokens(10), "src/registry/late has 10 tokens and no ceiling"),
        ("src/rules/page.html", "{% if late %}<p>x".repeat(20), "src/rules has 10,200 tokens, 50 above"),
        ("migrations/schema/late.sql", "CREATE VIEW late AS SELECT 1;".to_owned(), "migrations has 7 tokens and no ceiling"),
        ("tools/late.rs", tokens(10), "tools has 10 tokens and no ceiling"),
        ("clients/go/src/late.py", "late = 1".to_owned(), "clients/go has 3 tokens and no ceiling"),
        ("tests/it/late.rs", tokens(10), ""),
        ("src/words/late.json", "[1, 2, 3]".repeat(1_000), ""),
    ] {
        let Some(repository) = repository() else { return };
        repository.write(file, &text);

        let (code, said) = repository.run_script("size", &["--check"]);
        assert_eq!((code, said.contains(fault)), (Some(i32::from(!fault.is_empty())), true), "{file}: {said}");
    }
}

#[test]
fn settling_lowers_the_ceilings_of_what_shrank_and_no_other() {
    let Some(repository) = repository() else { return };
    repository.write("src/rules/lib.rs", &tokens(8_000));
    repository.write("src/words/lib.rs", &tokens(1_000));

    repository.run_script("size", &["--settle"]);

    let budget = std::fs::read_to_string(repository.path().join("budget.toml")).unwrap();
    assert_eq!(budget, "[ceilings]\n\"src/rules\" = 8_150\n\"src/words\" = 550\n");
}
