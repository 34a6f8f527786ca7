//! The dated facts that `run` judges: the regimes of both sides, jurisdiction lists, screening, policy. The service gathers
//! them, from one version of each source, by the constructors here.

use super::super::lists::{JurisdictionLists, ListId, Measure};
use super::super::obligations::WalletVerification;
use super::super::policy::Policy;
use super::super::routes::Routes;
use super::super::rulebook::{Clauses, JurisdictionId, RuleVersionId, Rulebook, TravelRuleStatus};
use super::super::screening::ownership::OwnershipScreening;
use super::super::screening::{Hit, ListCoverage, Part, SanctionsList, ScreeningIndex, Sought};
use super::super::shared_diligence::SharedDiligence;
use super::{Attribution, OwnDuties, RelationshipFacts};
use vasp_words::country::Country;
use vasp_words::money::Money;
use vasp_words::time::{Date, UtcTime};

const CONSULTED: [ListId; 3] = [ListId::FatfBlack, ListId::FatfGrey, ListId::EuHrtc];

/// What the rulebook says of one side on the transfer's date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegimeFacts {
    /// The entry that applies, such as `AE-VARA`; the country's code where it has none.
    pub jurisdiction: JurisdictionId,
    /// The country it belongs to.
    pub country: Country,
    /// Status of its rule.
    pub status: TravelRuleStatus,
    /// Version that applies, such as `EU-TFR@2024-12-30`; none where no rule is on record.
    pub rule_version: Option<RuleVersionId>,
    /// Where the rule was read.
    pub source: String,
    /// The last day up to which the rulebook followed changes.
    pub known_through: Date,
    /// Next day on which another version begins or the last one ends, if known.
    pub valid_until: Option<Date>,
    /// Where in the law it is written.
    pub clauses: Clauses,
    /// Whether the rule asks for the counterparty's own LEI.
    pub lei_required: bool,
    /// Whether the rule asks to verify a self-hosted address for this transfer.
    pub self_hosted_verification: WalletVerification,
    /// Whether the country has several regimes and none is on record for this VASP, so that the strictest is given.
    pub ambiguous: bool,
}

impl RegimeFacts {
    /// Returns the facts of exactly this entry of the rulebook, which lies in `country`.
    #[must_use]
    pub fn of_entry(rulebook: &Rulebook, jurisdiction: &JurisdictionId, country: Country, date: Date) -> Self {
        let version = rulebook.version_on(jurisdiction, date);
        Self {
            jurisdiction: jurisdiction.clone(),
            country,
            status: version.map_or(TravelRuleStatus::Unknown, |version| version.travel_rule),
            rule_version: version.map(|version| version.id.clone()),
            clauses: version.map(|version| version.clauses.clone()).unwrap_or_default(),
            source: format!("rulebook {}", rulebook.version),
            known_through: rulebook.known_through,
            valid_until: rulebook.entry(jurisdiction).and_then(|entry| entry.next_change(date)),
            // The rulebook's data items name customers' LEIs, not a provider's own.
            lei_required: false,
            self_hosted_verification: WalletVerification::Unknown,
            ambiguous: false,
        }
    }

    /// Returns the facts of a country whose VASP has no regime on record: of several regimes the strictest applies.
    #[must_use]
    pub fn of_country(rulebook: &Rulebook, country: Country, date: Date) -> Self {
        let regimes = rulebook.strictest_for_country(country, date);
        let applies = regimes.applies.map_or_else(|| JurisdictionId::from(country), |entry| entry.id.clone());
        Self { ambiguous: regimes.is_ambiguous(), ..Self::of_entry(rulebook, &applies, country, date) }
    }

    /// Returns the facts with what the side's obligations say about self-hosted addresses.
    #[must_use]
    pub fn asking(self, self_hosted_verification: WalletVerification) -> Self {
        Self { self_hosted_verification, ..self }
    }
}

/// One membership of a country in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Which list.
    pub list: ListId,
    /// Member since.
    pub since: Date,
    /// What the list asks for; only FATF's call for action has one.
    pub measure: Option<Measure>,
}

/// The version of a list that was consulted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListVersion {
    /// Which list.
    pub list: ListId,
    /// Where it was read.
    pub source: String,
    /// Last date for which membership is established.
    pub known_through: Date,
}

/// The list of non-compliant providers that was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonCompliantVersion<'a> {
    /// Id of the list.
    pub id: &'a str,
    /// Where it was read.
    pub source: &'a str,
    /// Its own day.
    pub as_of: Date,
}

/// What is known of one country on the transfer's date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryFacts {
    /// Its regime.
    pub regime: RegimeFacts,
    /// Its memberships on that date.
    pub listings: Vec<Listing>,
}

impl CountryFacts {
    /// Returns the facts of a country with its memberships on `date`.
    #[must_use]
    pub fn of(regime: RegimeFacts, lists: &JurisdictionLists, date: Date) -> Self {
        let member = |list: ListId| {
            let membership = lists.membership(list, regime.country, date)?;
            Some(Listing { list, since: membership.since, measure: membership.measure })
        };
        let listings = CONSULTED.into_iter().filter_map(member).collect();
        Self { regime, listings }
    }
}

impl ListVersion {
    /// Returns the first moment of the first day that the list does not cover.
    #[must_use]
    pub fn covers_until(&self) -> UtcTime {
        self.known_through.next().start().plus_secs(self.list.covers_days() * 86_400)
    }

    /// Returns the versions of all lists that are loaded.
    #[must_use]
    pub fn all(lists: &JurisdictionLists) -> Vec<Self> {
        let version = |list: ListId| {
            let source = format!("{} (lists {})", lists.name(list), lists.version);
            Some(Self { list, source, known_through: lists.known_through(list)? })
        };
        CONSULTED.into_iter().filter_map(version).collect()
    }
}

impl ScreeningFacts {
    /// Takes what the lists say on `day` of the account (CAIP-2 network and canonical address), if one was asked about, and of
    /// whoever the counterparty may be: their records know what names, LEIs and hosts match.
    #[must_use]
    pub fn search(index: &ScreeningIndex, account: Option<(&str, &str)>, attribution: &Attribution<'_>, day: Date) -> Self {
        let version = |list: &SanctionsList| ScreeningListVersion {
            id: list.id.clone(),
            family: list.list().to_owned(),
            part: list.part_of.as_ref().map(|of| of.part),
            source: list.source.clone(),
            as_of: list.as_of,
            coverage: list.coverage,
        };
        let mut hits = account.map_or_else(Vec::new, |(network, address)| index.account(network, address, day));
        for vasp in attribution.screened() {
            match &vasp.elsewhere.screening {
                Some(known) => hits.extend(known.iter().cloned()),
                // A record that nobody joined to the lists yet.
                None => hits.extend(index.meaning(&Sought::of(&vasp.record), day)),
            }
        }
        let unknown = attribution.unknown_lei().map(|lei| Sought::of_names(std::iter::empty(), Some(lei)));
        hits.extend(unknown.iter().flat_map(|sought| index.meaning(sought, day)));
        let account = if account.is_some() { AccountScreening::Searched } else { AccountScreening::NotAsked };
        Self {
            lists: index.lists().iter().map(version).collect(),
            account,
            hits,
            ownership: None,
            shares: OwnershipShares::Withheld,
        }
    }
}

/// A screening list that was searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreeningListVersion {
    /// The registry's own id of it.
    pub id: String,
    /// The list that policies name: the same, or that of which it is a part.
    pub family: String,
    /// What of it; none where it is the whole.
    pub part: Option<Part>,
    /// Where it came from.
    pub source: String,
    /// Its own date.
    pub as_of: Date,
    /// Whether it is the whole list.
    pub coverage: ListCoverage,
}

/// Whether an account was searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AccountScreening {
    /// One or several.
    Searched,
    /// No account was asked about: only names were.
    #[default]
    NotAsked,
}

/// What searching the newest screening lists for the address and for `Attribution::screened` gave.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ScreeningFacts {
    /// The lists searched.
    pub lists: Vec<ScreeningListVersion>,
    /// Whether an account was searched for.
    pub account: AccountScreening,
    /// What matched, with what people decided.
    pub hits: Vec<Hit>,
    /// Who owns the counterparty, and which of the owners are listed; none where no ownership chain is on record.
    pub ownership: Option<OwnershipScreening>,
    /// Whether the asker is told how much of it they own.
    pub shares: OwnershipShares,
}

/// Whether the asker is told how much of a counterparty listed persons own: that is part of its answers; what follows is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OwnershipShares {
    /// It was not given the chain of owners.
    #[default]
    Withheld,
    /// It was.
    Told,
}

/// Everything a pre-check depends on.
#[derive(Clone, Copy, Debug)]
pub struct PrecheckInput<'a> {
    /// Who the counterparty is.
    pub attribution: &'a Attribution<'a>,
    /// Date of the transfer.
    pub date: Date,
    /// Country of the counterparty's customer, if told.
    pub customer_country: Option<Country>,
    /// What the transfer is worth, if told.
    pub worth: Option<Money>,
    /// What it and the transfers linked to it are worth, if told.
    pub linked_total: Option<Money>,
    /// The asker's own side: the originator's of an outgoing transfer, the beneficiary's of an incoming one.
    pub own_side: &'a RegimeFacts,
    /// What the asker owes, and what it said that decides how far.
    pub own: OwnDuties<'a>,
    /// Facts of each of `Attribution::countries`.
    pub countries: &'a [CountryFacts],
    /// The lists consulted for them.
    pub lists: &'a [ListVersion],
    /// The list of non-compliant providers that was searched; none where none is loaded.
    pub non_compliant: Option<NonCompliantVersion<'a>>,
    /// Routes to the counterparty; none where no legal entity is settled.
    pub routes: Option<&'a Routes>,
    /// Screening.
    pub screening: &'a ScreeningFacts,
    /// Where the asking organisation stands with the counterparty.
    pub relationship: &'a RelationshipFacts<'a>,
    /// What the settled legal entity answered, as far as the asker may read it.
    pub shared: &'a SharedDiligence,
    /// The policy.
    pub policy: &'a Policy,
    /// The moment of asking: sources are as old as they are then.
    pub now: UtcTime,
}

#[cfg(test)]
mod tests {
    use super::super::super::screening::{SanctionedAccount, SanctionedAddress, SanctionsEntry};
    use super::super::examples::{country, date, entity, unlisted};
    use super::super::{Asked, Declared, attribute};
    use super::*;

    fn facts_of(code: &str, on: &str) -> CountryFacts {
        let regime = RegimeFacts::of_country(&Rulebook::embedded().unwrap(), country(code), date(on));
        CountryFacts::of(regime, &JurisdictionLists::embedded().unwrap(), date(on))
    }

    fn on_lists(facts: &CountryFacts) -> Vec<(ListId, Option<Measure>)> {
        facts.listings.iter().map(|listing| (listing.list, listing.measure)).collect()
    }

    /// Source: FATF, High-Risk Jurisdictions subject to a Call for Action (Iran: countermeasures since 21 February 2020;
    /// Myanmar: enhanced due diligence since 21 October 2022); Delegated Regulation (EU) 2016/1675.
    #[test]
    fn memberships_are_those_of_the_published_lists() {
        let (iran, myanmar) = (facts_of("IR", "2026-05-01"), facts_of("MM", "2026-05-01"));

        assert_eq!(on_lists(&iran)[0], (ListId::FatfBlack, Some(Measure::Countermeasures)));
        assert_eq!(iran.listings[0].since, date("2020-02-21"));
        assert_eq!(on_lists(&myanmar)[0], (ListId::FatfBlack, Some(Measure::EnhancedDueDiligence)));
        assert!(on_lists(&facts_of("MM", "2022-10-01")).iter().all(|(list, _)| *list != ListId::FatfBlack));
        assert_eq!(on_lists(&facts_of("DE", "2026-05-01")), []);
    }

    #[test]
    fn regimes_are_known_ambiguous_or_unknown_as_the_rulebook_has_them() {
        let germany = facts_of("DE", "2024-12-30").regime;
        assert_eq!((germany.status, germany.ambiguous), (TravelRuleStatus::InForce, false));
        assert_eq!(germany.jurisdiction.as_str(), "DE");

        let emirates = facts_of("AE", "2026-05-01").regime;
        assert!(emirates.ambiguous);

        let kazakhstan = facts_of("KZ", "2026-05-01").regime;
        assert_eq!((kazakhstan.status, kazakhstan.rule_version), (TravelRuleStatus::Unknown, None));
    }

    #[test]
    fn every_loaded_list_is_cited_with_its_last_known_day() {
        let versions = ListVersion::all(&JurisdictionLists::embedded().unwrap());

        let shown: Vec<(ListId, Date)> = versions.iter().map(|version| (version.list, version.known_through)).collect();
        let fatf = date("2026-06-19");
        assert_eq!(shown, [(ListId::FatfBlack, fatf), (ListId::FatfGrey, fatf), (ListId::EuHrtc, date("2026-01-29"))]);
    }

    #[test]
    fn the_address_and_the_names_of_whoever_it_may_be_are_screened() {
        let account = SanctionedAccount { network: "eip155:*".into(), address: "0xab".into() };
        let address =
            SanctionedAddress { currency: "ETH".into(), text: "0xAB".into(), accounts: vec![account], case_lost: vec![] };
        let entry = SanctionsEntry {
            uid: "1".into(),
            name: "ENTITY 1".into(),
            programs: vec!["CYBER2".into()],
            addresses: vec![address],
            ..SanctionsEntry::default()
        };
        let list = SanctionsList {
            id: "OFAC".into(),
            part_of: None,
            as_of: date("2026-04-28"),
            source: "x".into(),
            coverage: ListCoverage::Complete,
            entries: vec![entry],
        };
        let index = ScreeningIndex::newest_on(date("2026-05-01"), [list]);
        let named = unlisted(entity(1));
        let asked = Asked::<u8>::Vasp(named.record.id);
        let attribution = attribute(&asked, Declared::Nothing, &[&named], date("2026-05-01").start());

        let today = date("2026-05-01");
        let facts = ScreeningFacts::search(&index, Some(("eip155:1", "0xAB")), &attribution, today);

        assert_eq!((facts.hits.len(), facts.lists[0].as_of), (2, date("2026-04-28")));
        assert!(ScreeningFacts::search(&index, Some(("eip155:1", "0xac")), &attribution, today).hits.len() == 1);
    }
}
