//! The data that a rule requires: fields that must all be present, groups of alternatives, and data that is due only on
//! request. Also contains the small serde helpers that make the file form as strict as its schema.

use serde::de::{DeserializeOwned, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use vasp_words::money::Amount;
use vasp_words::rule_names::FieldCode;

/// Reads a member that must be in the file but may be null.
pub(super) fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(d)
}

/// Reads a member that may be missing (with `default`) but must not be null.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// Reads an amount that the file writes as a JSON number.
pub(super) fn amount<'de, D: Deserializer<'de>>(d: D) -> Result<Amount, D::Error> {
    serde_json::Number::deserialize(d)?.to_string().parse().map_err(D::Error::custom)
}

/// Reads an amount written as a JSON number, or null.
pub(super) fn nullable_amount<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Amount>, D::Error> {
    let number: Option<serde_json::Number> = Option::deserialize(d)?;
    number.map(|n| n.to_string().parse().map_err(D::Error::custom)).transpose()
}

/// Reads a map as pairs in the file's order, and refuses a repeated key.
pub(super) fn unique_map<'de, D, K, V>(d: D) -> Result<Vec<(K, V)>, D::Error>
where
    D: Deserializer<'de>,
    K: DeserializeOwned + PartialEq + std::fmt::Display,
    V: DeserializeOwned,
{
    struct Pairs<K, V>(std::marker::PhantomData<(K, V)>);
    impl<'de, K: DeserializeOwned + PartialEq + std::fmt::Display, V: DeserializeOwned> Visitor<'de> for Pairs<K, V> {
        type Value = Vec<(K, V)>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::<(K, V)>::new();
            while let Some((key, value)) = map.next_entry::<K, V>()? {
                if pairs.iter().any(|(known, _)| *known == key) {
                    return Err(A::Error::custom(format!("`{key}` occurs twice, expected once")));
                }
                pairs.push((key, value));
            }
            Ok(pairs)
        }
    }
    d.deserialize_map(Pairs(std::marker::PhantomData))
}

/// A group of alternatives; one alternative must be present with all its fields.
// In the rulebook's file this is a bare list; each item is a code or a list of codes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OneOf {
    /// At least two alternatives, each with at least one field.
    #[cfg_attr(feature = "schema", schema(example = json!([["originator.address"], ["originator.birth", "originator.place_of_birth"]])))]
    pub alternatives: Vec<Vec<FieldCode>>,
}

/// One alternative in the file's notation.
struct Alternative(Vec<FieldCode>);

impl<'de> Deserialize<'de> for Alternative {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct CodeOrCodes;
        impl<'de> Visitor<'de> for CodeOrCodes {
            type Value = Alternative;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a field code or a list of field codes")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Alternative, E> {
                text.parse().map(|code| Alternative(vec![code])).map_err(E::custom)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Alternative, A::Error> {
                let mut codes = Vec::new();
                while let Some(code) = items.next_element::<FieldCode>()? {
                    codes.push(code);
                }
                if codes.is_empty() {
                    Err(A::Error::invalid_length(0, &"at least one field code"))
                } else {
                    Ok(Alternative(codes))
                }
            }
        }
        d.deserialize_any(CodeOrCodes)
    }
}

impl<'de> Deserialize<'de> for OneOf {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let alternatives: Vec<_> = Vec::<Alternative>::deserialize(d)?.into_iter().map(|a| a.0).collect();
        if alternatives.len() < 2 {
            return Err(D::Error::invalid_length(alternatives.len(), &"at least two alternatives"));
        }
        Ok(Self { alternatives })
    }
}

impl OneOf {
    /// Returns whether all fields of some alternative satisfy `has`.
    #[must_use]
    pub fn is_met(&self, has: impl Fn(&FieldCode) -> bool) -> bool {
        self.alternatives.iter().any(|codes| codes.iter().all(&has))
    }
}

/// Data that is not sent immediately but is due on request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OnRequest {
    /// The business days within which the answer is due.
    pub within_business_days: u16,
    /// All of these fields.
    pub required: Vec<FieldCode>,
    /// One alternative of each of these groups.
    pub one_of: Vec<OneOf>,
    /// A remark of the rulebook.
    #[serde(default, deserialize_with = "present")]
    pub note: Option<String>,
}

/// The data of one kind of transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldSet {
    /// All of these fields.
    pub required: Vec<FieldCode>,
    /// One alternative of each of these groups.
    pub one_of: Vec<OneOf>,
    /// These fields if the sender has them.
    pub if_available: Vec<FieldCode>,
    /// The data that is due only on request.
    #[serde(deserialize_with = "nullable")]
    pub on_request: Option<OnRequest>,
    /// A remark of the rulebook.
    #[serde(default, deserialize_with = "present")]
    pub note: Option<String>,
}

impl FieldSet {
    /// Returns every code that the set names, including repetitions.
    pub fn codes(&self) -> impl Iterator<Item = &FieldCode> {
        let later = self.on_request.iter().flat_map(|r| r.required.iter().chain(r.one_of.iter().flat_map(codes_of)));
        self.required.iter().chain(&self.if_available).chain(self.one_of.iter().flat_map(codes_of)).chain(later)
    }
}

fn codes_of(one_of: &OneOf) -> impl Iterator<Item = &FieldCode> {
    one_of.alternatives.iter().flatten()
}

/// The data above and below the threshold; `None` if nothing is stated or nothing is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AboveBelow {
    /// The data if the threshold is reached, or if there is none.
    #[serde(deserialize_with = "nullable")]
    pub above: Option<FieldSet>,
    /// The data if the threshold is not reached.
    #[serde(deserialize_with = "nullable")]
    pub below: Option<FieldSet>,
}

/// The data by flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowData {
    /// The data of transfers across the border of the domestic area.
    pub cross_border: AboveBelow,
    /// The data of transfers inside the domestic area.
    pub domestic: AboveBelow,
}

/// The data by kind of originator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleData {
    /// The data of natural persons.
    pub natural_person: FlowData,
    /// The data of legal persons; `None` if it is the same as for natural persons.
    #[serde(deserialize_with = "nullable")]
    pub legal_person: Option<FlowData>,
    /// A remark of the rulebook.
    #[serde(default, deserialize_with = "present")]
    pub note: Option<String>,
}

impl RuleData {
    /// Returns every code that the data names.
    pub fn codes(&self) -> impl Iterator<Item = &FieldCode> {
        [Some(&self.natural_person), self.legal_person.as_ref()]
            .into_iter()
            .flatten()
            .flat_map(|flows| [&flows.cross_border, &flows.domestic])
            .flat_map(|set| [set.above.as_ref(), set.below.as_ref()])
            .flatten()
            .flat_map(FieldSet::codes)
    }
}
