//! What changed between two versions of a list, in numbers of entries.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Entries of a new version of a list that the version before does not have, has in another form, and no longer appear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ListChanges {
    pub new: u64,
    pub changed: u64,
    pub vanished: u64,
}

/// The entries of a document that is a list.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed<'a> {
    #[serde(borrow, alias = "links", alias = "rows")]
    entries: Vec<&'a RawValue>,
}

/// What names an entry in its list.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    uid: Option<&'a str>,
}

/// Returns the publisher's number of an entry; `None` if it has none.
fn uid_of(entry: &RawValue) -> Option<&str> {
    serde_json::from_str::<Named<'_>>(entry.get()).ok()?.uid
}

/// Entries by what names them: the publisher's number, or the whole entry if it has none or another has the same.
fn by_name(body: &str) -> HashMap<&str, &str> {
    let listed = serde_json::from_str::<Listed<'_>>(body).unwrap_or_default().entries;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for uid in listed.iter().filter_map(|entry| uid_of(entry)) {
        *counts.entry(uid).or_default() += 1;
    }
    let is_alone = |uid: &&str| counts.get(uid) == Some(&1);
    listed.into_iter().map(|entry| (uid_of(entry).filter(is_alone).unwrap_or_else(|| entry.get()), entry.get())).collect()
}

impl ListChanges {
    /// Compares two versions; the text of `before` is empty if there is none. A document that is no list has no entries.
    pub(super) fn between(before: &str, after: &str) -> Self {
        let (before, after) = (by_name(before), by_name(after));
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let kept = after.iter().filter_map(|(name, entry)| before.get(name).map(|held| held == entry));
        let (same, changed) =
            kept.fold((0, 0), |(same, changed), is_same| if is_same { (same + 1, changed) } else { (same, changed + 1) });
        Self { new: count(after.len() - same - changed), changed: count(changed), vanished: count(before.len() - same - changed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(before: &str, after: &str) -> (u64, u64, u64) {
        let ListChanges { new, changed, vanished } = ListChanges::between(before, after);
        (new, changed, vanished)
    }

    /// An entry that is gone must be counted.
    #[test]
    fn entries_are_compared_by_number_or_whole() {
        let one = r#"{"id": "X", "entries": [{"uid": "1", "name": "A"}, {"uid": "2", "name": "B"}]}"#;
        assert_eq!(changes("", one), (2, 0, 0));
        assert_eq!(changes(one, one), (0, 0, 0));
        assert_eq!(changes(one, r#"{"entries": [{"uid": "1", "name": "A"}]}"#), (0, 0, 1));
        assert_eq!(changes(one, r#"{"entries": [{"uid": "1", "name": "C"}, {"uid": "3", "name": "B"}]}"#), (1, 1, 1));
        let unnamed = r#"{"entries": [{"uid": "unnamed", "a": 1}, {"uid": "unnamed", "a": 2}]}"#;
        assert_eq!(changes(unnamed, r#"{"entries": [{"uid": "unnamed", "a": 1}, {"uid": "unnamed", "a": 3}]}"#), (1, 0, 1));

        let links = r#"{"links": [{"brand": "a"}, {"brand": "b"}]}"#;
        assert_eq!(changes(links, r#"{"links": [{"brand": "b"}]}"#), (0, 0, 1));
        assert_eq!(changes("", r#"{"rates": {}}"#), (0, 0, 0));
    }
}
