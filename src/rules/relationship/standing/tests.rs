//! Tests of what an entity inherits from its group, and of what applies after a merge of records.

use super::super::{Event, Made, Terms, TrackDecision};
use super::*;
use DueDiligenceStatus::{Approved, InProgress, NotStarted, Refused, Suspended, Terminated};

fn id(number: u8) -> VaspId {
    format!("vasp_0000000000000000000000000{number}").parse().unwrap()
}

fn day() -> Date {
    "2026-05-01".parse().unwrap()
}

fn with(vasp: u8, status: DueDiligenceStatus) -> Relationship {
    let by = "usr_00000000000000000000000001".parse().unwrap();
    let made = Made { event: Event::Approved, at: day().start(), by, reason: None };
    let rel = format!("rel_0000000000000000000000000{vasp}").parse().unwrap();
    let mut relationship = Relationship::begin(rel, id(vasp), made);
    let review_due = status.is_approval().then(|| "2026-12-31".parse().unwrap());
    relationship.travel_rule = TrackDecision { status, review_due, ..TrackDecision::default() };
    relationship
}

/// Entity 1 belongs to group 9, and record 2 was merged into it.
fn stands(kept: Vec<Relationship>) -> (DueDiligenceStatus, Option<VaspId>, Option<VaspId>) {
    let all: Relationships = kept.into_iter().collect();
    let standing = all.standing(&[id(1), id(2)], &[id(9)]);
    let deciding = standing.travel_rule.deciding(Track::TravelRule, day());
    (
        standing.travel_rule.status_on(Track::TravelRule, day()),
        deciding.and_then(|one| one.inherited_from),
        deciding.and_then(|one| one.merged_from),
    )
}

#[test]
fn an_entity_inherits_from_its_group_where_it_has_none_of_its_own() {
    assert_eq!(stands(vec![]), (NotStarted, None, None));
    assert_eq!(stands(vec![with(9, Approved)]), (Approved, Some(id(9)), None));
    assert_eq!(stands(vec![with(9, Refused)]), (Refused, Some(id(9)), None));
    assert_eq!(
        stands(vec![with(9, Approved), with(1, InProgress)]),
        (Approved, Some(id(9)), None),
        "nobody decided about it yet"
    );
    assert_eq!(stands(vec![with(9, InProgress)]), (NotStarted, None, None), "what is under way with the group is not with it");
}

#[test]
fn an_entitys_own_decision_counts_before_its_groups() {
    assert_eq!(stands(vec![with(9, Approved), with(1, Refused)]), (Refused, None, None));
    assert_eq!(stands(vec![with(9, Refused), with(1, Approved)]), (Approved, None, None));
}

#[test]
fn what_was_refused_ended_or_prohibited_is_declined_on_either_track_and_by_the_group() {
    let is_declined = |kept: Vec<Relationship>| {
        let all: Relationships = kept.into_iter().collect();
        all.standing(&[id(1), id(2)], &[id(9)]).is_declined()
    };
    let correspondent =
        |one: Relationship| Relationship { correspondent: one.travel_rule, travel_rule: TrackDecision::default(), ..one };

    assert!(is_declined(vec![with(1, Refused)]) && is_declined(vec![with(1, Terminated)]));
    assert!(is_declined(vec![correspondent(with(1, Terminated))]));
    assert!(is_declined(vec![with(9, Refused)]), "by the group");
    let prohibited = Terms { risk: Some(RiskRating::Prohibited), ..Terms::default() };
    assert!(is_declined(vec![Relationship { terms: prohibited, ..with(1, InProgress) }]));
    assert!(!is_declined(vec![with(9, Refused), with(1, Approved)]), "its own decision counts");
    assert!(!is_declined(vec![]) && !is_declined(vec![with(1, Suspended)]) && !is_declined(vec![with(1, InProgress)]));
}

/// A decision on an entity does not apply to its group.
#[test]
fn nothing_is_inherited_upwards() {
    let all: Relationships = [with(1, Approved)].into_iter().collect();

    let group = all.standing(&[id(9)], &[]);

    assert_eq!(group.travel_rule.status_on(Track::TravelRule, day()), NotStarted);
    assert!(group.travel_rule.applying.is_empty());
}

#[test]
fn of_two_records_that_were_merged_the_worse_counts() {
    assert_eq!(stands(vec![with(1, Approved), with(2, Suspended)]), (Suspended, None, Some(id(2))));
    assert_eq!(stands(vec![with(1, Suspended), with(2, Approved)]), (Suspended, None, None));
    assert_eq!(stands(vec![with(2, Approved)]), (Approved, None, Some(id(2))));
}
