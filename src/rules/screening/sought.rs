//! What somebody is sought by on the lists: names, LEI, hosts, and what can weigh a likeness. The caller is `matching`.

use super::second::Particulars;
use crate::lei_evidence::{LeiFindingCode, LeiWord};
use crate::non_compliant::{MatchedBy, NonCompliantMatch};
use crate::precheck::BrandCandidate;
use vasp_record::vasp::Vasp;
use vasp_words::host::Host;
use vasp_words::lei::Lei;

/// What somebody can be found by on a list.
#[derive(Clone, Debug, Default)]
pub struct Sought<'a> {
    pub(super) names: Vec<&'a str>,
    pub(super) lei: Option<Lei>,
    pub(super) hosts: Vec<Host>,
    pub(super) particulars: Particulars,
}

impl<'a> Sought<'a> {
    /// Creates it from a record.
    #[must_use]
    pub fn of(vasp: &'a Vasp) -> Self {
        let others = vasp.other_names.iter().map(|other| other.name.as_str());
        let website = vasp.website.as_deref().into_iter().flat_map(Host::all_of_website_cell).map(|host| host.without_www());
        // A host that many VASPs share does not identify one of them.
        let domains = vasp.domains.iter().filter(|domain| !domain.platform).filter_map(|domain| domain.domain.parse().ok());
        let mut hosts: Vec<Host> = domains.chain(website).collect();
        hosts.sort();
        hosts.dedup();
        let names = std::iter::once(vasp.legal_name.as_str()).chain(others).collect();
        Self { names, lei: vasp.lei, hosts, particulars: Particulars::of(vasp) }
    }

    /// Adds names.
    #[must_use]
    pub fn with_names(mut self, more: impl Iterator<Item = &'a str>) -> Self {
        self.names.extend(more);
        self
    }

    /// Adds the other names under which GLEIF and lists of non-compliant providers know it. Answers print these names, too.
    #[must_use]
    pub fn with_published(self, lei: Option<&'a LeiWord>, listed: &'a [NonCompliantMatch]) -> Self {
        let others = [LeiFindingCode::NameMismatch, LeiFindingCode::FormerName];
        let has_other = |word: &&LeiWord| word.findings.iter().any(|finding| others.contains(&finding.code));
        let registered = lei.filter(has_other).map(|word| word.record.legal_name.as_str());
        let entries = listed.iter().filter(|found| found.matched_by != MatchedBy::Name).map(|found| found.entry.name.as_str());
        self.with_names(registered.into_iter().chain(entries))
    }

    /// Creates it from an entity that only a brand's links name.
    #[must_use]
    pub fn of_candidate(candidate: &'a BrandCandidate) -> Self {
        let particulars = Particulars::of_candidate(candidate);
        Self { names: vec![candidate.legal_name.as_str()], lei: candidate.lei, hosts: vec![], particulars }
    }

    /// Creates it from the names and the LEI of somebody without a record.
    #[must_use]
    pub fn of_names(names: impl Iterator<Item = &'a str>, lei: Option<Lei>) -> Self {
        Self { names: names.collect(), lei, ..Self::default() }
    }
}
