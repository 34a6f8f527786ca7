//! Whom an answer names, and what the screening lists say about each of them. No name may be printed that was not screened. The caller is the
//! service, after `attribute`.

use super::super::elsewhere::JudgedVasp;
use super::super::screening::{Hit, HitDecision, Meant, OwnDecision, ScreeningIndex, Sought};
use super::attribution::distinct;
use super::brand::{BrandAnswer, BrandCandidate};
use super::{AccountScreening, Attribution, CheckCode, Counterparty, ScreeningFacts};
use vasp_addresses::address::Account;
use vasp_words::ids::VaspId;
use vasp_words::time::Date;

/// Whom an answer names besides those of `Attribution::screened`.
#[derive(Clone, Debug, Default)]
pub struct Shown<'a> {
    /// The brand, with the entities that may be behind it.
    pub brand: Option<&'a BrandAnswer>,
    /// The records of the brand and its candidates.
    pub records: Vec<&'a JudgedVasp>,
    /// The records of whom claims name, also related ones, and of those that nobody proved.
    pub claimants: Vec<&'a JudgedVasp>,
    /// What the asking organisation decided about any of them, or about its group, by the id of the record as it is now. A clearance of a
    /// record that changed is not among them.
    pub own: Vec<(VaspId, &'a OwnDecision)>,
    /// The contract of the transferred asset. `None` if the question names no token, or its network is not known.
    pub asset: Option<Account>,
}

impl Shown<'_> {
    /// Iterates over the candidates of the brand of which the directory has no record.
    fn without_record(&self) -> impl Iterator<Item = &BrandCandidate> {
        self.brand.into_iter().flat_map(|brand| &brand.candidates).filter(|one| one.vasp.is_none())
    }

    /// Returns whether the brand has one candidate that may serve the customer, and it is this one.
    fn is_only(&self, is_this: impl Fn(&BrandCandidate) -> bool) -> bool {
        let mut may = self.brand.into_iter().flat_map(BrandAnswer::serving);
        matches!((may.next(), may.next()), (Some(only), None) if is_this(only))
    }

    /// Returns whom a hit of a candidate means that is not the counterparty. What is only declared excludes none of them.
    fn meant_of_candidate(attribution: &Attribution<'_>) -> Meant {
        let is_settled = matches!(attribution.counterparty, Counterparty::Entity(_));
        let is_declared = attribution.result.codes().any(|code| code == CheckCode::AttributionDeclaredUnconfirmed);
        if is_settled && !is_declared { Meant::OtherEntity } else { Meant::OneOfSeveral }
    }

    /// Returns whom a hit of a record means. A listed party of a dispute counts like the counterparty, so that no claim of another hides it.
    fn meant(&self, vasp: &JudgedVasp, attribution: &Attribution<'_>) -> Meant {
        let id = vasp.record.id;
        let is_screened = attribution.screened().iter().any(|known| known.record.id == id);
        if !is_screened && attribution.brand.is_none_or(|brand| brand.record.id != id) {
            // A VASP that claims the address may be the counterparty.
            let claims = self.claimants.iter().any(|one| one.record.id == id);
            return if claims { Meant::OneOfSeveral } else { Self::meant_of_candidate(attribution) };
        }
        let Counterparty::Party { named, entities } = &attribution.counterparty else { return Meant::Counterparty };
        let is_among = |all: &[&JudgedVasp]| all.iter().any(|one| one.record.id == id);
        let is_one = is_among(entities) && !is_among(named) && !self.is_only(|only| only.vasp == Some(id));
        if is_one && entities.len() + self.without_record().count() > 1 { Meant::OneOfSeveral } else { Meant::Counterparty }
    }
}

impl ScreeningFacts {
    /// Searches the lists, as they are on `day`, for every account that the transfer's addresses can be, for the contract of its asset, and
    /// for everybody whom the answer names. Records know which of their names, LEIs and hosts match.
    #[must_use]
    pub fn search(
        index: &ScreeningIndex,
        accounts: &[Account],
        attribution: &Attribution<'_>,
        shown: &Shown<'_>,
        day: Date,
    ) -> Self {
        let mut hits = index.accounts(accounts, day);
        let screened = attribution.screened();
        let all = distinct(screened.iter().chain(&shown.records).chain(&shown.claimants).copied());
        let mut searched: Vec<VaspId> = all.iter().map(|vasp| vasp.record.id).collect();
        searched.sort_unstable();
        for vasp in all {
            hits.extend(of_record(index, vasp, shown.meant(vasp, attribution), &shown.own, day));
        }
        let is_party = matches!(attribution.counterparty, Counterparty::Party { .. });
        for candidate in shown.without_record() {
            let is_this = |only: &BrandCandidate| only.vasp.is_none() && only.legal_name == candidate.legal_name;
            let is_counterparty = is_party && shown.is_only(is_this);
            let means = if is_counterparty { Meant::Counterparty } else { Shown::meant_of_candidate(attribution) };
            let sought = Sought::of_candidate(candidate);
            hits.extend(index.meaning(&sought, day).into_iter().map(|hit| Hit { means, ..hit }));
        }
        let unknown = attribution.unknown_lei().map(|lei| Sought::of_names(std::iter::empty(), Some(lei)));
        hits.extend(unknown.iter().flat_map(|sought| index.meaning(sought, day)));
        // An entity inherits the hits of its brand. What means the brand itself need not be said again of one of several entities.
        let is_open = |hit: &&Hit| hit.means == Meant::Counterparty && !hit.for_asker().is_cleared();
        let certain: Vec<_> = hits.iter().filter(is_open).map(|hit| (hit.key(), hit.score)).collect();
        let is_said = |hit: &Hit| certain.iter().any(|(key, score)| *key == hit.key() && *score >= hit.score);
        hits.retain(|hit| hit.means == Meant::Counterparty || !is_said(hit));
        let asset = shown.asset.as_slice();
        hits.extend(index.accounts(asset, day).into_iter().map(|hit| Hit { means: Meant::Asset, ..hit }));
        let account = AccountScreening::of(accounts);
        Self { lists: index.versions_for(&[accounts, asset].concat()), account, searched, hits, ..Self::default() }
    }
}

fn of_record(index: &ScreeningIndex, vasp: &JudgedVasp, means: Meant, own: &[(VaspId, &OwnDecision)], day: Date) -> Vec<Hit> {
    let known = vasp.elsewhere.screening.clone();
    // Not every record was matched against the lists yet.
    let found = known.unwrap_or_else(|| index.meaning(&Sought::of(&vasp.record), day));
    let decided = |hit: &Hit| {
        let of_it = own.iter().filter(|(id, _)| *id == vasp.record.id || Some(*id) == vasp.record.group);
        HitDecision::worst(of_it.filter(|(_, one)| one.pair == hit.key()).map(|(_, one)| one.of(hit)))
    };
    found.into_iter().map(|hit| Hit { means, own: decided(&hit), ..hit }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::lei_evidence::LeiFindingCode;
    use super::super::super::non_compliant::MatchedBy;
    use super::super::super::screening::{ListCoverage, SanctionsEntry, SanctionsList};
    use super::super::examples::{date, entity};
    use super::super::{lei, other_lists};
    use super::*;

    /// The checks `lei` and `licence` print these names.
    #[test]
    fn names_that_other_sources_publish_are_screened() {
        let (firm, today) = (entity(1), date("2026-05-01"));
        let word = lei::tests::word(&[LeiFindingCode::FormerName]);
        let listed = [other_lists::tests::listed(MatchedBy::Host)];
        for name in [word.record.legal_name.as_str(), "MEXC Global"] {
            let entry = SanctionsEntry { uid: "1".into(), name: name.to_owned(), ..SanctionsEntry::default() };
            let (id, source, coverage) = ("L".into(), "x".into(), ListCoverage::Complete);
            let list = SanctionsList { id, part_of: None, as_of: today, source, coverage, entries: vec![entry] };
            let index = ScreeningIndex::newest_on(today, [list]);
            let found = |sought: &Sought<'_>| index.meaning(sought, today).len();

            assert_eq!(found(&Sought::of(&firm)), 0, "{name}");
            assert_eq!(found(&Sought::of(&firm).with_published(Some(&word), &listed)), 1, "{name}");
        }
    }
}
