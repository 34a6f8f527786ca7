//! The table of docs/project/requirements.md: each of the 26 lines once, and every test that it cites is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const DOCUMENT: &str = include_str!("../../docs/project/requirements.md");

fn sources(folder: &Path, found: &mut String) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn each_requirement_has_a_line_that_cites_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    sources(&root.join("tests/it"), &mut code);
    sources(&root.join("src/rules"), &mut code);
    let rows: Vec<Vec<&str>> = DOCUMENT
        .lines()
        .filter(|line| line.starts_with("| CP-"))
        .map(|line| line.trim_matches('|').split(" | ").collect())
        .collect();

    let ids: BTreeSet<String> = rows.iter().map(|row| row[0].trim().to_owned()).collect();
    assert_eq!(rows.len(), 26);
    assert_eq!(ids, (1..=26).map(|number| format!("CP-{number:02}")).collect());
    for row in rows {
        let [id, _, standing, text, tests] = row.as_slice() else { panic!("five cells: {row:?}") };
        assert!(*standing == "met" || *standing == "partly" && text.contains("Missing:"), "{id}");
        for test in tests.split(',') {
            let name = test.trim().trim_matches('`');
            assert!(code.contains(&format!("fn {name}(")), "{id} cites {name}");
        }
    }
}
