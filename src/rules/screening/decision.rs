//! What a decision about a match means for the present form of the entry. After a change of the entry, people must decide again.

use aws_lc_rs::digest::{SHA256, digest};

use super::{Hit, PairKey, SanctionsEntry, ScreeningDecision, Verdict};
use vasp_words::time::Date;

/// What people decided about a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HitDecision {
    /// There is no decision, or it is not about the present form of the entry.
    #[default]
    Open,
    /// Two people decided on this day that the entry means somebody else.
    FalsePositive(Date),
    /// Two people decided on this day that the entry means the counterparty.
    TrueMatch(Date),
}

impl HitDecision {
    /// Returns what a decision means for the present form of an entry. A true match stays valid after a change of the entry. A false
    /// positive does not.
    #[must_use]
    pub fn of(decision: &ScreeningDecision, entry_sha256: &str, matched: &str) -> Self {
        match decision.verdict {
            Verdict::TrueMatch => Self::TrueMatch(decision.decided_on),
            Verdict::FalsePositive if decision.clears(entry_sha256, matched) => Self::FalsePositive(decision.decided_on),
            Verdict::FalsePositive => Self::Open,
        }
    }

    /// Tells whether the match was cleared.
    #[must_use]
    pub fn is_cleared(self) -> bool {
        matches!(self, Self::FalsePositive(_))
    }

    /// Returns what all decisions mean for a hit. After a merge of records, the decisions about all merged records apply. A true match
    /// comes before a false positive.
    #[must_use]
    pub fn worst_of(said: &[(PairKey, ScreeningDecision)], hit: &Hit) -> Self {
        let of_pair = said.iter().filter(|(key, _)| *key == hit.key());
        let found = of_pair.map(|(_, said)| Self::of(said, &hit.entry_sha256, &hit.matched.text()));
        found.fold(Self::Open, |worst, next| match (worst, next) {
            (Self::TrueMatch(_), _) | (_, Self::Open) => worst,
            _ => next,
        })
    }
}

impl SanctionsEntry {
    /// Returns the digest of the present form of the entry: SHA-256 of its RFC 8785 form, in hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        // The entry consists of texts, lists and dates, so it always has such a form.
        let text = serde_json_canonicalizer::to_string(self).unwrap_or_default();
        hex::encode(digest(&SHA256, text.as_bytes()).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Matched;
    use super::*;

    fn decision(verdict: Verdict) -> ScreeningDecision {
        let decided_on = "2026-05-01".parse().unwrap();
        ScreeningDecision { verdict, entry_sha256: "aa".into(), matched: "Name".into(), also: vec![], decided_on }
    }

    #[test]
    fn a_cleared_match_is_open_again_once_the_entry_or_the_name_changes() {
        let cleared = decision(Verdict::FalsePositive);

        assert!(matches!(HitDecision::of(&cleared, "aa", "Name"), HitDecision::FalsePositive(_)));
        assert_eq!(HitDecision::of(&cleared, "ab", "Name"), HitDecision::Open);
        assert_eq!(HitDecision::of(&cleared, "aa", "Other"), HitDecision::Open);
    }

    #[test]
    fn a_true_match_stays_one() {
        assert!(matches!(HitDecision::of(&decision(Verdict::TrueMatch), "ab", "x"), HitDecision::TrueMatch(_)));
    }

    #[test]
    fn what_was_cleared_before_stays_so_and_the_worst_that_was_said_counts() {
        let cleared = ScreeningDecision { also: vec!["Other".into()], ..decision(Verdict::FalsePositive) };
        assert!(HitDecision::of(&cleared, "aa", "Other").is_cleared() && HitDecision::of(&cleared, "aa", "Name").is_cleared());
        assert_eq!(HitDecision::of(&cleared, "ab", "Other"), HitDecision::Open);

        let hit = Hit {
            list: "L".into(),
            family: "L".into(),
            uid: "1".into(),
            name: "N".into(),
            programs: vec![],
            matched: Matched::Name("Name".into()),
            listed: "N".into(),
            score: 90,
            entry_sha256: "aa".into(),
            beside: Default::default(),
            means: Default::default(),
            decision: HitDecision::Open,
        };
        let of = |said: &[Verdict]| {
            let said: Vec<_> = said.iter().map(|verdict| ("L/1".parse().unwrap(), decision(*verdict))).collect();
            HitDecision::worst_of(&said, &hit)
        };
        assert_eq!(of(&[]), HitDecision::Open);
        assert!(of(&[Verdict::FalsePositive]).is_cleared());
        for both in [[Verdict::FalsePositive, Verdict::TrueMatch], [Verdict::TrueMatch, Verdict::FalsePositive]] {
            assert!(matches!(of(&both), HitDecision::TrueMatch(_)));
        }
    }

    #[test]
    fn any_change_of_an_entry_changes_its_digest() {
        let entry = SanctionsEntry { uid: "1".into(), name: "A".into(), ..SanctionsEntry::default() };
        let other = SanctionsEntry { aliases: vec!["B".into()], ..entry.clone() };

        assert_ne!(entry.sha256(), other.sha256());
        assert_eq!(entry.sha256().len(), 64);
    }
}
