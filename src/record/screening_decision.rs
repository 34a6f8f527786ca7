//! Decisions about a match between a VASP and an entry of a screening list: the registry's, which the VASP's record keeps, and those of
//! an organisation, which it keeps for itself. A decision is valid only for this pair. A clearance is valid only for this form of the
//! entry and of the record.

use std::fmt;
use std::str::FromStr;

use crate::client_certificate::Sha256Hex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::closed_list::closed_list;
use vasp_words::time::{Date, serde_as_text};

serde_as_text!(PairKey);

closed_list! {
    /// The decision of two people about a match.
    pub enum Verdict as "ScreeningVerdict" {
        /// The VASP is not the party of the entry.
        FalsePositive = "false_positive",
        /// The VASP is the party of the entry.
        TrueMatch = "true_match",
    }
}

closed_list! {
    /// What can show that a VASP is not the party of an entry that it matches almost certainly. The list is closed: a name never does, nor
    /// what somebody says without a document.
    ///
    /// Source: docs/screening.md, "Deciding". It has what lists publish besides names.
    pub enum Ground as "ClearanceGround" {
        /// The country of the seat.
        Country = "country",
        /// The date of birth, or of a firm's foundation.
        Date = "date",
        /// The LEI.
        Lei = "lei",
        /// The number in a register or at a tax office.
        RegisterNumber = "register_number",
    }

    /// The status of a screening hit.
    pub enum HitStatus as "ScreeningHitStatus" {
        /// Nobody has decided yet, or the entry changed after the decision.
        Open = "open",
        /// Two people decided that the VASP is not the party of the entry.
        FalsePositive = "false_positive",
        /// Two people decided that the VASP is the party of the entry.
        TrueMatch = "true_match",
        /// No list has the entry any more, or the record changed.
        Gone = "gone",
    }
    /// The subject of a screening hit.
    pub enum HitSubject {
        /// The identity of the VASP: its names, LEI and hosts.
        Party = "party",
        /// An address that the VASP claims.
        Address = "address",
    }
}

impl From<Verdict> for HitStatus {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::FalsePositive => Self::FalsePositive,
            Verdict::TrueMatch => Self::TrueMatch,
        }
    }
}

/// One value of the VASP beside the same value of the entry, where the two differ. Everybody who may read the decision sees both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScreeningDifference))]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// What was compared.
    pub ground: Ground,
    /// The VASP's value.
    #[cfg_attr(feature = "schema", schema(example = "IE"))]
    pub vasp: String,
    /// All values of the entry, as published.
    #[cfg_attr(feature = "schema", schema(example = json!(["Russia"])))]
    pub listed: Vec<String>,
    /// The document that shows the VASP's value.
    pub document: ShownBy,
}

/// A document, as somebody who has it can find and check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScreeningDocument))]
#[serde(deny_unknown_fields)]
pub struct ShownBy {
    /// What it is and who issued it.
    #[cfg_attr(
        feature = "schema",
        schema(min_length = 1, max_length = 200, example = "Extract of the commercial register of Hamburg, HRB 12345")
    )]
    pub name: String,
    /// SHA-256 of its content, hex.
    #[cfg_attr(feature = "schema", schema(value_type = String, pattern = "^[0-9a-f]{64}$"))]
    pub sha256: Sha256Hex,
}

/// The decision about a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreeningDecision {
    /// The decision.
    pub verdict: Verdict,
    /// Digest of the entry that was reviewed, in hex.
    pub entry_sha256: String,
    /// Digest of the identity of the VASP that was reviewed, in hex.
    pub record_sha256: String,
    /// The VASP's names, LEI and hosts that matched; a match on another one needs a new decision.
    pub matched: Vec<String>,
    /// What shows that they are two; `None` if a reason was enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// The day of the decision.
    pub decided_on: Date,
}

impl ScreeningDecision {
    /// Returns whether this decision clears the match `matched`. It does so only while entry and record are as they were decided about.
    #[must_use]
    pub fn clears(&self, (entry_sha256, record_sha256): (&str, &str), matched: &str) -> bool {
        let is_of_forms = self.entry_sha256 == entry_sha256 && self.record_sha256 == record_sha256;
        self.verdict == Verdict::FalsePositive && is_of_forms && self.matched.iter().any(|seen| seen == matched)
    }
}

/// The key of an entry among all lists: `list/uid`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PairKey {
    /// Name of the list, as policies use it.
    pub list: String,
    /// The list's own number of the entry.
    pub uid: String,
}

/// The text is not the key of an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not have the form `list/number`")]
pub struct PairKeyError(String);

impl fmt::Display for PairKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.list, self.uid)
    }
}

impl FromStr for PairKey {
    type Err = PairKeyError;
    fn from_str(text: &str) -> Result<Self, PairKeyError> {
        let (list, uid) = text.split_once('/').ok_or_else(|| PairKeyError(text.chars().take(60).collect()))?;
        Ok(Self { list: list.to_owned(), uid: uid.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entrys_key_reads_back() {
        let key = PairKey { list: "EU-SANCTIONS".into(), uid: "32014R0269/541".into() };
        assert_eq!(key.to_string().parse(), Ok(key));
        assert!("x".parse::<PairKey>().is_err());
    }
}
