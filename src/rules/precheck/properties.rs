//! Worsening one input never improves the default policy's recommendation, and the same input always gives the same answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::super::brand_kinds::{Brand, BrandKind};
use super::super::lei_evidence::LeiFindingCode;
use super::super::lists::{ListId, Measure};
use super::super::non_compliant::MatchedBy;
use super::super::policy::{Circumstances, Consequence, Policy, Recommendation};
use super::super::routes::examples::{Scene, WORSE, worsen};
use super::super::rulebook::TravelRuleStatus;
use super::super::screening::ownership::{OwnershipScreening, Share};
use super::super::screening::{EU_SANCTIONS, Hit, HitDecision, ListCoverage, Meant, OFAC_SDN};
use super::examples::*;
use super::lei::tests::word;
use super::other_lists::tests as compliance;
use super::*;
use proptest::prelude::*;
use vasp_record::claim::Strength;
use vasp_record::licence::{Activity, Licence, LicenceStatus, PublishedStanding};
use vasp_record::vasp::{LeiStatus, Vasp, VaspStatus};
use vasp_record::vasp_name::VaspName;
use vasp_words::money::Money;

const STATUSES: [VaspStatus; 10] = [
    VaspStatus::Revoked,
    VaspStatus::Suspended,
    VaspStatus::Rejected,
    VaspStatus::Withdrawn,
    VaspStatus::Retired,
    VaspStatus::Draft,
    VaspStatus::Submitted,
    VaspStatus::InReview,
    VaspStatus::Listed,
    VaspStatus::Verified,
];

const LEI_STATUSES: [LeiStatus; 11] = [
    LeiStatus::Annulled,
    LeiStatus::Duplicate,
    LeiStatus::Retired,
    LeiStatus::Merged,
    LeiStatus::Cancelled,
    LeiStatus::Transferred,
    LeiStatus::Lapsed,
    LeiStatus::PendingValidation,
    LeiStatus::PendingArchival,
    LeiStatus::PendingTransfer,
    LeiStatus::Issued,
];

/// Returns a licence in one of the states of a chain, best first: in force, without the activity, not listed, ended, suspended,
/// withdrawn.
fn licence_in(state: u8) -> Licence {
    let base = licence("2025-01-01");
    match state {
        0 => base,
        1 => Licence { listed: false, ..base },
        2 => {
            let mut advice = base;
            advice.activities[0].activity = Activity::Advice;
            advice
        }
        3 => Licence { valid_to: Some(date("2026-03-01")), ..base },
        4 => Licence { standing: PublishedStanding::Suspended, ..base },
        _ => Licence { standing: PublishedStanding::Withdrawn, ..base },
    }
}

/// Returns the memberships of one step of the chain: none, EU, also grey, call for action, countermeasures. A country on a
/// worse FATF list leaves the better one and stays on the EU's list.
fn listings(step: u8) -> Vec<Listing> {
    match step {
        0 => vec![],
        1 => vec![listing(ListId::EuHrtc, None)],
        2 => vec![listing(ListId::EuHrtc, None), listing(ListId::FatfGrey, None)],
        3 => vec![listing(ListId::EuHrtc, None), listing(ListId::FatfBlack, Some(Measure::EnhancedDueDiligence))],
        _ => vec![listing(ListId::EuHrtc, None), listing(ListId::FatfBlack, Some(Measure::Countermeasures))],
    }
}

fn questions() -> impl Strategy<Value = Question> {
    prop_oneof![
        4 => Just(Question::Address(vec![claim(1, 1)])),
        1 => Just(Question::Address(vec![family(1, 1)])),
        1 => Just(Question::Address(vec![claim(1, 1), family(2, 3)])),
        1 => Just(Question::Address(vec![claim(1, 11)])),
        1 => Just(Question::Address(vec![claim(1, 1), claim(2, 3)])),
        1 => Just(Question::Address(vec![])),
        1 => Just(Question::AmbiguousAddress(vec![claim(1, 1)])),
        2 => Just(Question::Vasp(1)),
        1 => Just(Question::Vasp(11)),
        1 => Just(Question::Jurisdiction("IE")),
    ]
}

fn cases() -> impl Strategy<Value = Case> {
    let declared = prop_oneof![
        3 => Just(Declared::Nothing),
        1 => Just(Declared::SelfHosted),
        1 => Just(Declared::Vasp(id(1))),
        1 => Just(Declared::Vasp(id(3))),
        1 => Just(Declared::Unknown(VaspName::Id(id(9))))
    ];
    let record = (prop_oneof![3 => 8usize..10, 1 => 0usize..10], proptest::option::of(0usize..11), any::<bool>());
    let licences = proptest::collection::vec(prop_oneof![2 => Just(0u8), 1 => 0u8..6], 0..3);
    let regime = prop_oneof![3 => Just(TravelRuleStatus::InForce), 1 => Just(TravelRuleStatus::Unknown), 1 => Just(TravelRuleStatus::Banned)];
    let country = (prop_oneof![2 => Just(0u8), 1 => 0u8..5], regime, any::<bool>());
    let findings = proptest::collection::vec(proptest::sample::select(LEI_FINDINGS.to_vec()), 0..2);
    let rows = proptest::collection::vec(proptest::sample::select(vec!["Authorised", "Withdrawn"]), 0..2);
    let elsewhere = (findings, prop_oneof![4 => Just(false), 1 => Just(true)], rows);
    let spoken = || proptest::sample::subsequence(vec!["trp", "trisa", "code", "verifyvasp", "email"], 0..4);
    let worth = prop_oneof![Just(None), Just(Some("10")), Just(Some("5000"))];
    let asked = proptest::sample::subsequence(vec!["prohibited", "strength", "young", "verified"], 0..3);
    let asked = prop_oneof![2 => Just(vec![]), 1 => asked];
    let facts_of_case = (elsewhere, any::<bool>(), spoken(), spoken(), (worth, asked));
    (questions(), declared, record, licences, country, 0i64..500, facts_of_case).prop_map(
        |(question, declared, (status, lei_status, has_lei), licences, (step, regime_status, lei_required), age, more)| {
            let (elsewhere, in_brand, ours, theirs, (worth, asked)) = more;
            let mut first = entity(1);
            first.status = STATUSES[status];
            first.lei_status = lei_status.map(|place| LEI_STATUSES[place]);
            first.lei = first.lei.filter(|_| has_lei);
            first.licences = licences.into_iter().map(licence_in).collect();
            first.group = in_brand.then(|| id(11));
            let (findings, listed, rows) = elsewhere;
            let found: Vec<LeiFindingCode> = LEI_FINDINGS.into_iter().filter(|code| findings.contains(code)).collect();
            let mut case = Case::about(question, vec![first, entity(3), entity(4), group(11)]);
            case.elsewhere().lei = case.entity().lei_status.map(|_| word(&found));
            case.elsewhere().non_compliant = listed.then(|| vec![compliance::listed(MatchedBy::Host)]);
            case.elsewhere().third_party = Some(rows.iter().map(|status| compliance::compiled(status)).collect());
            case.scene = Scene::of(&ours, &theirs);
            case.entity().endpoints = case.scene.theirs.endpoints.clone();
            case.entity().certificates = case.scene.theirs.certificates.clone();
            case.declared = declared;
            case.proofs.good.extend(in_brand.then(|| "The key signed.".to_owned()));
            case.countries = vec![facts("IE", regime_status, listings(step))];
            case.countries[0].regime.lei_required = lei_required;
            case.now = case.now.plus_secs(age * 86_400);
            case.worth = worth.map(|amount| Money { amount: amount.parse().unwrap(), currency: "EUR".parse().unwrap() });
            if !asked.is_empty() {
                case.policy = policy_of(&asked);
            }
            case
        },
    )
}

/// One way to worsen an input; it may not apply to a case.
#[derive(Clone, Copy, Debug)]
enum Worsen {
    AddressHit,
    AssetHit,
    NameHit,
    NoScreeningList,
    PartialScreeningList,
    PossibleHit(u8),
    HitElsewhere,
    LikerName,
    DecidedAgainst,
    NoBindingList,
    BindingListOlder(u16),
    OwnedMore(u32),
    Licence,
    RemoveLicence,
    LicenceSoonerOver,
    Status,
    LeiStatus,
    LoseLeiStatus,
    LeiRequired,
    Listing,
    NoLists,
    Regime,
    AmbiguousRegime,
    Age(u16),
    AnotherParty,
    Contradict,
    Weaker,
    OlderRegister(u16),
    LeiFinding(u8),
    NonCompliant,
    NonCompliantGroup,
    ThirdPartyContradicts,
    LoseConfirmingRow,
    Reach(u8, usize),
    Further(usize),
}

/// Makes a case worse in one way; `None` if the way does not apply to the case.
type FurtherWay = fn(&mut Case) -> Option<()>;

/// Further ways, one per line: what gets worse, and how (`None` if it does not apply to the case). Each new input of pre-checks
/// gets a line here.
const FURTHER: &[(&str, FurtherWay)] = &[
    ("worth more", |case| case.worth.as_mut().map(|worth| worth.amount = "1000000".parse().unwrap())),
    ("worth not told", |case| case.worth.take().map(drop)),
    ("worth in another currency than the policy's", |case| {
        case.worth.as_mut().map(|worth| worth.currency = "SGD".parse().unwrap())
    }),
    ("linked to transfers that are worth more", |case| {
        let total = Money { amount: "1000000".parse().unwrap(), currency: "EUR".parse().unwrap() };
        case.linked_total.replace(total).is_none().then_some(())
    }),
    ("customer where no licence reaches", |case| case.customer_country.replace(country("US")).is_none().then_some(())),
    ("evidence of the name expired", |case| {
        let over = case.now.plus_secs(-1);
        Arc::make_mut(&mut case.entity().evidence)
            .iter_mut()
            .find(|one| one.attribute == "legal_name")
            .map(|one| one.expires_at = Some(over))
    }),
    ("evidence undated", |case| {
        Arc::make_mut(&mut case.entity().evidence).iter_mut().for_each(|one| one.verified_at = None);
        Some(())
    }),
    ("country not on record", |case| {
        // Losing an adverse fact about a country makes nothing worse.
        let facts = &case.countries[0];
        let clean = facts.listings.is_empty() && facts.regime.status == TravelRuleStatus::InForce;
        (clean && !case.policy.prohibits(country("IE"), None)).then(|| case.entity().country = None)
    }),
    ("transfer before the licence", |case| {
        case.date = date("2024-01-01");
        // A withdrawal counts from the day on which it was reported.
        case.entity()
            .licences
            .iter()
            .all(|one| one.standing == PublishedStanding::Granted && one.valid_to.is_none())
            .then_some(())
    }),
    ("data not told", |case| case.provided.as_ref().is_some_and(|there| *there == *ALL_DATA).then(|| case.provided = None)),
    ("a field missing", |case| {
        case.provided.get_or_insert_with(|| ALL_DATA.clone()).remove(&"originator.name".parse().unwrap()).then_some(())
    }),
    ("proof of control lost", |case| case.proofs.good.pop().map(drop)),
    ("a proof that does not count", |case| {
        case.proofs.refused.push("it is of another address".to_owned());
        Some(())
    }),
    ("country prohibited by the policy", |case| set_policy(case, &["prohibited"])),
    ("stronger attributions asked", |case| set_policy(case, &["strength"])),
    ("sources allowed to be less old", |case| set_policy(case, &["young"])),
    ("registers alone held", |case| set_policy(case, &["verified"])),
];

/// Returns the embedded policy with additional requirements; each variant is parsed only once.
fn policy_of(parts: &[&'static str]) -> Policy {
    static READ: Mutex<BTreeMap<Vec<&str>, Policy>> = Mutex::new(BTreeMap::new());
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    READ.lock().unwrap().entry(sorted).or_insert_with_key(|parts| read_policy(parts)).clone()
}

fn read_policy(parts: &[&str]) -> Policy {
    let mut policy: serde_json::Value = serde_json::from_str(include_str!("../../../seed/policy.json")).unwrap();
    for part in parts {
        match *part {
            "prohibited" => policy["prohibited_jurisdictions"] = serde_json::json!(["IE"]),
            "strength" => {
                policy["attribution"] = serde_json::json!({"minimum_strength": [
                    {"from": null, "strength": "attributed"}, {"from": {"amount": "1000", "currency": "EUR"}, "strength": "attested"}]})
            }
            "young" => policy["freshness_days"]["register"] = serde_json::json!({"warn_after": 3, "unknown_after": 20}),
            "verified" => {
                policy["rules"].as_array_mut().unwrap().insert(0, serde_json::json!(
                {"codes": ["identity.register_only"], "consequence": "hold", "why": "x", "next_steps": [{"code": "wait_for_review", "detail": "Wait."}]}))
            }
            other => unreachable!("{other}"),
        }
    }
    Policy::from_json(&policy.to_string()).unwrap()
}

/// Returns which additional requirements a policy contains.
fn parts_of(policy: &Policy) -> Vec<&'static str> {
    let mut parts = vec![];
    parts.extend(policy.prohibits(country("IE"), None).then_some("prohibited"));
    parts.extend((!policy.attribution().minimum_strength.is_empty()).then_some("strength"));
    parts.extend((policy.freshness().register.warn_after == 3).then_some("young"));
    parts.extend(
        (policy.decide(CheckCode::IdentityRegisterOnly, Circumstances::default()) == Consequence::Hold).then_some("verified"),
    );
    parts
}

fn set_policy(case: &mut Case, more: &[&'static str]) -> Option<()> {
    let before = parts_of(&case.policy);
    let parts: Vec<&'static str> = before.iter().chain(more.iter().filter(|part| !before.contains(*part))).copied().collect();
    case.policy = policy_of(&parts);
    (parts.len() > before.len()).then_some(())
}

/// The differences that GLEIF's record can have from the one here.
const LEI_FINDINGS: [LeiFindingCode; 4] = [
    LeiFindingCode::EntityInactive,
    LeiFindingCode::NameMismatch,
    LeiFindingCode::CountryMismatch,
    LeiFindingCode::RenewalOverdue,
];

fn steps() -> impl Strategy<Value = Worsen> {
    let reach = (0u8..WORSE, 0usize..4).prop_map(|(way, which)| Worsen::Reach(way, which));
    let further = (0..FURTHER.len()).prop_map(Worsen::Further);
    prop_oneof![3 => other_steps(), 1 => reach, 1 => further]
}

fn other_steps() -> impl Strategy<Value = Worsen> {
    prop_oneof![
        Just(Worsen::AddressHit),
        Just(Worsen::AssetHit),
        Just(Worsen::NameHit),
        Just(Worsen::NoScreeningList),
        Just(Worsen::PartialScreeningList),
        (80u8..=100).prop_map(Worsen::PossibleHit),
        Just(Worsen::HitElsewhere),
        Just(Worsen::LikerName),
        Just(Worsen::DecidedAgainst),
        Just(Worsen::NoBindingList),
        (0u16..400).prop_map(Worsen::BindingListOlder),
        (1u32..6_000).prop_map(Worsen::OwnedMore),
        Just(Worsen::Licence),
        Just(Worsen::RemoveLicence),
        Just(Worsen::LicenceSoonerOver),
        Just(Worsen::Status),
        Just(Worsen::LeiStatus),
        Just(Worsen::LoseLeiStatus),
        Just(Worsen::LeiRequired),
        Just(Worsen::Listing),
        Just(Worsen::NoLists),
        Just(Worsen::Regime),
        Just(Worsen::AmbiguousRegime),
        (0u16..500).prop_map(Worsen::Age),
        Just(Worsen::AnotherParty),
        Just(Worsen::Contradict),
        Just(Worsen::Weaker),
        (0u16..500).prop_map(Worsen::OlderRegister),
        (0u8..4).prop_map(Worsen::LeiFinding),
        Just(Worsen::NonCompliant),
        Just(Worsen::NonCompliantGroup),
        Just(Worsen::ThirdPartyContradicts),
        Just(Worsen::LoseConfirmingRow),
    ]
}

fn next_worse<T: Copy + PartialEq>(chain: &[T], now: T) -> Option<T> {
    let place = chain.iter().position(|one| *one == now)?;
    chain.get(place.checked_sub(1)?).copied()
}

fn add<T>(found: &mut Option<Vec<T>>, one: T) {
    found.get_or_insert_default().push(one);
}

fn reach_worse(case: &mut Case, way: u8, which: usize) -> Option<()> {
    let (mut scene, mut theirs) = (case.scene.clone(), case.entity().clone());
    scene.now = case.now;
    worsen(&mut scene, &mut theirs, way, which)?;
    (case.scene, *case.entity()) = (scene, theirs);
    Some(())
}

/// Dates what a register shows of an entity so many days earlier.
fn age_register(entity: &mut Vasp, days: i64) {
    let older = |day: vasp_words::time::Date| day.start().plus_secs(-days * 86_400).date();
    for one in Arc::make_mut(&mut entity.evidence) {
        one.verified_at = one.verified_at.map(|at| older(at.date()).start());
    }
    entity.licences.iter_mut().for_each(|one| one.last_seen = one.last_seen.map(older));
}

impl Worsen {
    fn apply(self, before: &Case) -> Option<Case> {
        let mut case = before.clone();
        match self {
            Self::Reach(way, which) => reach_worse(&mut case, way, which)?,
            Self::Further(place) => FURTHER[place].1(&mut case)?,
            Self::AddressHit => case.screening.hits.push(address_hit()),
            Self::AssetHit => case.screening.hits.push(Hit { means: Meant::Asset, ..address_hit() }),
            Self::NameHit => case.screening.hits.push(name_hit("Entity 1 Limited")),
            Self::NoScreeningList => case.screening.lists.clear(),
            Self::PartialScreeningList => case.screening.lists.first_mut()?.coverage = ListCoverage::Partial,
            Self::Licence | Self::RemoveLicence | Self::LicenceSoonerOver => self.licence(&mut case)?,
            Self::Status => case.entity().status = next_worse(&STATUSES, case.entity().status)?,
            Self::LeiStatus | Self::LoseLeiStatus | Self::LeiRequired => self.lei(&mut case)?,
            Self::Listing | Self::Regime | Self::AmbiguousRegime => self.country(&mut case)?,
            Self::NoLists => case.lists.clear(),
            Self::Age(days) => case.now = case.now.plus_secs(i64::from(days) * 86_400),
            Self::OlderRegister(days) => age_register(case.entity(), i64::from(days)),
            Self::AnotherParty => another_party(&mut case)?,
            Self::Contradict => {
                let owned = matches!(&case.question, Question::Address(claims) if !claims.is_empty());
                if case.declared != Declared::Nothing || !owned {
                    return None;
                }
                case.declared = Declared::Vasp(id(4));
            }
            Self::LeiFinding(place) => {
                let code = LEI_FINDINGS[usize::from(place)];
                let known = &mut case.elsewhere().lei.as_mut()?.findings;
                known.extend(word(&[code]).findings);
            }
            Self::NonCompliant => add(&mut case.elsewhere().non_compliant, compliance::listed(MatchedBy::Name)),
            Self::NonCompliantGroup => {
                // A listed brand: its entities inherit the match.
                for vasp in case.records.iter().filter(|vasp| vasp.id == id(11) || vasp.group == Some(id(11))) {
                    add(&mut case.elsewhere.entry(vasp.id).or_default().non_compliant, compliance::listed(MatchedBy::Group));
                }
            }
            Self::ThirdPartyContradicts => add(&mut case.elsewhere().third_party, compliance::compiled("Suspended")),
            Self::LoseConfirmingRow => {
                case.elsewhere().third_party.get_or_insert_default().retain(|row| row.status != "Authorised")
            }
            Self::Weaker => {
                let Question::Address(claims) = &mut case.question else { return None };
                claims.first_mut()?.strength = Strength::Attributed;
            }
            _ => self.screening(&mut case)?,
        }
        Some(case)
    }

    fn screening(self, case: &mut Case) -> Option<()> {
        let ScreeningFacts { lists, hits, ownership, .. } = &mut case.screening;
        match self {
            Self::PossibleHit(score) => hits.push(Hit { score, ..name_hit("Entity 1") }),
            Self::HitElsewhere => hits.push(Hit { family: OFAC_SDN.into(), ..name_hit("Entity 1") }),
            Self::LikerName => {
                let hit = hits.first_mut()?;
                hit.score = hit.score.saturating_add(5).min(100);
            }
            Self::DecidedAgainst => hits.first_mut()?.decision = HitDecision::TrueMatch(date("2026-04-01")),
            Self::NoBindingList => lists.retain(|list| list.family != EU_SANCTIONS),
            Self::BindingListOlder(days) => {
                let list = lists.iter_mut().find(|list| list.family == EU_SANCTIONS)?;
                list.as_of = list.as_of.start().plus_secs(-86_400 * i64::from(days)).date();
            }
            Self::OwnedMore(basis_points) => {
                let chain = ownership.get_or_insert_with(|| OwnershipScreening { subject: "vasp".into(), ..Default::default() });
                // Shares of more than 100 % make no sense, and the check reports this.
                if chain.shares.iter().map(|share| share.basis_points).sum::<u32>() + basis_points > 10_000 {
                    return None;
                }
                let owner = chain.shares.len().to_string();
                chain.listed.insert(owner.clone(), vec![name_hit("Owner")]);
                chain.shares.push(Share { owner, owned: "vasp".into(), basis_points });
            }
            _ => return None,
        }
        Some(())
    }

    fn licence(self, case: &mut Case) -> Option<()> {
        let on = case.date;
        let licences = &mut case.entity().licences;
        let first = licences.first_mut()?;
        match self {
            Self::Licence => {
                let state = (0..6).find(|state| *first == licence_in(*state))?;
                *first = licence_in(state + 1);
            }
            Self::LicenceSoonerOver => first.valid_to = Some(on),
            // Losing the record of a withdrawn licence makes nothing worse.
            _ if first.status_on(on) == LicenceStatus::Withdrawn => return None,
            _ => {
                licences.remove(0);
            }
        }
        Some(())
    }

    fn lei(self, case: &mut Case) -> Option<()> {
        match self {
            Self::LeiStatus => case.entity().lei_status = Some(next_worse(&LEI_STATUSES, case.entity().lei_status?)?),
            Self::LoseLeiStatus if case.entity().lei_status? == LeiStatus::Issued => {
                // Losing adverse data from GLEIF makes nothing worse.
                if case.elsewhere().lei.as_ref().is_some_and(|word| !word.findings.is_empty()) {
                    return None;
                }
                case.entity().lei_status = None;
                case.elsewhere().lei = None;
            }
            Self::LeiRequired => case.countries[0].regime.lei_required = true,
            _ => return None,
        }
        Some(())
    }

    fn country(self, case: &mut Case) -> Option<()> {
        let facts = &mut case.countries[0];
        match self {
            Self::Listing => {
                let step = (0..5).find(|step| facts.listings == listings(*step))?;
                facts.listings = listings(step + 1);
            }
            Self::Regime => {
                let chain =
                    [TravelRuleStatus::Banned, TravelRuleStatus::Unknown, TravelRuleStatus::Grace, TravelRuleStatus::InForce];
                facts.regime.status = next_worse(&chain, facts.regime.status)?;
                // A rule is on record of whatever the rulebook says.
                facts.regime.rule_version = regime("IE", facts.regime.status).rule_version;
            }
            _ => facts.regime.ambiguous = true,
        }
        Some(())
    }
}

/// Another party also claims the address. Cases with a revoked owner or a withdrawn licence are excluded: the dispute unsettles
/// that the transfer goes to that owner, and it is held for a person.
fn another_party(case: &mut Case) -> Option<()> {
    let entity = case.entity().clone();
    let gone = entity.licences.iter().any(|licence| licence.standing == PublishedStanding::Withdrawn);
    let Question::Address(claims) = &mut case.question else { return None };
    let first = claims.first()?.clone();
    if entity.status <= VaspStatus::Retired || gone {
        return None;
    }
    claims.push(vasp_record::claim::Claim { network_match: first.network_match, ..claim(9, 4) });
    Some(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn worsening_one_input_never_improves_the_recommendation(before in cases(), prior in proptest::option::of(steps()), step in steps()) {
        let before = prior.and_then(|prior| prior.apply(&before)).unwrap_or(before);
        if let Some(after) = step.apply(&before) {
            let (first, second) = (before.run(), after.run());
            prop_assert!(
                second.recommendation <= first.recommendation,
                "{step:?}: {:?} became {:?}", first.reasons, second.reasons
            );
        }
    }

    #[test]
    fn worsening_one_input_never_loses_a_condition(before in cases(), step in steps()) {
        if let Some(after) = step.apply(&before) {
            let codes = |answer: &PrecheckOutcome| answer.conditions.iter().map(|condition| condition.code).collect::<Vec<_>>();
            let (first, second) = (before.run(), after.run());
            // A condition of a check may disappear if the check's outcome got worse.
            let replaced = first.checks.iter().zip(&second.checks).filter(|(was, is)| is.outcome() < was.outcome());
            let replaced = replaced.flat_map(|(was, _)| was.codes().collect::<Vec<_>>());
            let lines = replaced.filter_map(|code| before.policy.line_for(code, first.circumstances));
            let gone: Vec<_> = lines.flat_map(|line| line.conditions.iter().map(|condition| condition.code)).collect();
            // A transfer that may not proceed anyway gets other conditions.
            let stopped = second.recommendation <= Recommendation::Hold;
            let (asked, left) = (codes(&first), codes(&second));
            prop_assert!(
                stopped || asked.iter().all(|code| left.contains(code) || gone.contains(code)),
                "{step:?}: {asked:?} became {left:?}: {:?} {:?}", first.reasons, second.reasons
            );
        }
    }

    /// The result of `Policy::looser_than` is useful only if it is true for whole answers.
    #[test]
    fn a_policy_that_is_not_looser_recommends_nothing_better(
        case in cases(),
        one in proptest::sample::subsequence(vec!["prohibited", "strength", "young", "verified"], 0..4),
        other in proptest::sample::subsequence(vec!["prohibited", "strength", "young", "verified"], 0..4),
    ) {
        let (one, other) = (policy_of(&one), policy_of(&other));
        if one.looser_than(&other).is_empty() {
            let by = |policy: Policy| Case { policy, ..case.clone() }.run().recommendation;
            prop_assert!(by(one) <= by(other));
        }
    }

    #[test]
    fn the_same_input_gives_the_same_answer_whatever_the_order_of_facts(case in cases()) {
        let mut turned = case.clone();
        turned.records.reverse();
        turned.screening.lists.reverse();
        prop_assert_eq!(turned.run(), case.run());
    }

    /// Source: 31 CFR 515.201; docs/screening.md, "Embargoes".
    #[test]
    fn an_embargo_rejects_whatever_else_is_so(case in cases(), incoming in any::<bool>()) {
        let case = Case { originator: regime("US", TravelRuleStatus::InForce), incoming, ..case };
        let embargoed = Case { customer_country: Some(country("CU")), ..case.clone() };
        let before_it = Case { date: date("1963-07-07"), ..embargoed.clone() };

        prop_assert_eq!(embargoed.run().recommendation, Recommendation::Reject);
        prop_assert!(before_it.run().checks[4].codes().all(|code| code != CheckCode::JurisdictionEmbargoed));
    }

    /// Source: docs/prechecks.md, "What to do with an answer". An owner that is no VASP at all is judged by other rules, not by worse ones.
    #[test]
    fn what_a_brand_is_never_improves_the_recommendation(case in cases(), kind in 0usize..4, sure in proptest::option::of(0u8..=100)) {
        let brand = Brand { key: "x".into(), kind: BrandKind::ALL[kind], since: None, label_confidence: sure, source: "x".into() };
        let mut told = case.clone();
        for one in [id(1), id(11)] {
            told.elsewhere.entry(one).or_default().brand = Some(brand.clone().into());
        }

        prop_assert!(told.run().recommendation <= case.run().recommendation, "{:?}", told.run().reasons);
    }

    /// Source: docs/policies.md, the table of consequences.
    #[test]
    fn what_is_asked_for_is_never_an_empty_list(case in cases()) {
        let answer = case.run();
        match answer.recommendation {
            Recommendation::Reject | Recommendation::Hold => prop_assert!(!answer.next_steps.is_empty(), "{:?}", answer.reasons),
            Recommendation::ProceedWithConditions => prop_assert!(!answer.conditions.is_empty(), "{:?}", answer.reasons),
            Recommendation::Proceed => prop_assert!(answer.conditions.is_empty() && answer.reasons.is_empty()),
        }
        prop_assert!(answer.reasons.iter().all(|reason| !reason.code.is_silenced()));
    }

    #[test]
    fn every_answer_has_thirteen_checks_and_the_worst_of_them(case in cases()) {
        let answer = case.run();
        let names: Vec<CheckName> = answer.checks.iter().map(CheckResult::check).collect();
        prop_assert_eq!(&names, &CheckName::ALL[..13]);
        let so = answer.circumstances;
        let silent = answer.counterparty.is_none() && answer.reasons.iter().any(|reason| !reason.silenced.is_empty());
        let of_transfer = answer.reasons.iter().map(|one| one.code).filter(|code| code.check() == CheckName::Transfer);
        let codes = answer.checks.iter().flat_map(CheckResult::codes).filter(|code| !(silent && code.is_silenced())).chain(of_transfer);
        let worst = codes.map(|code| case.policy.decide(code, so).recommendation()).min();
        let terms = answer.conditions.iter().any(Condition::is_of_terms);
        let least = if terms { Recommendation::ProceedWithConditions } else { Recommendation::Proceed };
        prop_assert_eq!(Some(answer.recommendation), worst.map(|worst| worst.min(least)));
        prop_assert_eq!(answer.counterparty.is_some() && answer.checks[1].code == CheckCode::IdentityNoCounterparty, false);
    }
}
