//! Notes for people about names on a list that are much like a known VASP's, but not the same: nothing follows from them. Made
//! once, when the list is read, since comparing every name with every other costs too much for more.

use std::collections::{BTreeMap, BTreeSet};

use strsim::jaro_winkler;

use vasp_record::fact::{Attribute, FactValue};
use vasp_record::register::{Flag, FlaggedRow, cut};
use vasp_rules::lei_evidence::fold;
use vasp_rules::non_compliant::NonCompliantList;
use vasp_store::{Store, StoreError};

/// From this likeness on a name is worth a look. Of the pairs of different firms that registers name (see `lei_evidence`) one
/// in ten thousand reaches it.
const WORTH_A_LOOK: f64 = 0.92;

/// Returns a note for each entry of the list, on its line, whose name is like a known one.
pub(crate) fn similar_names(store: &Store, list: &NonCompliantList, lines: &[u64]) -> Result<Vec<FlaggedRow>, StoreError> {
    let facts = store.read(|conn| conn.current_facts_named(&[Attribute::LegalName, Attribute::OtherName]))?;
    let mut known: BTreeMap<char, BTreeMap<String, String>> = BTreeMap::new();
    for row in facts {
        let (FactValue::LegalName(_, name) | FactValue::OtherName(name, _)) = row.fact.said else { continue };
        if let Some(folded) = fold(&name)
            && let Some(first) = folded.chars().next()
        {
            known.entry(first).or_default().insert(folded, name);
        }
    }
    let mut notes = Vec::new();
    for (entry, line) in list.entries.iter().zip(lines) {
        let mut alike = BTreeSet::new();
        for name in entry.names().filter_map(fold) {
            // Who writes another firm's name with a slip seldom slips at its first letter.
            let others = name.chars().next().and_then(|first| known.get(&first)).into_iter().flatten();
            alike.extend(
                others.filter(|(other, _)| **other != name && jaro_winkler(other, &name) >= WORTH_A_LOOK).map(|(_, name)| name),
            );
        }
        if !alike.is_empty() {
            let others = alike.into_iter().map(String::as_str).collect::<Vec<_>>().join("`, `");
            let text = cut(&format!("`{}` is like `{others}`", entry.name));
            notes.push(FlaggedRow { file: list.source.clone(), line: *line, flag: Flag::NameSimilar, text });
        }
    }
    Ok(notes)
}
