//! What a pre-check that meets a brand tells about it: its kinds, the entities that may be behind it, the one question that would tell them
//! apart, and what else would settle it. It changes no recommendation.
//!
//! Source: docs/brands.md, "What a pre-check asks".

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::brand_kinds::Brand;
use super::super::brand_links::{BrandLink, Served};
use super::super::elsewhere::JudgedVasp;
use super::super::linked_entity::LinkedEntity;
use super::super::policy::StepCode;
use super::group_entity::{link_may_serve, may_serve, serves, without_record};
use super::{Attribution, Counterparty};
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

closed_list! {
    /// How far it is settled that a brand uses an entity, worst first.
    pub enum LinkStanding {
        /// Sources say so, and nobody decided.
        Proposed = "proposed",
        /// Two people, or the registry's policy for strong links, decided.
        Accepted = "accepted",
    }

    /// Whether an entity serves customers of the country that was asked about, worst first.
    pub enum ServesCustomer {
        /// It may.
        Unknown = "unknown",
        /// It does not, as far as is known.
        No = "no",
        /// A register or another source that can decide says so, and the link is accepted.
        Yes = "yes",
    }
}

/// An entity that may be behind a brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandCandidate {
    /// Its record; `None` if the directory has none.
    pub vasp: Option<VaspId>,
    /// Its registered name.
    pub legal_name: String,
    /// Its LEI, if known.
    pub lei: Option<Lei>,
    /// Its country, if known.
    pub country: Option<Country>,
    /// How far the link is settled.
    pub standing: LinkStanding,
    /// Whether it serves customers of the country in the question; `None` if the question names no country.
    pub serves_customer: Option<ServesCustomer>,
    /// What the link rests on; empty if only the directory's group says so.
    pub links: Vec<Arc<BrandLink>>,
}

/// The countries of the customers whom a candidate may serve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customers {
    /// The countries that its record or a link names.
    pub countries: BTreeSet<Country>,
    /// Whether it may serve customers of other countries, too: a link names all countries or none, or neither a register nor a seat is known.
    pub others: bool,
}

/// What is told about a brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandAnswer {
    /// Its group.
    pub group: VaspId,
    /// All its kinds, most severe first.
    pub kinds: Vec<Arc<Brand>>,
    /// Whether the customer's country would tell the candidates apart, and the question does not name it.
    pub asks_customer_country: bool,
    /// The entities that may be behind it: first those that serve the customer, then those that may.
    pub candidates: Vec<BrandCandidate>,
    /// What would settle which entity it is; empty once it is settled.
    pub settled_by: Vec<StepCode>,
}

impl BrandAnswer {
    /// Tells about the brand of a group in a pre-check. `records` contains the records of the group's entities and of its links.
    #[must_use]
    pub fn of(
        group: &JudgedVasp,
        attribution: &Attribution<'_>,
        records: &[&JudgedVasp],
        kinds: Vec<Arc<Brand>>,
        country: Option<Country>,
        date: Date,
    ) -> Self {
        let open = Self::open(group, records, kinds, country, date);
        match attribution.counterparty {
            Counterparty::Entity(_) | Counterparty::SelfHosted => {
                Self { asks_customer_country: false, settled_by: vec![], ..open }
            }
            Counterparty::Party { .. } | Counterparty::Nobody { .. } => open,
        }
    }

    /// Tells about the brand of a group as long as nothing settles which of its entities it is.
    #[must_use]
    pub fn open(
        group: &JudgedVasp,
        records: &[&JudgedVasp],
        kinds: Vec<Arc<Brand>>,
        country: Option<Country>,
        date: Date,
    ) -> Self {
        let links = &group.elsewhere.links;
        let is_known = |vasp: &&&JudgedVasp| {
            let (record, is_entity) = (&vasp.record, vasp.record.kind == VaspKind::Entity);
            let is_linked = || links.iter().any(|link| link.is_about(record) && link.holds_on(date));
            is_entity && (record.group == Some(group.record.id) || is_linked())
        };
        let entities: Vec<&JudgedVasp> = records.iter().filter(is_known).copied().collect();
        let mut candidates: Vec<BrandCandidate> =
            entities.iter().map(|entity| BrandCandidate::of_record(group, &entity.record, country, date)).collect();
        // Who ran the brand before, or only owns it, is no candidate.
        for link in without_record(group, &entities).filter(|link| link.holds_on(date)) {
            let one = BrandCandidate::of_name(links, &link.entity, country, date);
            if !candidates.contains(&one) {
                candidates.push(one);
            }
        }
        candidates.sort_by(|one, other| rank(one).cmp(&rank(other)));
        Self {
            group: group.record.id,
            kinds,
            asks_customer_country: country.is_none() && !candidates.is_empty(),
            settled_by: steps(&candidates),
            candidates,
        }
    }
}

impl BrandAnswer {
    /// Iterates over the candidates that may serve the customer; over all of them if none may.
    pub(super) fn serving(&self) -> impl Iterator<Item = &BrandCandidate> {
        let serves = |one: &BrandCandidate| one.serves_customer != Some(ServesCustomer::No);
        let any_serves = self.candidates.iter().any(serves);
        self.candidates.iter().filter(move |one| serves(one) || !any_serves)
    }
}

impl Customers {
    /// Returns whom a candidate may serve on a day. `record` is the candidate's, if the directory has it.
    #[must_use]
    pub fn of(candidate: &BrandCandidate, record: Option<&Vasp>, day: Date) -> Self {
        let mut whom = Self::default();
        let by_record = record.map(Served::by_record);
        let links = candidate.links.iter().filter(|link| link.holds_on(day)).map(|link| &link.serves);
        for served in by_record.iter().chain(links) {
            match served {
                Served::Unknown | Served::Everywhere | Served::EverywhereBut(_) => whom.others = true,
                Served::Countries(all) => whom.countries.extend(all),
            }
        }
        whom
    }
}

impl BrandCandidate {
    /// Returns an entity of the directory that is in the group, or to which a link leads.
    fn of_record(group: &JudgedVasp, record: &Vasp, customer_country: Option<Country>, date: Date) -> Self {
        let serves = |country| match (serves(group, record, country, date), may_serve(group, record, country, date)) {
            (true, _) => ServesCustomer::Yes,
            (false, true) => ServesCustomer::Unknown,
            (false, false) => ServesCustomer::No,
        };
        let is_accepted = record.group == Some(group.record.id);
        Self {
            vasp: Some(record.id),
            legal_name: record.legal_name.clone(),
            lei: record.lei,
            country: record.country,
            standing: if is_accepted { LinkStanding::Accepted } else { LinkStanding::Proposed },
            serves_customer: customer_country.map(serves),
            links: group.elsewhere.links.iter().filter(|link| link.is_about(record)).cloned().collect(),
        }
    }

    /// Returns an entity of which the directory has no record, with all that links say about it.
    fn of_name(all: &[Arc<BrandLink>], named: &LinkedEntity, customer_country: Option<Country>, date: Date) -> Self {
        let links: Vec<Arc<BrandLink>> = all.iter().filter(|link| link.entity == *named).cloned().collect();
        let serves = |country| match links.iter().any(|link| link_may_serve(all, link, country, date)) {
            true => ServesCustomer::Unknown,
            false => ServesCustomer::No,
        };
        Self {
            vasp: None,
            legal_name: named.legal_name.clone(),
            lei: named.lei,
            country: named.country,
            standing: LinkStanding::Proposed,
            serves_customer: customer_country.map(serves),
            links,
        }
    }
}

/// The order of candidates: those that serve the customer first, then accepted ones, then by name.
fn rank(candidate: &BrandCandidate) -> (u8, std::cmp::Reverse<LinkStanding>, &str) {
    let serves = match candidate.serves_customer {
        None => 0,
        Some(ServesCustomer::Yes) => 1,
        Some(ServesCustomer::Unknown) => 2,
        Some(ServesCustomer::No) => 3,
    };
    (serves, std::cmp::Reverse(candidate.standing), &candidate.legal_name)
}

/// Returns the next steps that would settle which entity it is.
fn steps(candidates: &[BrandCandidate]) -> Vec<StepCode> {
    let may = || candidates.iter().filter(|one| one.serves_customer != Some(ServesCustomer::No));
    let mut steps = vec![];
    if may().any(|one| one.standing == LinkStanding::Accepted) {
        steps.push(StepCode::NameEntity);
    }
    // The counterparty knows which of its companies keeps the account, whatever is known here.
    steps.push(StepCode::AskCounterparty);
    if may().any(|one| one.standing == LinkStanding::Proposed && one.vasp.is_some()) {
        steps.push(StepCode::WaitForReview);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::super::super::brand_links::tests::link;
    use super::super::super::brand_links::{LinkEvidenceKind, LinkRole, Served};
    use super::super::examples::*;
    use super::super::{Asked, CheckCode, Declared, ScreeningFacts, Shown, attribute};
    use super::*;
    use crate::policy::Recommendation;
    use crate::screening::{EU_SANCTIONS, EntryKind, ListCoverage, SanctionsEntry, SanctionsList, ScreeningIndex};
    use proptest::prelude::*;

    /// What is said about each entity: whether it is in the brand's group, and the link to it.
    #[derive(Clone, Debug)]
    struct Said {
        accepted: bool,
        has_record: bool,
        link: Option<(LinkEvidenceKind, LinkRole, Served)>,
    }

    fn case_of(all: &[Said], customer: Option<&str>) -> Case {
        let mut records = vec![group(11)];
        let mut links = vec![];
        for (number, said) in (1u8..).zip(all) {
            let mut record = entity(number);
            record.lei = None;
            record.group = said.accepted.then(|| id(11));
            if let Some((kind, role, serves)) = &said.link {
                let mut link = link(*kind, serves.clone());
                link.role = *role;
                link.entity.legal_name = record.legal_name.clone();
                link.entity.vasp = said.has_record.then_some(record.id);
                links.push(Arc::new(link));
            }
            if said.has_record {
                records.push(record);
            }
        }
        let mut case = Case::about(Question::Address(vec![claim(1, 11)]), records);
        case.elsewhere_of(11).links = links;
        case.customer_country = customer.map(country);
        case
    }

    fn said(accepted: bool, kind: LinkEvidenceKind, serves: Served) -> Said {
        Said { accepted, has_record: true, link: Some((kind, LinkRole::Operator, serves)) }
    }

    #[test]
    fn only_an_accepted_entity_settles_and_a_proposal_that_may_serve_the_customer_keeps_it_open() {
        let register = |accepted| said(accepted, LinkEvidenceKind::Register, Served::Countries(vec![country("DE")]));
        let hearsay = |serves| Said { has_record: false, ..said(false, LinkEvidenceKind::GeneralKnowledge, serves) };
        let found = |all: &[Said], customer| {
            let answer = case_of(all, customer).run();
            (answer.counterparty, answer.checks[1].code)
        };
        let open = (None, CheckCode::IdentityGroupOnly);

        assert_eq!(found(&[register(true)], Some("DE")), (Some(id(1)), CheckCode::IdentityRegisterOnly));
        assert_eq!(found(&[register(true)], None), open);
        assert_eq!(found(&[register(false)], Some("DE")), open, "nobody accepted it");
        // A register that names an entity for the country counts more than general knowledge "for everybody".
        let terms = Said { has_record: false, ..said(false, LinkEvidenceKind::TermsOfUse, Served::Everywhere) };
        assert_eq!(found(&[register(true), terms.clone()], Some("DE")), open);
        assert_eq!(found(&[register(true), hearsay(Served::Everywhere)], Some("DE")).0, Some(id(1)));
        assert_eq!(found(&[register(true), hearsay(Served::Unknown)], Some("DE")).0, Some(id(1)));
        assert_eq!(found(&[register(true), hearsay(Served::Everywhere)], Some("US")), open);
        let elsewhere = hearsay(Served::Countries(vec![country("US")]));
        assert_eq!(found(&[register(true), elsewhere], Some("DE")).0, Some(id(1)));
    }

    #[test]
    fn a_candidate_list_says_who_it_may_be_and_what_would_settle_it() {
        let all = [
            said(true, LinkEvidenceKind::Register, Served::Countries(vec![country("DE")])),
            said(false, LinkEvidenceKind::ThirdPartyList, Served::Countries(vec![country("GB")])),
            Said { has_record: false, ..said(false, LinkEvidenceKind::TermsOfUse, Served::Everywhere) },
        ];
        let told = |customer: Option<&str>| {
            let case = case_of(&all, customer);
            let judged = case.judged();
            let records: Vec<&JudgedVasp> = judged.iter().collect();
            let resolution = case.resolution();
            let found = attribute(&Asked::Destination(&resolution), Declared::Nothing, &records, case.now);
            let found = found.settled_by(case.customer_country, case.date);
            BrandAnswer::of(records[0], &found, &records, vec![], case.customer_country, case.date)
        };
        let serving = |answer: &BrandAnswer| {
            answer.candidates.iter().map(|one| (one.vasp, one.standing, one.serves_customer)).collect::<Vec<_>>()
        };

        let open = told(None);
        assert!(open.asks_customer_country);
        assert_eq!(open.settled_by, [StepCode::NameEntity, StepCode::AskCounterparty, StepCode::WaitForReview]);
        let britain = told(Some("GB"));
        assert!(!britain.asks_customer_country);
        assert_eq!(
            serving(&britain),
            [
                (Some(id(2)), LinkStanding::Proposed, Some(ServesCustomer::Unknown)),
                (None, LinkStanding::Proposed, Some(ServesCustomer::Unknown)),
                (Some(id(1)), LinkStanding::Accepted, Some(ServesCustomer::No)),
            ]
        );
        assert_eq!(britain.settled_by, [StepCode::AskCounterparty, StepCode::WaitForReview]);
    }

    /// What a list with these names says about a case.
    fn screened(case: &Case, listed: &[String]) -> ScreeningFacts {
        screened_beside(case, listed, None)
    }

    /// The same, if a record also claims the address.
    fn screened_beside(case: &Case, listed: &[String], claimant: Option<VaspId>) -> ScreeningFacts {
        let judged = case.judged();
        let records: Vec<&JudgedVasp> = judged.iter().collect();
        let resolution = case.resolution();
        let found = attribute(&Asked::Destination(&resolution), Declared::Nothing, &records, case.now);
        let found = found.settled_by(case.customer_country, case.date);
        let brand = BrandAnswer::of(records[0], &found, &records, vec![], case.customer_country, case.date);
        let entry = |(number, name): (usize, &String)| SanctionsEntry {
            uid: number.to_string(),
            kind: EntryKind::Entity,
            name: name.clone(),
            ..SanctionsEntry::default()
        };
        let entries = listed.iter().enumerate().map(entry).collect();
        let (id, as_of, coverage) = (EU_SANCTIONS.to_owned(), date("2026-04-28"), ListCoverage::Complete);
        let list = SanctionsList { id, part_of: None, as_of, source: "test".into(), coverage, entries };
        let index = ScreeningIndex::newest_on(case.now.date(), [list]);
        let is_shown = |id| id == brand.group || brand.candidates.iter().any(|one| one.vasp == Some(id));
        let claimants = records.iter().copied().filter(|one| Some(one.record.id) == claimant).collect();
        let records = records.iter().copied().filter(|one| is_shown(one.record.id));
        let shown = Shown { brand: Some(&brand), records: records.collect(), claimants, ..Shown::default() };
        let facts = ScreeningFacts::search(&index, &[], &found, &shown, case.now.date());
        ScreeningFacts { lists: case.screening.lists.clone(), ..facts }
    }

    fn with_listed(mut case: Case, listed: &str) -> (CheckCode, Recommendation) {
        case.screening = screened(&case, &[listed.to_owned()]);
        let answer = case.run();
        (answer.checks[5].code, answer.recommendation)
    }

    /// Source: docs/screening.md, "Who is screened".
    #[test]
    fn a_listed_operator_rejects_if_it_is_the_only_one_and_holds_if_it_is_one_of_several() {
        let only_named = || Said { has_record: false, ..said(false, LinkEvidenceKind::GeneralKnowledge, Served::Everywhere) };
        let german = || said(false, LinkEvidenceKind::Register, Served::Countries(vec![country("DE")]));
        let rejected = (CheckCode::SanctionsNameListed, Recommendation::Reject);
        let held = (CheckCode::SanctionsPossibleMatch, Recommendation::Hold);

        assert_eq!(with_listed(case_of(&[only_named()], None), "Entity 1 Limited"), rejected);
        assert_eq!(with_listed(case_of(&[german()], None), "Entity 1 Limited"), rejected);
        assert_eq!(with_listed(case_of(&[only_named(), german()], None), "Entity 1 Limited"), held);
        assert_eq!(with_listed(case_of(&[only_named(), german()], None), "Entity 2 Limited"), held);
        assert_eq!(with_listed(case_of(&[only_named(), german()], None), "Brand 11"), rejected, "the brand itself");
        // Entity 2 serves no customers of Ireland, so only entity 1 is left.
        let british = || said(false, LinkEvidenceKind::Register, Served::Countries(vec![country("GB")]));
        let mut case = case_of(&[only_named(), british()], Some("US"));
        assert_eq!(with_listed(case.clone(), "Entity 1 Limited"), rejected);
        assert_eq!(with_listed(case.clone(), "Entity 2 Limited"), held);
        case.customer_country = None;
        assert_eq!(with_listed(case, "Entity 1 Limited"), held);
    }

    /// An entity that is settled is not held because another company of its brand is listed: nobody could lift that.
    #[test]
    fn another_entity_of_the_brand_that_is_listed_is_noted_once_it_is_settled_which_one_it_is() {
        let accepted = |of| said(true, LinkEvidenceKind::Register, Served::Countries(vec![country(of)]));
        let mut case = case_of(&[accepted("DE"), accepted("GB")], Some("GB"));
        // Nothing like the name of the other entity, which is the counterparty.
        case.records[1].legal_name = "Zebra Custody".to_owned();
        assert_eq!(case.run().counterparty, Some(id(2)));
        case.screening = screened(&case, &[]);
        let clear = case.run();
        assert_eq!(clear.checks[5].also, []);

        case.screening = screened(&case, &["Zebra Custody".to_owned()]);
        let answer = case.run();

        assert_eq!(
            (answer.checks[5].also.as_slice(), answer.recommendation),
            (&[CheckCode::SanctionsOtherEntityListed][..], clear.recommendation)
        );
        assert!(
            answer.notes.iter().any(|note| note.detail.contains("Zebra Custody, another entity of the brand")),
            "{:?}",
            answer.notes
        );
        case.screening = screened_beside(&case, &["Zebra Custody".to_owned()], Some(id(1)));
        assert_eq!(case.run().checks[5].code, CheckCode::SanctionsPossibleMatch, "it claims the address itself");
        assert_eq!(with_listed(case.clone(), "Entity 2 Limited").1, Recommendation::Reject);
        assert_eq!(with_listed(case, "Brand 11").1, Recommendation::Reject);
    }

    fn any_said() -> impl Strategy<Value = Said> {
        let served = prop_oneof![
            Just(Served::Unknown),
            Just(Served::Everywhere),
            Just(Served::EverywhereBut(vec![country("US")])),
            Just(Served::Countries(vec![country("DE")])),
            Just(Served::Countries(vec![country("GB")]))
        ];
        let kind = proptest::sample::select(LinkEvidenceKind::ALL.to_vec());
        let role = proptest::sample::select(LinkRole::ALL.to_vec());
        let link = prop_oneof![1 => Just(None), 4 => (kind, role, served).prop_map(Some)];
        (any::<bool>(), prop_oneof![3 => Just(true), 1 => Just(false)], link).prop_map(|(accepted, has_record, link)| Said {
            accepted: accepted && has_record,
            has_record,
            link,
        })
    }

    proptest! {
        /// Weaker evidence for an entity, its countries no longer known, or its acceptance taken back never improves the recommendation. The
        /// exception is general knowledge "for everybody", which a register beats.
        #[test]
        fn worse_evidence_never_helps(
            all in proptest::collection::vec(any_said(), 1..4),
            place in 0usize..4, way in 0u8..3,
            customer in proptest::sample::select(vec![None, Some("DE"), Some("IE"), Some("US")]),
        ) {
            let mut worse = all.clone();
            let place = place % worse.len();
            let one = &mut worse[place];
            match (way, &mut one.link) {
                (0, Some((kind, _, Served::Countries(_)))) => *kind = LinkEvidenceKind::GeneralKnowledge,
                (1, Some((.., serves))) => *serves = Served::Unknown,
                (2, Some(_)) => one.accepted = false,
                _ => {}
            }
            let (before, after) = (case_of(&all, customer).run(), case_of(&worse, customer).run());

            prop_assert!(after.recommendation <= before.recommendation, "{:?} {:?}", before.recommendation, after.recommendation);
        }

        /// A gateway that compares the countries itself never misses an entity that a pre-check leaves open.
        #[test]
        fn whom_a_candidate_may_serve_is_what_a_pre_check_says(all in proptest::collection::vec(any_said(), 1..4)) {
            let case = case_of(&all, None);
            let judged = case.judged();
            let records: Vec<&JudgedVasp> = judged.iter().collect();
            for code in ["DE", "GB", "IE", "US"] {
                let answer = BrandAnswer::open(records[0], &records, vec![], Some(country(code)), case.date);
                for candidate in &answer.candidates {
                    let record = records.iter().find(|judged| Some(judged.record.id) == candidate.vasp);
                    let whom = Customers::of(candidate, record.map(|judged| judged.record.as_ref()), case.date);
                    let may = whom.others || whom.countries.contains(&country(code));
                    prop_assert!(may || candidate.serves_customer == Some(ServesCustomer::No), "{} {:?}", code, candidate);
                }
            }
        }

        /// No name of an answer is left unscreened: if it is listed, the sanctions check says so.
        #[test]
        fn any_name_that_an_answer_shows_was_screened(
            all in proptest::collection::vec(any_said(), 0..4), customer in proptest::sample::select(vec![None, Some("DE"), Some("US")]),
        ) {
            let case = case_of(&all, customer);
            let judged = case.judged();
            let records: Vec<&JudgedVasp> = judged.iter().collect();
            let shown = BrandAnswer::open(records[0], &records, vec![], case.customer_country, case.date);
            let names = shown.candidates.iter().map(|one| one.legal_name.clone()).chain([records[0].record.legal_name.clone()]);
            for name in names {
                let facts = screened(&case, std::slice::from_ref(&name));
                prop_assert!(facts.hits.iter().any(|hit| hit.matched.text() == name && hit.score == 100), "{}", name);
                prop_assert!(with_listed(case.clone(), &name).1 <= Recommendation::Hold, "{}", name);
            }
        }

        #[test]
        fn a_list_of_candidates_never_yields_proceed(all in proptest::collection::vec(any_said(), 0..4), customer in proptest::sample::select(vec![None, Some("DE"), Some("GB")])) {
            let answer = case_of(&all, customer).run();

            prop_assert!(answer.counterparty.is_some() || answer.recommendation <= Recommendation::Hold, "{:?}", answer.recommendation);
        }
    }
}
