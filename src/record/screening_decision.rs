//! What people decided about a match of a VASP with a screening list's entry, as its record keeps it. It holds for exactly this
//! pair as the entry stood.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::time::Date;

closed_list! {
    /// What two people say of a match.
    pub enum Verdict as "ScreeningVerdict" {
        /// The VASP is somebody else.
        FalsePositive = "false_positive",
        /// The VASP is whom the entry means.
        TrueMatch = "true_match",
    }
}

closed_list! {
    /// Where a hit stands.
    pub enum HitStatus as "ScreeningHitStatus" {
        /// Nobody decided yet, or not about the entry as it stands.
        Open = "open",
        /// Two people said that it is somebody else.
        FalsePositive = "false_positive",
        /// Two people said that it is whom the list means.
        TrueMatch = "true_match",
        /// No list says it any more, or the record changed.
        Gone = "gone",
    }
    /// What hits are about.
    pub enum HitSubject {
        /// Who the VASP is: its names, LEI, hosts.
        Party = "party",
        /// What it claims.
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

/// What was decided about a pair, as the record of the VASP keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreeningDecision {
    /// What.
    pub verdict: Verdict,
    /// Digest of the entry that was looked at, in hex.
    pub entry_sha256: String,
    /// Which of the VASP's names or hosts it was about; another one has to be looked at anew.
    pub matched: String,
    /// Those that were cleared before it, of the same entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The day of the decision.
    pub decided_on: Date,
}

impl ScreeningDecision {
    /// Tells whether it says of an entry as it stands that it does not mean what matched.
    #[must_use]
    pub fn clears(&self, entry_sha256: &str, matched: &str) -> bool {
        let was_looked_at = self.matched == matched || self.also.iter().any(|other| other == matched);
        self.verdict == Verdict::FalsePositive && self.entry_sha256 == entry_sha256 && was_looked_at
    }

    /// Returns what matched and was cleared by it.
    pub fn cleared(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.matched).chain(&self.also).filter(|_| self.verdict == Verdict::FalsePositive)
    }
}

/// Names an entry among all lists: `list/uid`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PairKey {
    /// The list that policies name.
    pub list: String,
    /// The list's own number of the entry.
    pub uid: String,
}

/// The text names no entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no `list/number`")]
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
