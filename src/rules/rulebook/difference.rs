//! What a new rulebook changes: the jurisdiction, the version, the member, the old value and the new value. Inheritance is applied first,
//! so a change of a shared rule set appears in every affected jurisdiction. The two people who approve the rulebook read the result.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::model::{Jurisdiction, RuleVersion};
use super::{FieldMeaning, Rulebook};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use vasp_words::rule_names::{JurisdictionId, RuleVersionId};

/// One member that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The jurisdiction; null if the member belongs to the rulebook itself.
    pub jurisdiction: Option<JurisdictionId>,
    /// The version of the jurisdiction's rule; null if the member belongs to the entry itself.
    pub version: Option<RuleVersionId>,
    /// The JSON pointer of the member; empty if the whole object is added or removed.
    pub pointer: String,
    /// The old value; null if there was none.
    pub from: Value,
    /// The new value; null if there is none.
    pub to: Value,
}

/// Maximum length of a value in a line, in characters.
const SHOWN_CHARS: usize = 80;

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = self.version.as_ref().map(ToString::to_string).or(self.jurisdiction.as_ref().map(ToString::to_string));
        let shown = |value: &Value| match value {
            Value::Null => "nothing".to_owned(),
            value => shortened(&value.to_string()),
        };
        let member = if self.pointer.is_empty() { "(whole)" } else { &self.pointer };
        write!(f, "{} {member}: {} → {}", whose.as_deref().unwrap_or("rulebook"), shown(&self.from), shown(&self.to))
    }
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Returns what `new` changes in `old`: first the rulebook's own members, then by jurisdiction, version and member.
#[must_use]
pub fn difference(old: &Rulebook, new: &Rulebook) -> Vec<Difference> {
    let mut found = Found(vec![]);
    found.compare((None, None), &own_members(old), &own_members(new));
    let (olds, news) = (entries(old), entries(new));
    let ids: BTreeSet<_> = olds.keys().chain(news.keys()).copied().collect();
    for id in ids {
        let (before, after) = (olds.get(id).copied(), news.get(id).copied());
        found.compare((Some(id), None), &entry_value(before), &entry_value(after));
        let (befores, afters) = (versions(before), versions(after));
        let version_ids: BTreeSet<_> = befores.keys().chain(afters.keys()).copied().collect();
        for version in version_ids {
            let of = |rules: &BTreeMap<&RuleVersionId, &RuleVersion>| rules.get(version).map_or(Value::Null, |rule| json!(rule));
            found.compare((Some(id), Some(version)), &of(&befores), &of(&afters));
        }
    }
    found.0
}

fn entries(book: &Rulebook) -> BTreeMap<&JurisdictionId, &Jurisdiction> {
    book.jurisdictions().map(|entry| (&entry.id, entry)).collect()
}

fn versions(entry: Option<&Jurisdiction>) -> BTreeMap<&RuleVersionId, &RuleVersion> {
    entry.into_iter().flat_map(|entry| &entry.rules).map(|rule| (&rule.id, rule)).collect()
}

fn entry_value(entry: Option<&Jurisdiction>) -> Value {
    entry.map_or(Value::Null, |entry| json!(entry))
}

fn own_members(book: &Rulebook) -> Value {
    let meaning = |meaning: &FieldMeaning| json!({"description": meaning.description, "ivms101": meaning.ivms101});
    let codes: Map<String, Value> = book.field_codes.iter().map(|(code, text)| (code.to_string(), meaning(text))).collect();
    json!({
        "title": book.title, "generated_on": book.generated_on, "baseline_as_of": book.baseline_as_of,
        "public_text_as_of": book.public_text_as_of, "unknown_confidence": book.unknown_confidence, "field_codes": codes,
    })
}

struct Found(Vec<Difference>);

impl Found {
    fn compare(&mut self, (jurisdiction, version): (Option<&JurisdictionId>, Option<&RuleVersionId>), from: &Value, to: &Value) {
        self.descend(jurisdiction, version, &mut String::new(), from, to);
    }

    fn descend(
        &mut self,
        jurisdiction: Option<&JurisdictionId>,
        version: Option<&RuleVersionId>,
        pointer: &mut String,
        from: &Value,
        to: &Value,
    ) {
        if from == to {
            return;
        }
        let (Value::Object(before), Value::Object(after)) = (from, to) else {
            let (jurisdiction, version) = (jurisdiction.cloned(), version.cloned());
            let (from, to) = (from.clone(), to.clone());
            self.0.push(Difference { jurisdiction, version, pointer: pointer.clone(), from, to });
            return;
        };
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names {
            let length = pointer.len();
            pointer.push('/');
            pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            let of = |members: &Map<String, Value>| members.get(name).cloned().unwrap_or(Value::Null);
            self.descend(jurisdiction, version, pointer, &of(before), &of(after));
            pointer.truncate(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::EMBEDDED;

    fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut file: Value = serde_json::from_str(EMBEDDED).unwrap();
        change(&mut file);
        let new = Rulebook::from_json(&file.to_string()).unwrap();
        difference(&Rulebook::embedded().unwrap(), &new).iter().map(ToString::to_string).collect()
    }

    fn entry<'a>(file: &'a mut Value, id: &str) -> &'a mut Value {
        file["jurisdictions"].as_array_mut().unwrap().iter_mut().find(|entry| entry["id"] == id).unwrap()
    }

    #[test]
    fn the_same_book_differs_in_nothing() {
        assert_eq!(changed(|_| ()), Vec::<String>::new());
    }

    #[test]
    fn a_changed_member_is_named_with_both_values() {
        let found = changed(|file| entry(file, "SG")["rules"][0]["threshold"]["entries"][0]["amount"] = json!(1000));

        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("SG@2020-01-28 /threshold/entries: [{"), "{found:?}");
        let days = changed(|file| entry(file, "SG")["rules"][0]["retention_years"] = json!(7));
        assert_eq!(days, ["SG@2020-01-28 /retention_years: 5 → 7"]);
    }

    #[test]
    fn a_change_of_the_shared_rule_shows_where_it_reaches() {
        let found = changed(|file| file["rule_sets"]["EU-TFR"]["rules"][1]["timing"]["rule"] = json!("before"));

        // Affected are 27 states, the Union's own entry, Norway and Liechtenstein.
        assert_eq!(found.len(), 30, "{found:?}");
        assert!(found.contains(&"FR@2024-12-30 /timing/rule: \"simultaneous\" → \"before\"".to_owned()), "{found:?}");
    }

    #[test]
    fn an_entry_that_goes_takes_its_versions_with_it() {
        let gone = changed(|file| {
            let entries = file["jurisdictions"].as_array_mut().unwrap();
            entries.retain(|entry| entry["id"] != "KZ-AIFC");
        });

        assert_eq!(gone.len(), 3);
        assert!(gone.iter().all(|line| line.ends_with("→ nothing")), "{gone:?}");
        assert!(gone[0].starts_with("KZ-AIFC (whole): {"), "{gone:?}");
    }

    #[test]
    fn the_books_own_members_come_first() {
        let found = changed(|file| {
            file["public_text_as_of"] = json!("2026-12");
            entry(file, "CH")["name"] = json!("Swiss Confederation");
        });

        assert_eq!(found[0], "rulebook /public_text_as_of: \"2026-11-26\" → \"2026-12\"");
        // A source that was read later than that day counts up to it.
        let others: Vec<&String> = found[1..].iter().filter(|line| !line.contains(" /known_through: ")).collect();
        assert_eq!(others, ["CH /name: \"Switzerland\" → \"Swiss Confederation\""]);
    }
}
