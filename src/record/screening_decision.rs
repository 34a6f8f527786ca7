//! Decisions about a match between a VASP and an entry of a screening list, as the VASP's record keeps them. A decision is valid
//! only for this pair and only for this version of the entry.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::time::Date;

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

/// The decision about a pair, as the VASP's record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreeningDecision {
    /// The decision.
    pub verdict: Verdict,
    /// Digest of the entry that was reviewed, in hex.
    pub entry_sha256: String,
    /// The VASP's name or host that matched; a match on another one needs a new decision.
    pub matched: String,
    /// Names or hosts that were cleared earlier for the same entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The day of the decision.
    pub decided_on: Date,
}

impl ScreeningDecision {
    /// Tells whether this decision clears the match `matched` for this version of the entry.
    #[must_use]
    pub fn clears(&self, entry_sha256: &str, matched: &str) -> bool {
        let was_looked_at = self.matched == matched || self.also.iter().any(|other| other == matched);
        self.verdict == Verdict::FalsePositive && self.entry_sha256 == entry_sha256 && was_looked_at
    }

    /// Returns the names and hosts that this decision clears.
    pub fn cleared(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.matched).chain(&self.also).filter(|_| self.verdict == Verdict::FalsePositive)
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
