//! What a decision about a match means for the entry as it stands: a changed entry has to be decided anew.

use aws_lc_rs::digest::{SHA256, digest};

use super::{Hit, PairKey, SanctionsEntry, ScreeningDecision, Verdict};
use vasp_words::time::Date;

/// Whether people decided about a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HitDecision {
    /// Not yet, or not about the entry as it stands.
    #[default]
    Open,
    /// Two people said that it is somebody else, on a day.
    FalsePositive(Date),
    /// Two people said that it is whom the list means, on a day.
    TrueMatch(Date),
}

impl HitDecision {
    /// Reads what a decision means for an entry as it stands. That somebody is meant outlasts a change of the entry; that
    /// somebody else is meant does not.
    #[must_use]
    pub fn of(decision: &ScreeningDecision, entry_sha256: &str, matched: &str) -> Self {
        match decision.verdict {
            Verdict::TrueMatch => Self::TrueMatch(decision.decided_on),
            Verdict::FalsePositive if decision.clears(entry_sha256, matched) => Self::FalsePositive(decision.decided_on),
            Verdict::FalsePositive => Self::Open,
        }
    }

    /// Tells whether it was cleared.
    #[must_use]
    pub fn is_cleared(self) -> bool {
        matches!(self, Self::FalsePositive(_))
    }

    /// Returns what all that people decided means for a hit: what they said of records that turned out to be one counts for that one,
    /// and that somebody is meant before that somebody else is.
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
    /// Returns the digest of the entry as it stands, in hex: SHA-256 over its RFC 8785 form.
    #[must_use]
    pub fn sha256(&self) -> String {
        // Made of texts, lists and dates: it always has such a form.
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
