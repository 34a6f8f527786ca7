//! Links from brands to legal entities: this brand's addresses are run by this entity, for customers of these countries, since this day, by
//! this evidence. A link by itself decides nothing: it is a proposal until two people, or the registry's policy for strong links, put the
//! entity into the brand's group. The directory joins links to the records of groups; `precheck::group_entity` weighs them.
//!
//! Source: docs/brands.md, "Proposed and accepted" and "What a pre-check asks".

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::brand_rulings::{BrandRuling, BrandRulings};
use super::linked_entity::LinkedEntity;
use vasp_record::vasp::{RegisterEntry, Vasp};
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::time::Date;

closed_list! {
    /// What shows that a brand uses an entity, weakest first.
    pub enum LinkEvidenceKind {
        /// The compiler's general knowledge, without a document.
        GeneralKnowledge = "general_knowledge",
        /// A compilation of registers by a third party.
        SecondaryCompilation = "secondary_compilation",
        /// A list by a third party.
        ThirdPartyList = "third_party_list",
        /// A warning of an authority, which names a firm without saying that it runs the brand.
        AuthorityWarning = "authority_warning",
        /// A sanctions list names the entity with the brand.
        SanctionsList = "sanctions_list",
        /// A filing with a public body names the entity with the brand.
        PublicFiling = "public_filing",
        /// The brand's terms of service name the entity.
        TermsOfUse = "terms_of_use",
        /// The entity itself, a member, says so.
        MemberStatement = "member_statement",
        /// GLEIF names the brand's company as the entity's parent.
        GleifParent = "gleif_parent",
        /// A public register gives the entity the brand as its commercial name, or the brand's website.
        Register = "register",
    }

    /// What an entity does, or did, for a brand.
    pub enum LinkRole {
        /// It ran the brand and does so no longer.
        FormerOperator = "former_operator",
        /// It owns the brand's companies and keeps nothing for customers.
        Parent = "parent",
        /// It belongs to the brand's group; what it keeps for customers is not known.
        Affiliate = "affiliate",
        /// It is named as the operator, and others contradict.
        NamedOperator = "named_operator",
        /// It trades on behalf of customers.
        Broker = "broker",
        /// It keeps customers' assets.
        Custodian = "custodian",
        /// It runs the brand.
        Operator = "operator",
        /// It has the licence under which the brand serves customers.
        LicensedEntity = "licensed_entity",
    }
}

impl LinkEvidenceKind {
    /// Tells whether a link of this kind can settle who the counterparty is, once the link was accepted. A link of another kind is only
    /// ever a proposal.
    #[must_use]
    pub fn can_decide(self) -> bool {
        match self {
            Self::GeneralKnowledge | Self::SecondaryCompilation | Self::ThirdPartyList | Self::AuthorityWarning => false,
            Self::SanctionsList
            | Self::PublicFiling
            | Self::TermsOfUse
            | Self::MemberStatement
            | Self::GleifParent
            | Self::Register => true,
        }
    }
}

impl LinkRole {
    /// Tells whether an entity in this role may keep assets of customers.
    #[must_use]
    pub fn may_serve(self) -> bool {
        !matches!(self, Self::FormerOperator | Self::Parent)
    }
}

/// The countries of the customers whom an entity serves for a brand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Served {
    /// The source does not say.
    Unknown,
    /// Customers of all countries.
    Everywhere,
    /// Customers of all countries but these, which the terms exclude.
    EverywhereBut(Vec<Country>),
    /// Customers of these countries.
    Countries(Vec<Country>),
}

impl Served {
    /// Returns the countries of the registers that show an entity, and of its licences' territories; `Unknown` if none shows it. An entry
    /// that is no licence, such as one at `AUSTRAC`, speaks of its authority's country only.
    #[must_use]
    pub fn by_registers(record: &Vasp) -> Self {
        let licensed =
            record.licences.iter().flat_map(|licence| licence.territories.iter().copied().chain([licence.authority.country]));
        let all: BTreeSet<Country> = licensed.chain(record.entries.iter().filter_map(RegisterEntry::country)).collect();
        if all.is_empty() { Self::Unknown } else { Self::Countries(all.into_iter().collect()) }
    }

    /// Returns whom an entity serves by its record: as the registers that show it say. If none does, customers of its seat; `Unknown` if
    /// that is not known either.
    #[must_use]
    pub fn by_record(record: &Vasp) -> Self {
        match Self::by_registers(record) {
            Self::Unknown => record.country.map_or(Self::Unknown, |seat| Self::Countries(vec![seat])),
            said => said,
        }
    }

    /// Tells whether customers of a country may be among them. If the source does not say, they may be.
    #[must_use]
    pub fn may_include(&self, country: Country) -> bool {
        match self {
            Self::Unknown | Self::Everywhere => true,
            Self::EverywhereBut(excluded) => !excluded.contains(&country),
            Self::Countries(all) => all.contains(&country),
        }
    }

    /// Tells whether the source says that customers of a country are among them.
    #[must_use]
    pub fn includes(&self, country: Country) -> bool {
        *self != Self::Unknown && self.may_include(country)
    }
}

/// The document behind a link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkEvidence {
    /// Its kind.
    pub kind: LinkEvidenceKind,
    /// Its address or title.
    pub source: String,
    /// SHA-256 of its text, in hexadecimal; `None` if the text was not kept.
    pub sha256: Option<String>,
    /// The day on which somebody last saw it.
    pub seen_on: Date,
}

/// A link from a brand to an entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandLink {
    /// Name of the brand.
    pub brand: String,
    /// The brand's keys in address labels, after resolving aliases; empty if no labels of the brand are known.
    pub keys: Vec<String>,
    /// The entity.
    pub entity: LinkedEntity,
    /// What the entity does for the brand.
    pub role: LinkRole,
    /// The customers whom it serves.
    pub serves: Served,
    /// First day of the link; `None` if not known.
    pub since: Option<Date>,
    /// First day on which the link no longer holds; `None` if it still holds.
    pub until: Option<Date>,
    /// The document behind the link.
    pub evidence: LinkEvidence,
    /// How alike the names and hosts are, in percent, if the registry's finder made the link; `None` if a person did.
    #[serde(default)]
    pub likeness: Option<u8>,
}

impl BrandLink {
    /// Tells whether the entity may serve customers of a country under this brand on a day.
    #[must_use]
    pub fn may_serve(&self, country: Country, day: Date) -> bool {
        // A link whose first day lies in the future may have been written down too late.
        self.holds_on(day) && self.serves.may_include(country)
    }

    /// Tells whether the source says that the entity serves customers of a country on a day, and is a source that can decide.
    #[must_use]
    pub fn says_it_serves(&self, country: Country, day: Date) -> bool {
        self.evidence.kind.can_decide()
            && self.role != LinkRole::NamedOperator
            && self.since.is_none_or(|start| start <= day)
            && self.serves.includes(country)
            && self.may_serve(country, day)
    }

    /// Returns the day from which on the entity no longer serves customers of a country, if that day has come.
    #[must_use]
    pub fn ended_serving(&self, country: Country, day: Date) -> Option<Date> {
        self.until.filter(|end| *end <= day && self.role.may_serve() && self.serves.includes(country))
    }

    /// Tells whether a register names the entity as one that serves the brand's customers on a day.
    #[must_use]
    pub fn is_of_register(&self, day: Date) -> bool {
        self.evidence.kind == LinkEvidenceKind::Register && self.role != LinkRole::NamedOperator && self.holds_on(day)
    }

    /// Tells whether the link is about a record: the source gives its id, or both have a mark in common.
    #[must_use]
    pub fn is_about(&self, record: &Vasp) -> bool {
        self.entity.vasp.map_or_else(|| self.entity.is(record), |id| id == record.id)
    }

    /// Tells whether the entity may keep assets of customers under this brand on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.role.may_serve() && self.until.is_none_or(|end| day < end)
    }
}

/// Links of one source, complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandLinks {
    /// The day on which they were compiled.
    pub as_of: Date,
    /// The links.
    pub links: Vec<BrandLink>,
}

impl BrandLinks {
    /// Reads and checks links.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

/// Links by the brand's keys.
#[derive(Clone, Debug, Default)]
pub struct BrandLinkIndex {
    links: Vec<Arc<BrandLink>>,
    by_key: HashMap<String, Vec<usize>>,
    ruled_out: Vec<BrandRuling>,
}

impl BrandLinkIndex {
    /// Indexes the links of several sources, without those that are ruled out.
    #[must_use]
    pub fn of(sources: impl IntoIterator<Item = BrandLinks>, rulings: &BrandRulings) -> Self {
        let mut index = Self::default();
        for link in sources.into_iter().flat_map(|source| source.links) {
            if let Some(&BrandRuling { ruled_on, .. }) = rulings.about(&link) {
                index.ruled_out.push(BrandRuling { link, ruled_on });
                continue;
            }
            let place = index.links.len();
            for key in &link.keys {
                let of_key = index.by_key.entry(key.clone()).or_default();
                if !of_key.contains(&place) {
                    of_key.push(place);
                }
            }
            index.links.push(Arc::new(link));
        }
        index
    }

    /// Returns the links that are ruled out, as their sources have them now, in the order of these sources.
    #[must_use]
    pub fn ruled_out(&self) -> &[BrandRuling] {
        &self.ruled_out
    }

    /// Returns all links that count, in the order of their sources.
    #[must_use]
    pub fn all(&self) -> &[Arc<BrandLink>] {
        &self.links
    }

    /// Returns the links of a group with these keys, each once, in the order of their sources.
    #[must_use]
    pub fn of_keys<'a>(&self, keys: impl Iterator<Item = &'a str>) -> Vec<Arc<BrandLink>> {
        let mut places: Vec<usize> = keys.filter_map(|key| self.by_key.get(key)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.links.get(place)).cloned().collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::linked_entity::{EntityMark, RegisterNumber};
    use super::*;
    use proptest::prelude::*;
    use vasp_record::vasp::VaspKind;

    fn country(code: &str) -> Country {
        code.parse().unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// An operator in Seychelles for all countries, by its terms of use.
    pub(crate) fn link(kind: LinkEvidenceKind, serves: Served) -> BrandLink {
        BrandLink {
            brand: "Brand".to_owned(),
            keys: vec!["brand".to_owned()],
            entity: LinkedEntity {
                vasp: None,
                legal_name: "Brand Global Limited".to_owned(),
                lei: None,
                country: Some(country("SC")),
                number: None,
            },
            role: LinkRole::Operator,
            serves,
            since: None,
            until: None,
            evidence: LinkEvidence {
                kind,
                source: "https://brand.example/terms".to_owned(),
                sha256: None,
                seen_on: day("2026-11-21"),
            },
            likeness: None,
        }
    }

    #[test]
    fn a_link_serves_whom_its_source_does_not_exclude_and_says_only_what_its_source_says() {
        let at = day("2026-11-24");
        let serves = |serves: Served| {
            let link = link(LinkEvidenceKind::TermsOfUse, serves);
            (link.may_serve(country("DE"), at), link.says_it_serves(country("DE"), at))
        };

        assert_eq!(serves(Served::Unknown), (true, false));
        assert_eq!(serves(Served::Everywhere), (true, true));
        assert_eq!(serves(Served::EverywhereBut(vec![country("US")])), (true, true));
        assert_eq!(serves(Served::EverywhereBut(vec![country("DE"), country("US")])), (false, false));
        assert_eq!(serves(Served::Countries(vec![country("DE"), country("FR")])), (true, true));
        assert_eq!(serves(Served::Countries(vec![country("GB")])), (false, false));
    }

    /// Source: docs/brands.md, "Links": third-party lists, secondary compilations and general knowledge are proposals only.
    #[test]
    fn hearsay_never_decides() {
        for kind in LinkEvidenceKind::ALL {
            let decides = link(kind, Served::Everywhere).says_it_serves(country("DE"), day("2026-11-24"));

            assert_eq!(decides, kind >= LinkEvidenceKind::SanctionsList, "{kind}");
        }
    }

    /// An entry at an authority that grants no licence.
    pub(crate) fn entry(authority: &str, number: &str) -> RegisterEntry {
        RegisterEntry {
            authority: authority.to_owned(),
            registration: None,
            number: Some(number.to_owned()),
            source: "register.csv".into(),
            last_seen: None,
        }
    }

    /// Gemini's firm of Australia stood in the cells of the United States and of Germany: only AUSTRAC shows it.
    #[test]
    fn a_register_says_that_a_firm_serves_the_country_of_its_authority_and_no_other() {
        let shown = |entries: &[(&str, &str)]| Vasp {
            country: Some(country("GB")),
            licences: vec![],
            entries: entries.iter().map(|(authority, number)| entry(authority, number)).collect(),
            ..crate::precheck::examples::entity(1)
        };
        let countries = |codes: &[&str]| Served::Countries(codes.iter().map(|code| country(code)).collect());
        let licensed = Vasp { entries: vec![entry("US-FINCEN", "BSA 1")], ..crate::precheck::examples::entity(1) };

        assert_eq!(Served::by_registers(&shown(&[("AU-AUSTRAC", "ABN 1")])), countries(&["AU"]));
        assert_eq!(Served::by_registers(&shown(&[("US-FINCEN", "BSA 1"), ("CA-FINTRAC", "M1")])), countries(&["CA", "US"]));
        assert_eq!(
            Served::by_registers(&licensed),
            countries(&["DE", "IE", "US"]),
            "its licence is of Ireland, for Germany, too"
        );
        assert_eq!(Served::by_registers(&shown(&[])), Served::Unknown);
        assert_eq!(Served::by_record(&shown(&[])), countries(&["GB"]), "no register shows it: its seat");
        assert_eq!(Served::by_record(&shown(&[("US-FINCEN", "BSA 1")])), countries(&["US"]), "not its seat");
        assert_eq!(Served::by_record(&Vasp { country: None, ..shown(&[]) }), Served::Unknown);
    }

    /// Shells enter themselves at FinCEN under famous names.
    #[test]
    fn a_firm_that_only_a_register_without_licences_shows_is_known_by_its_number_and_never_by_its_name() {
        let record = |entries| Vasp {
            legal_name: "Brand Global Limited".to_owned(),
            country: Some(country("SC")),
            lei: None,
            licences: vec![],
            entries,
            ..crate::precheck::examples::entity(1)
        };
        let by_name = link(LinkEvidenceKind::TermsOfUse, Served::Everywhere);
        let number = RegisterNumber::read("US-FINCEN BSA 1");
        let by_number = BrandLink { entity: LinkedEntity { number, ..by_name.entity.clone() }, ..by_name.clone() };

        assert!(by_name.is_about(&record(vec![])));
        assert!(!by_name.is_about(&record(vec![entry("US-FINCEN", "BSA 1")])));
        assert!(by_number.is_about(&record(vec![entry("US-FINCEN", "BSA 1")])));
        assert!(!by_number.is_about(&record(vec![entry("US-FINCEN", "BSA 2")])));
    }

    #[test]
    fn an_ended_link_serves_nobody_and_a_future_one_is_not_yet_said() {
        let base = link(LinkEvidenceKind::TermsOfUse, Served::Everywhere);
        let ended = BrandLink { until: Some(day("2026-01-05")), ..base.clone() };
        let future = BrandLink { since: Some(day("2026-01-05")), ..base.clone() };
        let former = BrandLink { role: LinkRole::FormerOperator, ..base.clone() };
        let contradicted = BrandLink { role: LinkRole::NamedOperator, ..base };
        let on =
            |link: &BrandLink, at: &str| (link.may_serve(country("DE"), day(at)), link.says_it_serves(country("DE"), day(at)));

        assert_eq!((on(&ended, "2026-01-04"), on(&ended, "2026-01-05")), ((true, true), (false, false)));
        assert_eq!((on(&future, "2026-01-04"), on(&future, "2026-01-05")), ((true, false), (true, true)));
        assert_eq!(on(&former, "2026-01-05"), (false, false));
        assert_eq!(on(&contradicted, "2026-01-05"), (true, false));
    }

    #[test]
    fn a_link_without_an_id_is_about_the_record_with_its_name_and_country() {
        let seychelles = |name: &str, seat: &str| Vasp {
            legal_name: name.to_owned(),
            country: Some(country(seat)),
            lei: None,
            ..crate::precheck::examples::entity(1)
        };
        let link = link(LinkEvidenceKind::TermsOfUse, Served::Unknown);
        let by_lei = LinkedEntity { lei: "529900032TYR45XIEW79".parse().ok(), ..link.entity.clone() };

        assert!(link.is_about(&seychelles("BRAND GLOBAL LTD.", "SC")));
        assert!(!link.is_about(&seychelles("Brand Global Limited", "VG")));
        assert!(!link.is_about(&seychelles("Brand Europe Limited", "SC")));
        assert!(!BrandLink { entity: by_lei, ..link }.is_about(&seychelles("Brand Global Limited", "SC")), "it has no such LEI");
    }

    proptest! {
        #[test]
        fn a_link_is_about_the_records_with_which_it_has_a_mark_in_common(
            (name, lei, seat, number) in (0..3_usize, 0..3_usize, 0..3_usize, 0..4_usize),
            (its_name, its_lei, its_seat, its_number) in (0..3_usize, 0..3_usize, 0..3_usize, 0..3_usize),
            (is_group, is_licensed) in any::<(bool, bool)>(),
        ) {
            let names = ["Brand Global Limited", "BRAND GLOBAL LTD.", "Brand Europe Limited"].map(str::to_owned);
            let leis = [None, "529900032TYR45XIEW79".parse().ok(), "5493001KJTIIGC8Y1R12".parse().ok()];
            let seats = [None, Some(country("SC")), Some(country("VG"))];
            let numbers = [None, Some("BSA 1"), Some("BSA 2")];
            let mut base = crate::precheck::examples::entity(1);
            base.licences[0].number = Some("C 1".to_owned());
            let of_licence = RegisterNumber { authority: base.licences[0].authority.id.to_string(), number: "C 1".to_owned() };
            let of_entry = |number: &str| RegisterNumber { authority: "US-FINCEN".to_owned(), number: number.to_owned() };
            let entity = LinkedEntity {
                vasp: None,
                legal_name: names[name].clone(),
                lei: leis[lei],
                country: seats[seat],
                number: numbers.get(number).map_or(Some(of_licence), |shown| shown.map(of_entry)),
            };
            let record = Vasp {
                kind: if is_group { VaspKind::Group } else { VaspKind::Entity },
                legal_name: names[its_name].clone(),
                lei: leis[its_lei],
                country: seats[its_seat],
                licences: if is_licensed { base.licences.clone() } else { vec![] },
                entries: numbers[its_number].map(|number| entry("US-FINCEN", number)).into_iter().collect(),
                ..base
            };
            let known = EntityMark::of(&record);
            let in_common = entity.marks().iter().any(|mark| known.contains(mark));
            let link = BrandLink { entity, ..link(LinkEvidenceKind::TermsOfUse, Served::Everywhere) };

            prop_assert_eq!(link.is_about(&record), in_common);
        }
    }

    #[test]
    fn links_are_found_by_any_key_of_a_group_each_once() {
        let both = BrandLink {
            keys: vec!["brand".to_owned(), "brand-2".to_owned()],
            ..link(LinkEvidenceKind::Register, Served::Unknown)
        };
        let none = BrandLink { keys: vec![], ..both.clone() };
        let links = [BrandLinks { as_of: day("2026-11-24"), links: vec![both.clone(), none] }];
        let index = BrandLinkIndex::of(links.clone(), &BrandRulings::default());
        let without = BrandLinkIndex::of(links, &BrandRulings::default().with(&[both], day("2026-11-25")));

        assert_eq!((without.all().len(), without.of_keys(["brand"].into_iter()).len(), without.ruled_out().len()), (1, 0, 1));
        assert_eq!(index.all().len(), 2);
        assert_eq!(index.of_keys(["brand", "brand-2", "other"].into_iter()).len(), 1);
        assert!(index.of_keys(["other"].into_iter()).is_empty());
    }

    proptest! {
        #[test]
        fn links_are_written_and_read_back_and_any_text_is_read_without_panic(text in "\\PC{0,200}", is_global in any::<bool>()) {
            let named = vec![country("DE")];
            let serves = if is_global { Served::EverywhereBut(named) } else { Served::Countries(named) };
            let links = BrandLinks {
                as_of: day("2026-11-24"),
                links: vec![BrandLink { brand: text.clone(), ..link(LinkEvidenceKind::Register, serves) }],
            };

            prop_assert_eq!(BrandLinks::from_json(&serde_json::to_string(&links).unwrap()), Ok(links));
            prop_assert!(BrandLinks::from_json(&text).is_err());
        }
    }
}
