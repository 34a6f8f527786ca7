//! The dated facts that `run` judges: the regimes of both sides, jurisdiction lists, screening and policy. The service gathers
//! them from one version of each source, with the constructors here.

use super::super::asker_screening::AskerScreening;
use super::super::lists::{JurisdictionLists, ListId, Measure};
use super::super::obligations::WalletVerification;
use super::super::policy::Policy;
use super::super::routes::Routes;
use super::super::rulebook::{JurisdictionId, RuleVersionId, Rulebook, TravelRuleStatus};
use super::super::screening::ownership::OwnershipScreening;
use super::super::screening::{Hit, ListCoverage, Part, SanctionsList};
use super::super::shared_diligence::SharedDiligence;
use super::{Attribution, NoneRegistered, OwnDuties, RelationshipFacts};
use vasp_addresses::address::Account;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::money::Money;
use vasp_words::text::Text;
use vasp_words::time::{Date, UtcTime};

const CONSULTED: [ListId; 3] = [ListId::FatfBlack, ListId::FatfGrey, ListId::EuHrtc];

/// What the rulebook says about one side on the transfer's date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegimeFacts {
    /// The rulebook entry that applies, such as `AE-VARA`; the country's code if the rulebook has no entry for the country.
    pub jurisdiction: JurisdictionId,
    /// The country to which the entry belongs.
    pub country: Country,
    /// The status of its Travel Rule.
    pub status: TravelRuleStatus,
    /// The rule version that applies, such as `EU-TFR@2024-12-30`; `None` if no rule is on record.
    pub rule_version: Option<RuleVersionId>,
    /// The source from which the rule was read.
    pub source: Text,
    /// The last day up to which changes of the rule were looked for.
    pub known_through: Date,
    /// What is reported of the version that applies, if nobody read its text yet.
    pub unread: Option<Text>,
    /// The next day on which another version begins or the last version ends, if known.
    pub valid_until: Option<Date>,
    /// Whether the rule requires the counterparty's own LEI.
    pub lei_required: bool,
    /// Whether the rule requires the asker to verify a self-hosted address for this transfer.
    pub self_hosted_verification: WalletVerification,
    /// Whether the country has several regimes and none is on record for this VASP. These are then the facts of the strictest regime.
    pub ambiguous: bool,
}

impl RegimeFacts {
    /// Returns the facts of exactly this rulebook entry, which belongs to `country`.
    #[must_use]
    pub fn of_entry(rulebook: &Rulebook, jurisdiction: &JurisdictionId, country: Country, date: Date) -> Self {
        let version = rulebook.version_on(jurisdiction, date);
        Self {
            jurisdiction: jurisdiction.clone(),
            country,
            status: version.map_or(TravelRuleStatus::Unknown, |version| version.travel_rule),
            rule_version: version.map(|version| version.id.clone()),
            source: format!("rulebook {}", rulebook.version).into(),
            known_through: version.map_or(rulebook.known_through, |version| version.known_through),
            unread: version.and_then(|version| version.unread.clone()).map(Text::from),
            valid_until: rulebook.entry(jurisdiction).and_then(|entry| entry.next_change(date)),
            // The rulebook's data items contain customers' LEIs, but not a provider's own LEI.
            lei_required: false,
            self_hosted_verification: WalletVerification::Unknown,
            ambiguous: false,
        }
    }

    /// Returns the facts of a country for a VASP whose regime is not on record. If there are several regimes, the strictest applies.
    #[must_use]
    pub fn of_country(rulebook: &Rulebook, country: Country, date: Date) -> Self {
        let regimes = rulebook.strictest_for_country(country, date);
        let applies = regimes.applies.map_or_else(|| JurisdictionId::from(country), |entry| entry.id.clone());
        Self { ambiguous: regimes.is_ambiguous(), ..Self::of_entry(rulebook, &applies, country, date) }
    }

    /// Returns the facts with what the side's obligations say about verifying self-hosted addresses.
    #[must_use]
    pub fn asking(self, self_hosted_verification: WalletVerification) -> Self {
        Self { self_hosted_verification, ..self }
    }
}

/// The membership of a country in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The list.
    pub list: ListId,
    /// The first day of the membership.
    pub since: Date,
    /// The measure that the list calls for; only FATF's call for action has one.
    pub measure: Option<Measure>,
}

/// The version of a list that was consulted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListVersion {
    /// The list.
    pub list: ListId,
    /// The source from which the list was read.
    pub source: Text,
    /// The last date for which membership is established.
    pub known_through: Date,
}

/// The list of non-compliant providers that was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonCompliantVersion<'a> {
    /// Id of the list.
    pub id: &'a str,
    /// The source from which the list was read.
    pub source: &'a str,
    /// The date of the list itself.
    pub as_of: Date,
}

/// What is known about one country on the transfer's date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryFacts {
    /// The country's regime.
    pub regime: RegimeFacts,
    /// The country's memberships of lists on that date.
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
            Some(Self { list, source: source.into(), known_through: lists.known_through(list)? })
        };
        CONSULTED.into_iter().filter_map(version).collect()
    }
}

/// A screening list that was searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScreeningListVersion {
    /// The registry's own id of the list.
    pub id: Text,
    /// The list name that policies use: the list itself, or the list of which this is a part.
    pub family: Text,
    /// The part of the list that this is; `None` if it is the whole list.
    pub part: Option<Part>,
    /// The source of the list.
    pub source: Text,
    /// The date of the list itself.
    pub as_of: Date,
    /// Whether it is the whole list.
    pub coverage: ListCoverage,
    /// What its addresses can answer.
    pub addresses: ListAddresses,
}

/// What the addresses of a list can answer about the accounts of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListAddresses {
    /// It has none.
    None,
    /// It has addresses. None that could be one of the accounts is unreadable.
    Read,
    /// No network reads one of its addresses, which could be one of the accounts.
    MayMiss,
}

impl ScreeningListVersion {
    /// Returns the version of a list.
    #[must_use]
    pub(crate) fn of(list: &SanctionsList) -> Self {
        Self {
            id: list.id.clone().into(),
            family: list.list().to_owned().into(),
            part: list.part_of.as_ref().map(|of| of.part),
            source: list.source.clone().into(),
            as_of: list.as_of,
            coverage: list.coverage,
            addresses: if list.address_count() == 0 { ListAddresses::None } else { ListAddresses::Read },
        }
    }
}

/// Whether an account has to be searched for, be it on lists that are loaded here or by the asker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AccountScreening {
    /// The request contains one that can be one or several accounts.
    Asked,
    /// The request contains no account, so only names are searched for.
    #[default]
    NotAsked,
}

impl AccountScreening {
    /// Returns what the accounts of a request require.
    #[must_use]
    pub fn of(accounts: &[Account]) -> Self {
        if accounts.is_empty() { Self::NotAsked } else { Self::Asked }
    }
}

/// The result of searching the newest screening lists for the address and for `Attribution::screened`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ScreeningFacts {
    /// The lists that were searched.
    pub lists: Vec<ScreeningListVersion>,
    /// Whether an account has to be searched for.
    pub account: AccountScreening,
    /// The records whose names were searched for, by id.
    pub searched: Vec<VaspId>,
    /// The hits, with what people decided about them.
    pub hits: Vec<Hit>,
    /// What the asker says in the question that it screened itself.
    pub by_asker: Vec<AskerScreening>,
    /// Who owns the counterparty, and which of the owners are listed; `None` if no ownership chain is on record.
    pub ownership: Option<OwnershipScreening>,
    /// Whether the answer may tell the asker how much of the counterparty listed persons own.
    pub shares: OwnershipShares,
}

/// Whether the answer may tell the asker how much of a counterparty listed persons own. The shares are part of the
/// counterparty's answers, to which the asker may have no access. What follows from the shares is always reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OwnershipShares {
    /// The asker has no access to the chain of owners.
    #[default]
    Withheld,
    /// The asker has access to the chain of owners.
    Told,
}

/// Everything that a pre-check depends on.
#[derive(Clone, Copy, Debug)]
pub struct PrecheckInput<'a> {
    /// Who the counterparty is.
    pub attribution: &'a Attribution<'a>,
    /// Date of the transfer.
    pub date: Date,
    /// The country of the counterparty's customer, if the request contains it.
    pub customer_country: Option<Country>,
    /// The transfer's value, if the request contains it.
    pub worth: Option<Money>,
    /// The total value of this transfer and the transfers linked to it, if the request contains it.
    pub linked_total: Option<Money>,
    /// The asker's own side: the originator's side of an outgoing transfer, the beneficiary's side of an incoming one.
    pub own_side: &'a RegimeFacts,
    /// The asker's duties, and the statements of the asker that decide their extent.
    pub own: OwnDuties<'a>,
    /// The facts of each country of `Attribution::countries`.
    pub countries: &'a [CountryFacts],
    /// The versions of the lists that were consulted for these countries.
    pub lists: &'a [ListVersion],
    /// The list of non-compliant providers that was searched; `None` if none is loaded.
    pub non_compliant: Option<NonCompliantVersion<'a>>,
    /// The routes to the counterparty; `None` if no legal entity is settled.
    pub routes: Option<&'a Routes>,
    /// The results of screening.
    pub screening: &'a ScreeningFacts,
    /// The asking organisation's relationship with the counterparty.
    pub relationship: &'a RelationshipFacts<'a>,
    /// The questionnaire answers of the settled legal entity, as far as the asker may read them.
    pub shared: &'a SharedDiligence,
    /// The registers of the customer's country in which no entity of the brand is; `None` if that is not known.
    pub none_registered: Option<&'a NoneRegistered>,
    /// The policy.
    pub policy: &'a Policy,
    /// The time of the request; the age of the sources is computed at this time.
    pub now: UtcTime,
}

#[cfg(test)]
mod tests {
    use super::super::super::screening::{SanctionedAddress, SanctionsEntry, ScreeningIndex};
    use super::super::Shown;
    use super::super::examples::{country, date, entity, unlisted};
    use super::super::{Asked, Declared, attribute};
    use super::*;
    use vasp_addresses::network::NetworkTable;

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
        let [text, other] = ["0x098b716b8aaf21512996dc57eb0615e2383e2f96", "0x098b716b8aaf21512996dc57eb0615e2383e2f97"];
        let on_polygon = |text: &str| {
            let table = NetworkTable::embedded();
            [table.parse_on(table.resolve_name("eip155:137").unwrap(), text).unwrap()]
        };
        let entry = SanctionsEntry {
            uid: "1".into(),
            name: "ENTITY 1".into(),
            programs: vec!["CYBER2".into()],
            addresses: vec![SanctionedAddress::published("ETH", text)],
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
        let facts = ScreeningFacts::search(&index, &on_polygon(text), &attribution, &Shown::default(), today);

        assert_eq!((facts.hits.len(), facts.lists[0].as_of), (2, date("2026-04-28")));
        assert_eq!(ScreeningFacts::search(&index, &on_polygon(other), &attribution, &Shown::default(), today).hits.len(), 1);
    }
}
