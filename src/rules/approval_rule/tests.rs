//! Tests of whom a rule covers: all MiCA firms with custody, in the EEA, on no list, whose register is younger than 30 days. Whatever makes a
//! record worse never brings it into a rule.
//!
//! Source: docs/relationships.md, "Approval of many".

use std::sync::Arc;

use super::super::due_diligence::DueDiligenceStatus;
use super::super::elsewhere::JudgedVasp;
use super::super::lei_evidence::examples::record as lei_record;
use super::super::lei_evidence::{LeiFinding, LeiFindingCode, LeiWord};
use super::super::non_compliant::{MatchedBy, NonCompliantEntry, NonCompliantMatch};
use super::super::policy::{Policy, ScreeningPolicy};
use super::super::precheck::examples::{country, date, entity, name_hit, unlisted};
use super::super::protocol::Protocols;
use super::super::relationship::{Conditions, Event, Made, Relationship, TrackDecision};
use super::super::screening::ownership::{OwnershipScreening, Share};
use super::super::screening::{Hit, HitDecision};
use super::*;
use proptest::prelude::*;
use vasp_record::authority::{AuthorityEntry, Registration};
use vasp_record::licence::{Activity, Authority, PublishedStanding};
use vasp_record::vasp::{Vasp, VaspKind, VaspStatus};
use vasp_words::ids::VaspId;

/// The register of `examples` showed its licence on 26 April 2026.
const TODAY: &str = "2026-05-01";

fn criteria() -> Criteria {
    Criteria {
        regime: "MiCA".to_owned(),
        authorities: vec![],
        services: vec![Activity::Custody],
        territory: Territory::Eea,
        register_within_days: 30,
    }
}

/// A licensed firm in Ireland that was searched on all lists, and is on none.
fn firm() -> JudgedVasp {
    let mut firm = unlisted(entity(1));
    (firm.elsewhere.screening, firm.elsewhere.non_compliant) = (Some(vec![]), Some(vec![]));
    firm
}

/// The one authority of these tests.
fn authorities() -> Authorities {
    let authority = Authority { id: "IE-CBI".to_owned(), name: "Central Bank of Ireland".to_owned(), country: country("IE") };
    let entry = AuthorityEntry {
        authority: authority.into(),
        names: vec![],
        jurisdiction: None,
        regime: "MiCA".to_owned(),
        registration: Registration::Licence,
        register_page: None,
        spellings: vec![],
        source: "test".to_owned(),
    };
    Authorities::default().amended(vec![entry]).unwrap()
}

fn with(edit: impl FnOnce(&mut Vasp)) -> JudgedVasp {
    let mut firm = firm();
    edit(Arc::make_mut(&mut firm.record));
    firm
}

fn screening() -> ScreeningPolicy {
    Policy::embedded().unwrap().screening().clone()
}

fn unmet_on(criteria: &Criteria, vasp: &JudgedVasp, day: &str) -> Option<Unmet> {
    criteria.unmet(&Firm { vasp, own: vec![] }, &screening(), date(day))
}

fn unmet(vasp: &JudgedVasp) -> Option<Unmet> {
    unmet_on(&criteria(), vasp, TODAY)
}

fn non_compliant() -> NonCompliantMatch {
    let entry = NonCompliantEntry {
        authority: "AFM".into(),
        home_state: None,
        name: "Entity".into(),
        lei: None,
        country: None,
        commercial_names: vec![],
        hosts: [].into(),
        infringement: None,
        reason: None,
        decided_on: None,
        comments: None,
        updated_on: None,
    };
    let (list, source) = ("EU-ESMA-NCASP".into(), "NCASP20260130.csv".into());
    NonCompliantMatch { matched_by: MatchedBy::Name, entry, list, place: 1, source, as_of: date("2026-01-30") }
}

#[test]
fn a_firm_that_meets_all_criteria_is_covered() {
    assert_eq!(unmet(&firm()), None);
    assert_eq!(unmet(&with(|record| record.status = VaspStatus::Verified)), None);
}

#[test]
fn each_criterion_leaves_out_whom_it_names() {
    for (record, why) in [
        (with(|record| record.kind = VaspKind::Group), Unmet::OtherKind),
        (with(|record| record.licences.clear()), Unmet::OtherKind),
        (with(|record| record.licences[0].regime = "VARA".into()), Unmet::OtherKind),
        (with(|record| record.country = Some(country("CH"))), Unmet::Elsewhere),
        (with(|record| record.country = None), Unmet::Elsewhere),
        (with(|record| record.status = VaspStatus::Suspended), Unmet::NotLive),
        (with(|record| record.status = VaspStatus::Draft), Unmet::NotLive),
        (with(|record| record.licences[0].standing = PublishedStanding::Withdrawn), Unmet::LicenceWithdrawn),
        (with(|record| record.licences[0].standing = PublishedStanding::Suspended), Unmet::LicenceWithdrawn),
        (with(|record| record.licences[0].valid_to = Some(date(TODAY))), Unmet::NotInForce),
        (with(|record| record.licences[0].listed = false), Unmet::NotInForce),
        (with(|record| record.licences[0].activities[0].activity = Activity::Advice), Unmet::ServiceMissing),
        (with(|record| record.licences[0].last_seen = None), Unmet::RegisterOld),
    ] {
        assert_eq!(unmet(&record), Some(why), "{record:?}");
    }
    let mut second = entity(1).licences[0].clone();
    second.standing = PublishedStanding::Withdrawn;
    assert_eq!(unmet(&with(|record| record.licences.push(second))), Some(Unmet::LicenceWithdrawn), "another one is withdrawn");
}

#[test]
fn liechtenstein_is_in_the_eea_and_not_in_the_eu() {
    let record = with(|record| record.country = Some(country("LI")));
    let of = |territory| unmet_on(&Criteria { territory, ..criteria() }, &record, TODAY);
    assert_eq!(
        (of(Territory::Eea), of(Territory::Eu), of(Territory::Home)),
        (None, Some(Unmet::Elsewhere), Some(Unmet::Elsewhere))
    );
}

#[test]
fn only_the_named_authorities_count() {
    let of = |id: &str| unmet_on(&Criteria { authorities: vec![id.to_owned()], ..criteria() }, &firm(), TODAY);
    assert_eq!((of("IE-CBI"), of("DE-BAFIN")), (None, Some(Unmet::OtherKind)));
}

#[test]
fn a_register_of_30_days_is_not_younger_than_30_days() {
    // The register showed it on 26 April.
    assert_eq!(unmet_on(&criteria(), &firm(), "2026-05-25"), None);
    assert_eq!(unmet_on(&criteria(), &firm(), "2026-05-26"), Some(Unmet::RegisterOld));
}

#[test]
fn who_is_on_a_list_or_was_never_searched_is_not_covered() {
    let listed = |hit: Hit| {
        let mut firm = firm();
        firm.elsewhere.screening = Some(vec![hit]);
        unmet(&firm)
    };
    let possible = screening().name_score.possible;
    assert_eq!(listed(name_hit("Entity 1 Limited")), Some(Unmet::Listed));
    assert_eq!(listed(Hit { score: possible, ..name_hit("Entity") }), Some(Unmet::Listed));
    assert_eq!(listed(Hit { score: possible - 1, ..name_hit("Entity") }), None, "a faint likeness has no consequence");
    let cleared_by_registry = Hit { decision: HitDecision::FalsePositive(date(TODAY)), ..name_hit("Entity") };
    assert_eq!(listed(cleared_by_registry), Some(Unmet::Listed), "the registry's decision clears nothing for the organisation");
    let true_match = Hit { decision: HitDecision::TrueMatch(date(TODAY)), score: 1, ..name_hit("Entity") };
    assert_eq!(listed(true_match), Some(Unmet::Listed));

    let mut named = firm();
    named.elsewhere.non_compliant = Some(vec![non_compliant()]);
    assert_eq!(unmet(&named), Some(Unmet::NonCompliant));
    assert_eq!(unmet(&unlisted(entity(1))), Some(Unmet::NotSearched));
}

/// Makes a record worse in one way.
fn worsen(firm: &mut JudgedVasp, how: u8) {
    let record = Arc::make_mut(&mut firm.record);
    let licence = record.licences.first_mut();
    match how {
        0 => record.status = VaspStatus::Suspended,
        1 => record.status = VaspStatus::Revoked,
        2 => record.country = None,
        3 => record.licences.truncate(record.licences.len().saturating_sub(1)),
        4 => firm.elsewhere.screening.get_or_insert_default().push(name_hit("Entity")),
        5 => firm.elsewhere.non_compliant.get_or_insert_default().push(non_compliant()),
        6 => firm.elsewhere.screening = None,
        7 => firm.elsewhere.non_compliant = None,
        _ => {
            let Some(licence) = licence else { return };
            match how {
                8 => licence.standing = PublishedStanding::Withdrawn,
                9 => licence.standing = PublishedStanding::Suspended,
                10 => licence.listed = false,
                11 => licence.valid_to = Some(date("2026-04-01")),
                12 => licence.last_seen = licence.last_seen.map(|seen| seen.min(date("2026-03-01"))),
                13 => licence.last_seen = None,
                14 => licence.activities.clear(),
                _ => licence.valid_from = Some(date("2027-01-01")),
            }
        }
    }
}

fn any_firm() -> impl Strategy<Value = JudgedVasp> {
    let statuses = prop::sample::select(vec![VaspStatus::Listed, VaspStatus::Verified, VaspStatus::Suspended]);
    let countries = prop::sample::select(vec!["IE", "LI", "CH"]);
    let regimes = prop::sample::select(vec!["MiCA", "VARA"]);
    let seen = prop::sample::select(vec!["2026-01-01", "2026-04-02", "2026-04-30"]);
    let licences = prop::collection::vec((regimes, seen), 0..3);
    (statuses, countries, licences, 0..17_u8, 0..17_u8).prop_map(|(status, place, licences, first, second)| {
        let template = entity(1).licences[0].clone();
        let mut firm = with(|record| {
            (record.status, record.country) = (status, Some(country(place)));
            record.licences = licences
                .iter()
                .map(|(regime, seen)| {
                    let mut licence = template.clone();
                    (licence.regime, licence.last_seen) = ((*regime).into(), Some(date(seen)));
                    licence
                })
                .collect();
        });
        // 16 changes nothing.
        for how in [first, second].into_iter().filter(|how| *how < 16) {
            worsen(&mut firm, how);
        }
        firm
    })
}

proptest! {
    /// Worse never helps: listed, withdrawn, off the register, an older look at the register.
    #[test]
    fn no_worsening_brings_a_firm_into_a_rule(before in any_firm(), how in 0..16_u8, days in 1..60_u16) {
        let criteria = Criteria { register_within_days: days, ..criteria() };
        let mut after = before.clone();
        worsen(&mut after, how);
        if unmet_on(&criteria, &before, TODAY).is_some() && !is_better(&before, &after) {
            prop_assert!(unmet_on(&criteria, &after, TODAY).is_some(), "{how}");
        }
        let stricter = Criteria { register_within_days: days.saturating_sub(1).max(1), ..criteria.clone() };
        if unmet_on(&stricter, &before, TODAY).is_none() {
            prop_assert_eq!(unmet_on(&criteria, &before, TODAY), None);
        }
    }

    /// As time passes, a firm of which nothing is learnt can only leave.
    #[test]
    fn time_alone_brings_no_firm_with_a_running_licence_into_a_rule(firm in any_firm(), days in 0..200_u32) {
        let later = date(TODAY).start().plus_secs(i64::from(days) * 86_400).date();
        let now = criteria().unmet(&Firm { vasp: &firm, own: vec![] }, &screening(), date(TODAY));
        let has_future = firm.record.licences.iter().any(|one| one.valid_from > Some(date(TODAY)));
        if now.is_some() && !has_future {
            let then = criteria().unmet(&Firm { vasp: &firm, own: vec![] }, &screening(), later);
            prop_assert!(then.is_some());
        }
    }
}

/// A list that was never searched is worse than one that was; and of a firm whose withdrawn licence vanishes, nothing is known against it any
/// more. Neither makes a record worse.
fn is_better(before: &JudgedVasp, after: &JudgedVasp) -> bool {
    let gone = |firm: &JudgedVasp| firm.record.licences.iter().filter(|one| one.standing != PublishedStanding::Granted).count();
    let searched = |firm: &JudgedVasp| (firm.elsewhere.screening.is_some(), firm.elsewhere.non_compliant.is_some());
    gone(after) < gone(before) || searched(after) > searched(before)
}

fn approval() -> Approval {
    let travel_rule = TrackChange {
        status: DueDiligenceStatus::Approved,
        review_due: Some(date("2027-04-30")),
        conditions: Conditions::default(),
        terminated_for_aml: None,
    };
    let terms = Terms { risk: Some(crate::relationship::RiskRating::Low), ..Terms::default() };
    Approval { criteria: criteria(), travel_rule, terms: Some(terms) }
}

fn id(number: u8) -> VaspId {
    format!("vasp_0000000000000000000000000{number}").parse().unwrap()
}

fn relationship(edit: impl FnOnce(&mut Relationship)) -> Relationship {
    let by = "usr_00000000000000000000000001".parse().unwrap();
    let made = Made { event: Event::Approved, at: date(TODAY).start(), by, reason: None };
    let mut one = Relationship::begin("rel_00000000000000000000000001".parse().unwrap(), id(1), made);
    edit(&mut one);
    one
}

fn rule() -> ApprovalRule {
    ApprovalRule {
        id: "apr_00000000000000000000000001".parse().unwrap(),
        approval: approval(),
        reason: "looked at".to_owned(),
        decided_at: date(TODAY).start(),
        decided_by: vec![],
        members: vec![id(1)],
        left: vec![],
        set_aside: vec![],
        ended: None,
    }
}

fn hindered(approval: &Approval, own: &[&Relationship], group: &[&Relationship]) -> Option<String> {
    let (policy, protocols) = (Policy::embedded().unwrap(), Protocols::embedded().unwrap());
    let rules = [rule()];
    let party = Party { own: own.to_vec(), group: group.to_vec(), rules: &rules };
    let blank = relationship(|_| ());
    hindrance(approval, "x", &party, &blank, (policy.relationships(), &protocols), date(TODAY))
}

fn decided(status: DueDiligenceStatus, by_rule: bool) -> Relationship {
    let review_due = status.is_approval().then(|| date("2027-04-30"));
    relationship(|one| {
        one.travel_rule = TrackDecision { status, review_due, ..TrackDecision::default() };
        one.travel_rule.by_rule = by_rule.then(|| rule().id);
        one.version = 1;
    })
}

#[test]
fn a_rule_overrules_no_decision_about_one_firm() {
    use DueDiligenceStatus::{Approved, ApprovedWithConditions, InProgress, Refused, Suspended, Terminated};
    assert_eq!(hindered(&approval(), &[], &[]), None);
    assert_eq!(hindered(&approval(), &[&decided(InProgress, false)], &[]), None);
    for status in [Approved, ApprovedWithConditions, Suspended, Refused, Terminated] {
        assert!(hindered(&approval(), &[&decided(status, false)], &[]).is_some(), "{status}");
    }
    assert!(hindered(&approval(), &[], &[&decided(Refused, false)]).is_some(), "its group is refused");
    assert_eq!(hindered(&approval(), &[], &[&decided(Approved, false)]), None);
    let waits = relationship(|one| (one.made.event, one.version) = (Event::Proposed, 1));
    assert!(hindered(&approval(), &[&waits], &[]).is_some(), "a proposal about it waits");
    let own_terms = relationship(|one| one.terms.agreement_reference = Some("A-1".to_owned()));
    assert!(hindered(&approval(), &[&own_terms], &[]).is_some());
    let two = [&decided(InProgress, false), &decided(InProgress, false)];
    assert!(hindered(&approval(), &two, &[]).is_some(), "merged records");
}

#[test]
fn a_firm_of_another_rule_can_move_and_one_that_was_restricted_cannot() {
    use DueDiligenceStatus::{Approved, ApprovedWithConditions};
    let mut longer = approval();
    longer.travel_rule.review_due = Some(date("2027-05-01"));
    let mut of_rule = decided(Approved, true);
    of_rule.terms = approval().terms.unwrap();
    assert_eq!(hindered(&longer, &[&of_rule], &[]), None);
    let mut narrowed = decided(ApprovedWithConditions, true);
    narrowed.travel_rule.conditions.first_party_only = true;
    assert!(hindered(&longer, &[&narrowed], &[]).is_some());
}

/// A single approval without what the policy requires is refused; so is one by a rule.
#[test]
fn a_rule_is_not_weaker_than_a_single_approval() {
    let unrated = Approval { terms: None, ..approval() };
    assert!(hindered(&unrated, &[], &[]).unwrap().contains("policy requires"));
    let mut late = approval();
    late.travel_rule.review_due = Some(date("2027-05-03"));
    assert!(hindered(&late, &[], &[]).is_some());
}

#[test]
fn what_is_said_of_one_firm_is_no_part_of_a_rule() {
    let with = |edit: fn(&mut Terms)| {
        let mut one = approval();
        edit(one.terms.as_mut().unwrap());
        one.check(&authorities()).is_err()
    };
    assert!(approval().check(&authorities()).is_ok());
    assert!(with(|terms| terms.questionnaire_version = Some(1)));
    let mut refusing = approval();
    refusing.travel_rule.status = DueDiligenceStatus::Refused;
    assert!(refusing.check(&authorities()).is_err());
    let edits: [fn(&mut Criteria); 7] = [
        |of| of.services.clear(),
        |of| of.services.push(Activity::Custody),
        |of| of.register_within_days = 0,
        |of| of.register_within_days = 1_001,
        |of| of.regime = " ".to_owned(),
        |of| of.authorities = vec!["IE-CBI".to_owned(), "IE-CBI".to_owned()],
        |of| of.authorities = vec!["DE-BAFIN".to_owned()],
    ];
    for edit in edits {
        let mut wrong = criteria();
        edit(&mut wrong);
        assert!(wrong.check(&authorities()).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_regime_that_no_authority_has_is_refused_with_those_that_are_known() {
    let wrong = Criteria { regime: "XYZ".to_owned(), ..criteria() };

    let ChangeFault::Member { pointer, detail, .. } = wrong.check(&authorities()).unwrap_err() else { panic!("{wrong:?}") };

    assert_eq!(pointer, "/criteria/regime");
    assert!(detail.ends_with("known are: MiCA"), "{detail}");
}

#[test]
fn a_firm_whose_lei_is_over_is_not_covered() {
    let with = |code| {
        let mut firm = firm();
        let finding = LeiFinding { code, detail: String::new(), observed_on: date(TODAY) };
        let (record, source) = (Arc::new(lei_record()), "gleif".to_owned());
        firm.elsewhere.lei = Some(LeiWord { record, source, observed_on: date(TODAY), findings: vec![finding] });
        unmet(&firm)
    };
    assert_eq!(with(LeiFindingCode::RegistrationOver), Some(Unmet::LeiOver));
    assert_eq!(with(LeiFindingCode::EntityInactive), Some(Unmet::LeiOver));
    assert_eq!(with(LeiFindingCode::RegistrationLapsed), None, "a missed renewal only warns");
}

#[test]
fn a_firm_that_listed_persons_own_or_may_own_is_not_covered() {
    let owned = |basis_points, score| {
        let share = Share { owner: "X".to_owned(), owned: "SELF".to_owned(), basis_points };
        let listed = [("X".to_owned(), vec![Hit { score, ..name_hit("X") }])].into();
        let chain = OwnershipScreening { subject: "SELF".to_owned(), shares: vec![share], listed };
        Unmet::of_owners(&chain, &screening())
    };
    let possible = screening().name_score.possible;
    assert_eq!(owned(5_000, 100), Some(Unmet::OwnersListed));
    assert_eq!(owned(5_000, possible), Some(Unmet::OwnersListed));
    assert_eq!(owned(100, 100), Some(Unmet::OwnersListed), "nobody knows who owns the rest");
    assert_eq!(owned(10_000, possible - 1), None, "a faint likeness has no consequence");
    assert_eq!(owned(10_001, 100), Some(Unmet::OwnersListed), "the chain is inconsistent");
}

#[test]
fn who_leaves_a_rule_does_not_come_back_by_itself() {
    let mut one = rule();
    let is = |number: u8| move |vasp: VaspId| vasp == id(number);
    assert_eq!(one.lapse(is(1), None), None);
    assert!(one.lapse(is(1), Some(Unmet::Listed)).unwrap().contains("screening list"));
    assert!(one.lapse(is(2), None).is_some(), "it was never approved");

    one.release(vec![Left { vasp: id(1), at: date("2026-05-02").start(), why: Unmet::RegisterOld }]);
    assert!(one.lapse(is(1), None).unwrap().contains("2026-05-02"), "it meets the rule again, and two people must approve it");
    one.admit(&[id(1)]);
    assert_eq!((one.lapse(is(1), None), one.left.len()), (None, 0));

    let by = "usr_00000000000000000000000001".parse().unwrap();
    one.ended = Some(RuleEnd { at: date("2026-05-03").start(), by, reason: "x".to_owned() });
    assert!(one.lapse(is(1), None).unwrap().contains("ended"));
    assert!(!one.is_in_force(date("2026-05-03")));
    assert!(rule().is_in_force(date("2027-04-30")) && !rule().is_in_force(date("2027-05-01")));
}
