//! Tests of the allowed steps, of the checks of a change, and of which changes need two people.
//!
//! Source: docs/relationships.md, "Deciding".

use super::super::super::policy::Policy;
use super::super::{Event, Limits};
use super::*;
use DueDiligenceStatus::{Approved, ApprovedWithConditions, Expired, InProgress, NotStarted, Refused, Suspended, Terminated};
use proptest::prelude::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn policy() -> RelationshipPolicy {
    Policy::embedded().unwrap().relationships().clone()
}

fn made() -> Made {
    let by = "usr_00000000000000000000000001".parse().unwrap();
    Made { event: Event::Approved, at: day("2026-05-01").start(), by, reason: None }
}

/// A relationship with this status on its Travel Rule track; an approval is valid through May 2026.
fn standing(status: DueDiligenceStatus) -> Relationship {
    let ids = ("rel_00000000000000000000000001".parse().unwrap(), "vasp_00000000000000000000000001".parse().unwrap());
    let mut relationship = Relationship::begin(ids.0, ids.1, made());
    let (stored, due) = match status {
        Expired => (Approved, Some(day("2026-04-30"))),
        Approved | ApprovedWithConditions => (status, Some(day("2026-05-31"))),
        _ => (status, None),
    };
    let conditions = Conditions { first_party_only: status == ApprovedWithConditions, ..Conditions::default() };
    relationship.travel_rule = TrackDecision { status: stored, review_due: due, conditions, ..TrackDecision::default() };
    relationship.terms.risk = Some(RiskRating::Medium);
    relationship
}

fn change(status: DueDiligenceStatus) -> Change {
    let approval = status.is_approval();
    let track = TrackChange {
        status,
        review_due: approval.then(|| day("2026-05-31")),
        conditions: Conditions { first_party_only: status == ApprovedWithConditions, ..Conditions::default() },
        terminated_for_aml: (status == Terminated).then_some(false),
    };
    Change { travel_rule: Some(track), reason: "because".to_owned(), ..Change::default() }
}

const TODAY: &str = "2026-05-01";

fn check(change: &Change, of: &Relationship) -> Result<(), ChangeFault> {
    change.check(of, (&policy(), &Protocols::embedded().unwrap()), day(TODAY))
}

/// The table of steps: the rows are the present status, the columns the next status.
#[test]
fn every_step_is_allowed_or_refused_as_the_table_says() {
    let columns = [InProgress, Approved, ApprovedWithConditions, Suspended, Refused, Terminated];
    let table = [
        (NotStarted, [true, true, true, false, true, false]),
        (InProgress, [false, true, true, false, true, false]),
        (Approved, [false, false, true, true, false, true]),
        (ApprovedWithConditions, [false, true, false, true, false, true]),
        (Expired, [true, true, true, true, true, true]),
        (Suspended, [true, true, true, false, true, true]),
        (Refused, [true, false, false, false, false, false]),
        (Terminated, [true, false, false, false, false, false]),
    ];
    for (from, row) in table {
        for (to, allowed) in columns.into_iter().zip(row) {
            // The same approval again changes nothing, so it is refused.
            assert_eq!(check(&change(to), &standing(from)).is_ok(), allowed, "{from:?} → {to:?}");
        }
    }
    for told in [NotStarted, Expired] {
        assert!(matches!(check(&change(told), &standing(InProgress)), Err(ChangeFault::Member { .. })), "{told:?}");
    }
}

/// One person may restrict, with immediate effect. Approving and loosening take two.
#[test]
fn restricting_takes_one_and_loosening_two() {
    let loosens = |from, change: &Change| change.loosens(&standing(from), day(TODAY));

    for (from, to) in [(Approved, Suspended), (Approved, Terminated), (NotStarted, Refused), (Approved, ApprovedWithConditions)] {
        assert!(!loosens(from, &change(to)), "{from:?} → {to:?}");
    }
    assert!(!loosens(NotStarted, &change(InProgress)), "nothing is allowed by it");
    for (from, to) in [
        (NotStarted, Approved),
        (Expired, Approved),
        (Suspended, InProgress),
        (Refused, InProgress),
        (ApprovedWithConditions, Approved),
    ] {
        assert!(loosens(from, &change(to)), "{from:?} → {to:?}");
    }
    let mut longer = change(ApprovedWithConditions);
    longer.travel_rule.as_mut().unwrap().review_due = Some(day("2026-06-01"));
    assert!(loosens(Approved, &longer), "a later review loosens, whatever else is added");
    let mut added = change(ApprovedWithConditions);
    added.travel_rule.as_mut().unwrap().conditions.proof_of_control = true;
    assert!(!loosens(ApprovedWithConditions, &added));
    let agreement = Terms { agreement_reference: Some("A-1".to_owned()), risk: Some(RiskRating::Medium), ..Terms::default() };
    let agreement = Change { terms: Some(agreement), reason: "x".to_owned(), ..Change::default() };
    assert!(loosens(Approved, &agreement), "an approval rests on it");
    assert!(!loosens(InProgress, &agreement));
}

fn fault(change: &Change, of: &Relationship) -> (String, &'static str) {
    match check(change, of) {
        Err(ChangeFault::Member { pointer, code, .. }) => (pointer, code),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_approval_needs_a_review_date_and_what_the_policy_asks_for() {
    let of = standing(NotStarted);
    let edited = |edit: &dyn Fn(&mut TrackChange)| {
        let mut approve = change(Approved);
        edit(approve.travel_rule.as_mut().unwrap());
        fault(&approve, &of)
    };
    let due = "/travel_rule/review_due".to_owned();
    assert_eq!(edited(&|track| track.review_due = None), (due.clone(), "missing_member"));
    assert_eq!(edited(&|track| track.review_due = Some(day("2026-04-30"))), (due.clone(), "invalid_value"));
    assert_eq!(edited(&|track| track.review_due = Some(day("2027-05-03"))), (due, "invalid_value"));
    assert_eq!(edited(&|track| track.terminated_for_aml = Some(true)).0, "/travel_rule/terminated_for_aml");
    let mut silent = change(Terminated);
    silent.travel_rule.as_mut().unwrap().terminated_for_aml = None;
    let refused = fault(&silent, &standing(Approved));
    assert_eq!(refused, ("/travel_rule/terminated_for_aml".to_owned(), "missing_member"), "AMLD Art. 19b: it is documented");
    assert_eq!(edited(&|track| track.conditions.proof_of_control = true).0, "/travel_rule/conditions");
    let mut bare = change(ApprovedWithConditions);
    bare.travel_rule.as_mut().unwrap().conditions = Conditions::default();
    assert_eq!(fault(&bare, &of), ("/travel_rule/conditions".to_owned(), "missing_member"));
    let unrated = Change { terms: Some(Terms::default()), ..change(Approved) };
    assert_eq!(fault(&unrated, &of), ("/terms/risk".to_owned(), "missing_member"));
    let prohibited = Terms { risk: Some(RiskRating::Prohibited), ..Terms::default() };
    assert_eq!(fault(&Change { terms: Some(prohibited), ..change(Approved) }, &of), ("/terms/risk".to_owned(), "invalid_value"));
    let correspondent = Change { travel_rule: None, correspondent: change(Approved).travel_rule, ..change(Approved) };
    assert_eq!(fault(&correspondent, &of), ("/terms/responsibilities".to_owned(), "missing_member"), "AMLD Art. 19b(e)");
    assert_eq!(fault(&Change { reason: " ".to_owned(), ..change(Approved) }, &of).0, "/reason");
    assert_eq!(fault(&Change { reason: "x".to_owned(), ..Change::default() }, &of), (String::new(), "missing_member"));
}

#[test]
fn an_approval_counts_through_its_review_date() {
    let approved = standing(Approved).travel_rule;
    assert_eq!(approved.status_on(day("2026-05-31")), Approved);
    assert_eq!(approved.status_on(day("2026-06-01")), Expired);
    assert_eq!(TrackDecision { review_due: None, ..approved }.status_on(day(TODAY)), Expired, "never without a date");
}

fn statuses() -> impl Strategy<Value = DueDiligenceStatus> {
    proptest::sample::select(DueDiligenceStatus::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// A change that one person may make alone never allows more than before.
    #[test]
    fn what_does_not_loosen_leaves_no_status_or_limit_better(
        from in statuses(), to in statuses(), first_party in any::<bool>(), was in 1u32..5, now in proptest::option::of(1u32..5),
    ) {
        let limited = |amount: Option<u32>| {
            let money = |n: u32| vasp_words::money::Money { amount: n.to_string().parse().unwrap(), currency: "EUR".parse().unwrap() };
            Terms { risk: Some(RiskRating::Medium), limits: Limits { per_transfer: amount.map(money), ..Limits::default() }, ..Terms::default() }
        };
        let mut of = standing(from);
        of.terms = limited(Some(was));
        let mut wanted = Change { terms: Some(limited(now)), ..change(to) };
        wanted.travel_rule.as_mut().unwrap().conditions.first_party_only |= first_party && to == ApprovedWithConditions;
        if check(&wanted, &of).is_err() || wanted.loosens(&of, day(TODAY)) {
            return Ok(());
        }

        let after = wanted.carried_out(&of, (vec![], false), made());

        let status = |of: &Relationship| of.travel_rule.status_on(day(TODAY));
        prop_assert!(status(&after).class() <= status(&of).class());
        prop_assert!(now.is_some_and(|now| now <= was));
        prop_assert!(!(of.travel_rule.conditions.first_party_only && status(&after).is_approval()) || after.travel_rule.conditions.first_party_only);
    }
}
