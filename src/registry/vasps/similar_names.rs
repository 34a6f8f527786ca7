//! Notes for people about names on a list that are similar to a known VASP's name, but not equal. The notes have no consequences. They
//! are made once, when the list is read, because comparing every name with every other is expensive.

use std::collections::{BTreeMap, BTreeSet};

use strsim::jaro_winkler;

use vasp_record::fact::{Attribute, FactValue};
use vasp_record::register::{Flag, FlaggedRow, cut};
use vasp_rules::lei_evidence::fold;
use vasp_rules::non_compliant::NonCompliantList;
use vasp_store::{Store, StoreError};

/// Names with at least this similarity are worth a look. Of the pairs of different firms in registers (see `lei_evidence`), one in ten
/// thousand reaches it.
const WORTH_A_LOOK: f64 = 0.92;

/// Returns a note, with its line, for each entry of the list whose name is similar to a known one.
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
            // People who misspell another firm's name seldom do so in its first letter.
            let others = name.chars().next().and_then(|first| known.get(&first)).into_iter().flatten();
            alike.extend(
                others.filter(|(other, _)| **other != name && jaro_winkler(other, &name) >= WORTH_A_LOOK).map(|(_, name)| name),
            );
        }
        if !alike.is_empty() {
            let others = alike.into_iter().map(String::as_str).collect::<Vec<_>>().join("`, `");
            let text = cut(&format!("`{}` is similar to `{others}`", entry.name));
            notes.push(FlaggedRow { file: list.source.clone(), line: *line, flag: Flag::NameSimilar, text });
        }
    }
    Ok(notes)
}
