//! The page of reason codes: its frame is docs/reasons.md, and the entries are made from the closed lists of codes. So no code is without an
//! entry, and no entry without a code.

use std::fmt::Write as _;
use std::sync::LazyLock;

use vasp_rules::policy::{ConditionCode, StepCode};
use vasp_rules::precheck::CheckCode;

/// The address of the page below `/docs/`.
pub(super) const SLUG: &str = "reasons";

static PAGE: LazyLock<String> = LazyLock::new(|| filled(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reasons.md"))));

/// Returns the page in Markdown.
pub(super) fn page() -> &'static str {
    &PAGE
}

/// Puts the entries in place of the frame's marks.
fn filled(frame: &str) -> String {
    let mut page = String::new();
    for line in frame.lines() {
        match line.strip_prefix("<!-- codes: ").and_then(|rest| rest.strip_suffix(" -->")) {
            None => page.extend([line, "\n"]),
            Some("Conditions") => {
                add_table(
                    &mut page,
                    WHO,
                    ConditionCode::ALL.iter().map(|code| [code.as_str(), code.fulfilled_by().as_str(), code.remedy()]),
                );
            }
            Some("Next steps") => {
                add_table(&mut page, WHO, StepCode::ALL.iter().map(|code| [code.as_str(), code.who().as_str(), code.remedy()]))
            }
            Some(check) => {
                let of_check = CheckCode::ALL.iter().filter(|code| code.check().as_str() == check);
                add_table(&mut page, FOUND, of_check.map(|code| [code.as_str(), code.found(), code.remedy()]));
            }
        }
    }
    page
}

const FOUND: &str = "What was found, and what it means";
const WHO: &str = "Who acts";

fn add_table(page: &mut String, second: &str, rows: impl Iterator<Item = [&'static str; 3]>) {
    // Writing to a text does not fail.
    let _ = writeln!(page, "| Code | {second} | What to do |\n|---|---|---|");
    for [code, found, act] in rows {
        let _ = writeln!(page, "| <a id=\"{code}\"></a>`{code}` | {found} | {act} |");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_entry_that_says_what_to_do() {
        let codes = CheckCode::ALL.iter().map(|code| code.as_str());
        let others = ConditionCode::ALL.iter().map(|code| code.as_str()).chain(StepCode::ALL.iter().map(|code| code.as_str()));
        for code in codes.chain(others) {
            assert_eq!(page().matches(&format!("<a id=\"{code}\">")).count(), 1, "{code}");
        }
        for line in page().lines().filter(|line| line.contains("<a id=")) {
            let cells: Vec<&str> = line.split(" | ").collect();
            let [_, found, act] = cells.as_slice() else { panic!("three cells: {line}") };
            let act = act.trim_end_matches(" |");
            assert!(!found.is_empty() && act.ends_with(['.', ')']) && act.len() > 10, "{line}");
        }
        assert!(!page().contains("<!-- codes"));
    }
}
