//! What a decision about a match means for the present form of the entry and of the record. After a change of either, people must decide
//! again.

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Hit, PairKey, SanctionsEntry, ScreeningDecision, Verdict};
use vasp_record::proposal::Reason;
use vasp_record::vasp::Vasp;
use vasp_words::ids::{ScreeningHitId, UserId, VaspId};
use vasp_words::time::Date;

/// What people decided about a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HitDecision {
    /// There is no decision, or it is not about the present form of the entry and of the record.
    #[default]
    Open,
    /// Two people decided on this day that the entry means somebody else.
    FalsePositive(Date),
    /// Two people decided on this day that the entry means the counterparty.
    TrueMatch(Date),
}

impl HitDecision {
    /// Returns what a decision means for the present forms of an entry and a record. A true match stays valid after a change of either. A
    /// false positive does not.
    #[must_use]
    pub fn of(decision: &ScreeningDecision, entry: &str, record: &str, matched: &str) -> Self {
        match decision.verdict {
            Verdict::TrueMatch => Self::TrueMatch(decision.decided_on),
            Verdict::FalsePositive if decision.clears((entry, record), matched) => Self::FalsePositive(decision.decided_on),
            Verdict::FalsePositive => Self::Open,
        }
    }

    fn is_true(self) -> bool {
        matches!(self, Self::TrueMatch(_))
    }

    /// Tells whether the match was cleared.
    #[must_use]
    pub fn is_cleared(self) -> bool {
        matches!(self, Self::FalsePositive(_))
    }

    /// Returns what all decisions mean for a hit. After a merge of records, the decisions about all merged records apply. A true match
    /// comes before a false positive.
    #[must_use]
    pub fn worst_of(said: &[(PairKey, ScreeningDecision)], record_sha256: &str, hit: &Hit) -> Self {
        let of_pair = said.iter().filter(|(key, _)| *key == hit.key());
        Self::worst(of_pair.map(|(_, said)| Self::of(said, &hit.entry_sha256, record_sha256, &hit.matched.text())))
    }

    /// Returns the worst of several: a true match, then a clearance.
    pub(crate) fn worst(all: impl Iterator<Item = Self>) -> Self {
        all.fold(Self::Open, |worst, next| match (worst, next) {
            (Self::TrueMatch(_), _) | (_, Self::Open) => worst,
            _ => next,
        })
    }
}

/// What an organisation decided for itself about a VASP and an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnDecision {
    /// The hit.
    pub hit: ScreeningHitId,
    /// The VASP.
    pub vasp: VaspId,
    /// The entry.
    pub pair: PairKey,
    /// The decision.
    pub decision: ScreeningDecision,
    /// Why.
    pub reason: Reason,
    /// The two people, the proposer first.
    pub by: [UserId; 2],
}

impl OwnDecision {
    /// Returns what it means for a hit of the record as it was decided about. Against the registry's true match, also a later one, only a
    /// ground clears.
    #[must_use]
    pub fn of(&self, hit: &Hit) -> HitDecision {
        match HitDecision::of(&self.decision, &hit.entry_sha256, &self.decision.record_sha256, &hit.matched.text()) {
            HitDecision::FalsePositive(_) if self.decision.difference.is_none() && hit.decision.is_true() => HitDecision::Open,
            decision => decision,
        }
    }

    /// Tells whether it still counts for a record: a clearance ends when the record changes.
    #[must_use]
    pub fn counts_for(&self, record: &Vasp) -> bool {
        self.decision.verdict == Verdict::TrueMatch || self.decision.record_sha256 == identity_sha256(record)
    }
}

/// Returns the digest of what identifies a VASP on lists: SHA-256 of its RFC 8785 form, in hex. Whatever else of its record changes, its
/// decisions stay valid.
#[must_use]
pub fn identity_sha256(vasp: &Vasp) -> String {
    let domains: Vec<&str> = vasp.domains.iter().map(|domain| domain.domain.as_str()).collect();
    sha256(&json!({"kind": vasp.kind, "legal_name": vasp.legal_name, "other_names": vasp.other_names, "country": vasp.country,
        "lei": vasp.lei, "identifiers": vasp.identifiers, "website": vasp.website, "group": vasp.group,
        "registered_address": vasp.registered_address, "domains": domains}))
}

fn sha256(of: &impl Serialize) -> String {
    // Texts, lists and dates always have such a form.
    let text = serde_json_canonicalizer::to_string(of).unwrap_or_default();
    hex::encode(digest(&SHA256, text.as_bytes()).as_ref())
}

impl SanctionsEntry {
    /// Returns the digest of the present form of the entry: SHA-256 of its RFC 8785 form, in hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Matched;
    use super::*;
    use vasp_record::screening_decision::{Difference, Ground, ShownBy};
    use vasp_record::vasp::OtherName;

    fn decision(verdict: Verdict) -> ScreeningDecision {
        let decided_on = "2026-05-01".parse().unwrap();
        let (entry_sha256, record_sha256) = ("aa".into(), "rr".into());
        ScreeningDecision { verdict, entry_sha256, record_sha256, matched: vec!["Name".into()], difference: None, decided_on }
    }

    #[test]
    fn a_cleared_match_is_open_again_once_the_entry_the_record_or_the_name_changes() {
        let cleared = decision(Verdict::FalsePositive);

        assert!(matches!(HitDecision::of(&cleared, "aa", "rr", "Name"), HitDecision::FalsePositive(_)));
        for (entry, record, matched) in [("ab", "rr", "Name"), ("aa", "rs", "Name"), ("aa", "rr", "Other")] {
            assert_eq!(HitDecision::of(&cleared, entry, record, matched), HitDecision::Open);
        }
    }

    #[test]
    fn a_true_match_stays_one() {
        assert!(matches!(HitDecision::of(&decision(Verdict::TrueMatch), "ab", "rs", "x"), HitDecision::TrueMatch(_)));
    }

    #[test]
    fn all_that_matched_is_cleared_and_the_worst_that_was_said_counts() {
        let cleared = ScreeningDecision { matched: vec!["Name".into(), "Other".into()], ..decision(Verdict::FalsePositive) };
        for name in ["Other", "Name"] {
            assert!(HitDecision::of(&cleared, "aa", "rr", name).is_cleared());
        }
        assert_eq!(HitDecision::of(&cleared, "ab", "rr", "Other"), HitDecision::Open);

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
            own: HitDecision::Open,
        };
        let of = |said: &[Verdict]| {
            let said: Vec<_> = said.iter().map(|verdict| ("L/1".parse().unwrap(), decision(*verdict))).collect();
            HitDecision::worst_of(&said, "rr", &hit)
        };
        assert_eq!(of(&[]), HitDecision::Open);
        assert!(of(&[Verdict::FalsePositive]).is_cleared());
        for both in [[Verdict::FalsePositive, Verdict::TrueMatch], [Verdict::TrueMatch, Verdict::FalsePositive]] {
            assert!(matches!(of(&both), HitDecision::TrueMatch(_)));
        }

        let document = ShownBy { name: "Extract of the register".into(), sha256: "ab".repeat(32).try_into().unwrap() };
        let ground = Difference { ground: Ground::Country, vasp: "IE".into(), listed: vec!["Russia".into()], document };
        let own = |difference| OwnDecision {
            hit: format!("hit_{}", "0".repeat(26)).parse().unwrap(),
            vasp: crate::precheck::examples::entity(1).id,
            pair: hit.key(),
            decision: ScreeningDecision { difference, ..decision(Verdict::FalsePositive) },
            reason: "Somebody else.".parse().unwrap(),
            by: [UserId::REGISTRY; 2],
        };
        let true_match = Hit { decision: of(&[Verdict::TrueMatch]), ..hit.clone() };
        assert!(own(None).of(&hit).is_cleared() && own(Some(ground.clone())).of(&true_match).is_cleared());
        assert_eq!(own(None).of(&true_match), HitDecision::Open, "two people of the registry say that it is the same party");
    }

    #[test]
    fn what_identifies_a_vasp_changes_its_digest_and_nothing_else_does() {
        let firm = crate::precheck::examples::entity(1);
        let same = Vasp { licences: vec![], status: vasp_record::vasp::VaspStatus::Verified, ..firm.clone() };
        assert_eq!(identity_sha256(&same), identity_sha256(&firm));
        for other in [
            Vasp { legal_name: "Other".into(), ..firm.clone() },
            Vasp { country: "MT".parse().ok(), ..firm.clone() },
            Vasp { website: Some("https://other.example".into()), ..firm.clone() },
            Vasp { lei: None, ..firm.clone() },
        ] {
            assert_ne!(identity_sha256(&other), identity_sha256(&firm), "{other:?}");
        }
    }

    /// Kept decisions have it, so it stays. Computed in Python: `sha256` of `json.dumps` with sorted keys and without spaces.
    #[test]
    fn the_digest_of_what_identifies_a_vasp_stays() {
        let other_names = vec![OtherName { name: "Zwei \"Ü\"".into(), name_type: "brand".into() }];
        let website = Some("https://one.example".into());
        let firm = Vasp { other_names, website, ..crate::precheck::examples::entity(1) };

        assert_eq!(identity_sha256(&firm), "dc94128f6cd30a8ab13683bcbc799a29a107f2ba0bd6b2878884c84c3e57c5d6");
    }

    #[test]
    fn any_change_of_an_entry_changes_its_digest() {
        let entry = SanctionsEntry { uid: "1".into(), name: "A".into(), ..SanctionsEntry::default() };
        let other = SanctionsEntry { aliases: vec!["B".into()], ..entry.clone() };

        assert_ne!(entry.sha256(), other.sha256());
        assert_eq!(entry.sha256().len(), 64);
    }
}
