//! Tests of the examples that OFAC published, and of the cases that they leave open.
//!
//! Source: OFAC FAQ 401 (13 August 2014), examples 1 to 5; FAQ 399 for owners under different programmes.

use super::super::{HitDecision, Matched};
use super::*;
use proptest::prelude::*;

fn hit(list: &str) -> Hit {
    Hit {
        list: list.into(),
        family: list.into(),
        uid: "1".into(),
        name: "BLOCKED".into(),
        programs: vec!["SDGT".into()],
        matched: Matched::Name("Blocked".into()),
        listed: "BLOCKED".into(),
        score: 100,
        entry_sha256: String::new(),
        beside: Default::default(),
        means: Default::default(),
        decision: HitDecision::Open,
        own: HitDecision::Open,
    }
}

/// A chain from `(owner, owned, percent)`; the parties in `listed` are on a list.
fn chain(subject: &str, listed: &[&str], shares: &[(&str, &str, u32)]) -> OwnershipScreening {
    let share = |(owner, owned, percent): &(&str, &str, u32)| Share {
        owner: (*owner).into(),
        owned: (*owned).into(),
        basis_points: percent * 100,
    };
    OwnershipScreening {
        subject: subject.into(),
        shares: shares.iter().map(share).collect(),
        listed: listed.iter().map(|key| ((*key).to_owned(), vec![hit("L")])).collect(),
    }
}

#[test]
fn shares_of_blocked_persons_are_added_through_what_they_block() {
    for (name, subject, listed, shares, percent) in [
        ("example 1: half of a blocked half", "B", &["X"][..], &[("X", "A", 50), ("A", "B", 50)][..], 50),
        ("example 2: two quarters", "C", &["X"], &[("X", "A", 50), ("X", "B", 50), ("A", "C", 25), ("B", "C", 25)], 50),
        ("example 3: direct and indirect", "B", &["X"], &[("X", "A", 50), ("X", "B", 10), ("A", "B", 40)], 50),
        ("example 4: by one not blocked", "C", &["X"], &[("X", "A", 50), ("X", "B", 25), ("A", "C", 25), ("B", "C", 25)], 25),
        ("example 5: nobody is blocked", "C", &["X"], &[("X", "A", 25), ("X", "B", 25), ("A", "C", 50), ("B", "C", 50)], 0),
        ("two programmes", "A", &["X", "Y"], &[("X", "A", 25), ("Y", "A", 25)], 50),
        ("two programmes, less", "A", &["X", "Y"], &[("X", "A", 25), ("Y", "A", 24)], 49),
    ] {
        let judged = chain(subject, listed, shares).judge(|_| true).unwrap();

        assert_eq!((judged.basis_points, judged.blocks()), (percent * 100, percent >= 50), "{name}: {judged:?}");
    }
}

#[test]
fn only_what_counts_blocks() {
    let mut chain = chain("A", &["X"], &[("X", "A", 60)]);
    chain.listed.insert("X".into(), vec![hit("EU")]);

    assert!(chain.judge(|hit| hit.list == "EU").unwrap().blocks());
    assert!(!chain.judge(|hit| hit.list == "US").unwrap().blocks());
}

#[test]
fn circles_and_own_shares_end() {
    let judged = chain("A", &["X"], &[("X", "A", 30), ("B", "A", 30), ("A", "B", 100), ("A", "A", 40)]).judge(|_| true).unwrap();

    assert_eq!((judged.basis_points, judged.blocks()), (3_000, false));
    let both = chain("A", &["X"], &[("X", "B", 50), ("A", "B", 50), ("B", "A", 60)]).judge(|_| true).unwrap();
    assert_eq!((both.basis_points, both.blocked), (6_000, BTreeSet::from(["B".to_owned(), "X".to_owned()])));
}

#[test]
fn what_nobody_is_named_for_may_be_theirs() {
    let judged = |share| chain("A", &["X"], &[("X", "A", share), ("Y", "A", 20)]).judge(|_| true).unwrap();

    assert!(judged(10).may_block(), "10 of 30 are known to be theirs, 70 are nobody's");
    assert!(!judged(50).may_block(), "it is certain");
    assert!(!chain("A", &[], &[("Y", "A", 20)]).judge(|_| true).unwrap().may_block());
}

#[test]
fn more_than_the_whole_is_refused() {
    let error = chain("A", &["X"], &[("X", "A", 60), ("Y", "A", 41)]).judge(|_| true).unwrap_err();
    assert!(error.to_string().contains("10100 hundredths"), "{error}");
}

proptest! {
    /// One more listed owner never reduces what is blocked.
    #[test]
    fn more_listed_owners_never_block_less(
        shares in proptest::collection::vec((0u8..6, 0u8..6, 0u32..34), 0..12),
        listed in proptest::collection::vec(0u8..6, 0..4),
        another in 0u8..6,
    ) {
        let name = |number: &u8| number.to_string();
        let mut known = OwnershipScreening { subject: "0".into(), ..OwnershipScreening::default() };
        known.shares = shares.iter().map(|(owner, owned, percent)| Share { owner: name(owner), owned: name(owned), basis_points: percent * 100 }).collect();
        known.listed = listed.iter().map(|owner| (name(owner), vec![hit("L")])).collect();
        let mut more = known.clone();
        more.listed.insert(name(&another), vec![hit("L")]);

        if let (Ok(before), Ok(after)) = (known.judge(|_| true), more.judge(|_| true)) {
            prop_assert!(after.basis_points >= before.basis_points && before.blocked.is_subset(&after.blocked));
        }
    }
}
