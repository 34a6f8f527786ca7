//! What a reviewer still has to check. For every attribute of a record it shows the stated value, the approved value, the evidence, and
//! sources that contradict it. This module is pure; its caller is `vasp_registry::cases`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use vasp_words::closed_list::closed_list;

use vasp_words::time::UtcTime;

/// Attributes that need evidence: the legal entity, its country, and everything that others find it by. Every licence needs evidence too.
///
/// Source: docs/project/requirements.md, CP-05 (verify the legal entity from independent sources) and CP-08 (licensed where it operates and is
/// incorporated).
const NEEDS_EVIDENCE: [&str; 6] = ["country", "identifiers", "legal_name", "lei", "other_names", "website"];

/// Evidence, as far as the checklist needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownEvidence {
    /// Its id.
    pub id: String,
    /// The attribute that it supports.
    pub attribute: String,
    /// SHA-256 of the value that the evidence was recorded for, in hex; `None` if no value was recorded.
    pub value_digest: Option<String>,
    /// How it was obtained.
    pub method: String,
    /// When it stops being valid; `None` if it does not expire.
    pub expires_at: Option<UtcTime>,
}

/// A source that states a value for an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OtherVoice {
    /// The attribute.
    #[serde(skip)]
    pub attribute: String,
    /// The source.
    pub origin: String,
    /// The value that it states.
    pub value: String,
}

closed_list! {
    /// How well an attribute of a record is supported by evidence, worst first.
    pub enum EvidenceState {
        /// There is no evidence.
        Missing = "missing",
        /// The evidence was recorded for another value.
        OtherValue = "other_value",
        /// The evidence has expired.
        Stale = "stale",
        /// There is valid evidence.
        Evidenced = "evidenced",
    }
}

/// One line of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ChecklistItem {
    /// The attribute of the record, such as `legal_name` or `licences/lic_…`.
    pub attribute: String,
    /// The stated value; null if the attribute is to be emptied.
    #[cfg_attr(feature = "schema", schema(value_type = serde_json::Value))]
    pub value: Option<Value>,
    /// The value that was approved last; null if there is none.
    #[cfg_attr(feature = "schema", schema(value_type = serde_json::Value))]
    pub approved: Option<Value>,
    /// Whether the stated and the approved value differ.
    pub changed: bool,
    /// Whether the attribute needs evidence before the record can be verified.
    pub required: bool,
    /// How well the evidence supports it.
    pub state: EvidenceState,
    /// Ids of the valid evidence.
    pub evidence: Vec<String>,
    /// Sources that state another value.
    pub contradicted_by: Vec<OtherVoice>,
}

impl ChecklistItem {
    /// Tells whether this line prevents a verification of the record.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.required && self.value.is_some() && self.state != EvidenceState::Evidenced
    }
}

/// Returns the checklist, one line for each attribute, sorted by attribute.
///
/// `digest` returns the SHA-256 of the RFC 8785 form of a value, in hex.
pub fn checklist(
    said: &BTreeMap<String, Value>,
    approved: &BTreeMap<String, Value>,
    evidence: &[KnownEvidence],
    others: &[OtherVoice],
    now: UtcTime,
    digest: impl Fn(&Value) -> String,
) -> Vec<ChecklistItem> {
    let places: std::collections::BTreeSet<&String> = said.keys().chain(approved.keys()).collect();
    let line = |place: &String| {
        let (value, approved) = (said.get(place), approved.get(place));
        let of_value = value.map(&digest);
        let (state, ids) = state(place, of_value.as_deref(), evidence, now);
        let contradicts =
            |voice: &&OtherVoice| voice.attribute == *place && value.is_some_and(|value| !says(value, &voice.value));
        ChecklistItem {
            attribute: place.clone(),
            value: value.cloned(),
            approved: approved.cloned(),
            changed: value != approved,
            required: NEEDS_EVIDENCE.contains(&place.as_str()) || place.starts_with("licences/"),
            state,
            evidence: ids,
            contradicted_by: others.iter().filter(contradicts).cloned().collect(),
        }
    };
    places.into_iter().map(line).collect()
}

/// Tells whether a source states the same value: exactly, or as the same name in another spelling.
fn says(value: &Value, other: &str) -> bool {
    let Some(text) = value.as_str() else { return true };
    text == other || vasp_words::name::NameKey::of(text).is_some_and(|key| Some(key) == vasp_words::name::NameKey::of(other))
}

fn state(place: &str, value_digest: Option<&str>, evidence: &[KnownEvidence], now: UtcTime) -> (EvidenceState, Vec<String>) {
    let mut best = EvidenceState::Missing;
    let mut counting = Vec::new();
    for known in evidence.iter().filter(|known| known.attribute == place) {
        let fits = known.value_digest.is_none() || known.value_digest.as_deref() == value_digest;
        let found = match (fits, known.expires_at.is_some_and(|at| at <= now)) {
            (false, _) => EvidenceState::OtherValue,
            (true, true) => EvidenceState::Stale,
            (true, false) => {
                counting.push(known.id.clone());
                EvidenceState::Evidenced
            }
        };
        best = best.max(found);
    }
    (best, counting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> UtcTime {
        "2026-06-01T12:00:00Z".parse().unwrap()
    }

    fn places(value: Value) -> BTreeMap<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    fn evidence(attribute: &str, value: &Value, expires_at: Option<&str>) -> KnownEvidence {
        KnownEvidence {
            id: format!("evd_{attribute}"),
            attribute: attribute.to_owned(),
            value_digest: Some(value.to_string()),
            method: "register_look_up".to_owned(),
            expires_at: expires_at.map(|at| at.parse().unwrap()),
        }
    }

    fn lines(evidence: &[KnownEvidence], others: &[OtherVoice]) -> Vec<ChecklistItem> {
        let said = places(json!({"legal_name": "Lagoon GmbH", "country": "DE", "website": "https://lagoon.example"}));
        let approved = places(json!({"legal_name": "Laguna GmbH", "country": "DE"}));
        checklist(&said, &approved, evidence, others, now(), ToString::to_string)
    }

    #[test]
    fn evidence_counts_for_the_value_that_was_looked_at_and_until_it_expires() {
        let of_old_name = evidence("legal_name", &json!("Laguna GmbH"), None);
        let expired = evidence("country", &json!("DE"), Some("2026-06-01T12:00:00Z"));

        let found = lines(&[of_old_name, expired], &[]);

        let states: Vec<_> = found.iter().map(|l| (l.attribute.as_str(), l.state, l.changed, l.blocks())).collect();
        assert_eq!(
            states,
            [
                ("country", EvidenceState::Stale, false, true),
                ("legal_name", EvidenceState::OtherValue, true, true),
                ("website", EvidenceState::Missing, true, true),
            ]
        );
    }

    #[test]
    fn good_evidence_lifts_the_block_until_its_moment() {
        let good = [
            evidence("legal_name", &json!("Lagoon GmbH"), None),
            evidence("country", &json!("DE"), Some("2026-06-01T12:00:00.000001Z")),
            evidence("website", &json!("https://lagoon.example"), None),
        ];

        assert!(lines(&good, &[]).iter().all(|line| !line.blocks()));
    }

    #[test]
    fn who_says_otherwise_is_named_and_spelling_is_no_contradiction() {
        let voice = |attribute: &str, value: &str| OtherVoice {
            attribute: attribute.to_owned(),
            origin: "esma-casps".to_owned(),
            value: value.to_owned(),
        };
        let others = [voice("legal_name", "LAGOON G.m.b.H"), voice("legal_name", "LAGOON GMBH"), voice("country", "AT")];

        let found = lines(&[], &others);

        let named: Vec<_> = found.iter().map(|line| line.contradicted_by.len()).collect();
        assert_eq!(named, [1, 1, 0]);
        assert_eq!(found[1].contradicted_by[0].value, "LAGOON G.m.b.H");
    }
}
