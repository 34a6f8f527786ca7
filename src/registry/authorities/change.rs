//! What an amendment changes in the table of authorities, and what people should look at before they approve it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use vasp_record::authority::{Authorities, AuthorityEntry};
use vasp_rules::rulebook::{JurisdictionId, Rulebook};

/// One member of an authority that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityChange {
    /// Id of the authority.
    pub authority: String,
    /// The member; `None` if the whole authority is added.
    pub member: Option<String>,
    /// The old value; null if there was none.
    pub from: Value,
    /// The new value; null if there is none.
    pub to: Value,
}

/// Something about an authority that people should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityNote {
    /// Id of the authority.
    pub authority: String,
    /// What it is, in words.
    pub detail: String,
}

impl fmt::Display for AuthorityChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            None => write!(f, "{}: added", self.authority),
            Some(member) => write!(f, "{} {member}: {} → {}", self.authority, self.from, self.to),
        }
    }
}

/// Returns what `after` changes in `before`, by authority and member.
pub(super) fn changes(before: &Authorities, after: &Authorities) -> Vec<AuthorityChange> {
    let mut found = Vec::new();
    for entry in after.entries() {
        let authority = entry.authority.id.clone();
        let new = members(entry);
        let Some(old) = before.entry(&authority).map(members) else {
            found.push(AuthorityChange { authority, member: None, from: Value::Null, to: Value::Object(new) });
            continue;
        };
        found.extend(new.into_iter().filter(|(member, to)| old.get(member) != Some(to)).map(|(member, to)| AuthorityChange {
            authority: authority.clone(),
            from: old.get(&member).cloned().unwrap_or_default(),
            member: Some(member),
            to,
        }));
    }
    found
}

fn members(entry: &AuthorityEntry) -> Map<String, Value> {
    let names: BTreeMap<&str, &str> = entry.names.iter().map(|(code, name)| (code.as_str(), name.as_str())).collect();
    let members = json!({
        "name": entry.authority.name, "names": names, "country": entry.authority.country, "jurisdiction": entry.jurisdiction,
        "regime": entry.regime, "registration": entry.registration, "register_page": entry.register_page,
        "spellings": entry.spellings, "source": entry.source,
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Compares the changed authorities with the rulebook.
pub(super) fn notes(changes: &[AuthorityChange], table: &Authorities, rulebook: &Rulebook) -> Vec<AuthorityNote> {
    let mut ids: Vec<&String> = changes.iter().map(|change| &change.authority).collect();
    ids.dedup();
    let entries = ids.into_iter().filter_map(|id| table.entry(id));
    let note = |entry: &AuthorityEntry| {
        let detail = against_rulebook(entry, rulebook)?;
        Some(AuthorityNote { authority: entry.authority.id.clone(), detail })
    };
    entries.filter_map(note).collect()
}

/// Returns what the rulebook says against the jurisdiction of an authority; `None` if nothing.
fn against_rulebook(entry: &AuthorityEntry, rulebook: &Rulebook) -> Option<String> {
    let country = entry.authority.country;
    let known: Vec<&str> = rulebook.entries_for_country(country).map(|one| one.id.as_str()).collect();
    let others = || match known.is_empty() {
        true => format!("it has none for {country}"),
        false => format!("for {country} it has {}", known.join(", ")),
    };
    match &entry.jurisdiction {
        None if known.is_empty() => None,
        None => Some(format!("it names no jurisdiction, but the rulebook has some: {}", others())),
        Some(id) if known.contains(&id.as_str()) => None,
        Some(id) => {
            let elsewhere = id.parse::<JurisdictionId>().is_ok_and(|id| rulebook.entry(&id).is_some());
            let what = if elsewhere { "belongs to another country" } else { "is not in the rulebook" };
            Some(format!("its jurisdiction `{id}` {what}; {}", others()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vasp_ingest::authorities::{amend, embedded};

    const HEADING: &str = "id,name,names,country,jurisdiction,regime,registration,register_page,spellings,source\n";

    fn amended(rows: &str) -> (Authorities, Authorities) {
        let before = embedded().unwrap();
        let after = amend(&before, format!("{HEADING}{rows}").as_bytes(), "a.csv").unwrap().table;
        (before, after)
    }

    #[test]
    fn what_is_added_and_what_is_replaced_is_said_by_member() {
        let (before, after) = amended(
            "AT-XA,Invented Authority,,AT,AT,MiCA,licence,,Invented,test\n\
             AT-FMA,Finanzmarktaufsicht (FMA),en=Financial Market Authority|de=Finanzmarktaufsicht,AT,AT,MiCA,licence,\
             https://www.fma.gv.at/en/search-company-database/,FMA,ESMA registers; rulebook; general knowledge\n",
        );

        let said: Vec<String> = changes(&before, &after).iter().map(ToString::to_string).collect();

        assert_eq!(
            said,
            ["AT-FMA spellings: [\"Austrian Financial Market Authority (FMA)\",\"FMA\"] → [\"FMA\"]", "AT-XA: added"]
        );
        assert_eq!(changes(&before, &before), []);
    }

    #[test]
    fn a_regime_that_the_rulebook_does_not_know_is_said() {
        let (before, after) = amended(
            "AE-XA,A,,AE,AE-VARA,r,licence,,,test\nAE-XB,B,,AE,AE-ATLANTIS,r,licence,,,test\nAE-XC,C,,AE,DE,r,licence,,,test\n\
             AT-XD,D,,AT,,r,none,,,test\nAD-XE,E,,AD,,r,none,,,test\n",
        );
        let rulebook = Rulebook::embedded().unwrap();

        let notes = notes(&changes(&before, &after), &after, &rulebook);

        let said = |id: &str| notes.iter().find(|note| note.authority == id).map(|note| note.detail.as_str());
        assert_eq!((said("AE-XA"), said("AD-XE")), (None, None));
        assert!(said("AE-XB").unwrap().starts_with("its jurisdiction `AE-ATLANTIS` is not in the rulebook; for AE it has "));
        assert!(said("AE-XC").unwrap().starts_with("its jurisdiction `DE` belongs to another country"));
        assert_eq!(said("AT-XD"), Some("it names no jurisdiction, but the rulebook has some: for AT it has AT"));
    }
}
