//! Tests of the picks, outcomes and bounds of spot checks.

use super::*;
use crate::network::NetworkTable;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

fn batch(size: u32) -> FixedBatch {
    FixedBatch { digest: [7; 32], size }
}

fn draw(size: u32, count: u32, seed: u64) -> Result<SpotCheck, SpotCheckError> {
    SpotCheck::draw(batch(size), count, &mut ChaCha8Rng::seed_from_u64(seed))
}

#[test]
fn bounds_are_the_exact_ones() {
    // By hand: of 10 with 5 picked, 3 uncontrolled pass in C(7,5)/C(10,5) = 21/252 = 8.3 %, 4 in 6/252 = 2.4 %; of 20 with
    // 10 picked, 3 in C(17,10)/C(20,10) = 19448/184756 = 10.5 %, 4 in 8008/184756 = 4.3 %.
    assert_eq!(uncontrolled_at_most(10, 5), 3);
    assert_eq!(uncontrolled_at_most(20, 10), 3);
    // By Python's fractions and math.comb over every b.
    for (n, k, b) in [
        (1, 1, 0),
        (10, 1, 9),
        (10, 10, 0),
        (100, 10, 24),
        (100, 30, 8),
        (100, 59, 3),
        (100, 95, 1),
        (1000, 59, 48),
        (10_000, 300, 97),
    ] {
        assert_eq!(uncontrolled_at_most(n, k), b, "{n} {k}");
    }
    assert_eq!(uncontrolled_at_most(1_000_000, 300), 9_934);
}

#[test]
fn bounds_agree_with_the_rule_of_three_and_the_tables_of_auditors() {
    // Rule of three: without a failure among k, at most 3/k fail, with 95 % confidence (for large n; a little less otherwise).
    for k in [59, 100, 299, 300] {
        let bound = f64::from(uncontrolled_at_most(1_000_000, k)) / 1e6;
        assert!(bound < 3.0 / f64::from(k) && bound > 2.9 / f64::from(k), "{k}: {bound}");
    }
    // Attribute sampling without a deviation at 5 % risk needs ln 0.05 / ln(1 - rate) items, as in auditors' tables: 59 for a tolerable
    // rate of 5 %, 149 for 2 %, 299 for 1 %.
    for (k, percent) in [(59, 5), (149, 2), (299, 1)] {
        assert!(uncontrolled_at_most(1_000_000, k) < percent * 10_000, "{k}");
        assert!(uncontrolled_at_most(1_000_000, k - 1) >= percent * 10_000 - 200, "{k}");
    }
}

#[test]
fn picks_are_distinct_follow_from_the_seed_and_from_the_batch() {
    let check = draw(1000, 300, 1).unwrap();

    assert_eq!(check.picks.iter().collect::<BTreeSet<_>>().len(), 300);
    assert!(check.picks.iter().all(|place| *place < 1000));
    assert_eq!(draw(1000, 300, 1), Ok(check.clone()));
    assert_ne!(draw(1000, 300, 2).unwrap().picks, check.picks);
    let other = FixedBatch { digest: [8; 32], size: 1000 };
    assert_ne!(picks(&other, &check.seed, 300).unwrap(), check.picks);
}

#[test]
fn picks_are_those_that_anyone_computes() {
    // By Python's hashlib: sha256(b"vasp-registry pick v1" + digest + seed + counter.to_bytes(8, "big")), the first eight
    // bytes modulo the size.
    let picked = picks(&batch(1000), &[9; 32], 5).unwrap();

    assert_eq!(picked, PICKED_BY_PYTHON);
}

const PICKED_BY_PYTHON: [u32; 5] = [521, 625, 592, 215, 829];

#[test]
fn outcome_says_how_many_and_what_follows() {
    let check = draw(1000, 59, 1).unwrap();
    let proven: BTreeSet<u32> = check.picks.iter().copied().collect();

    let outcome = check.conclude(&proven).unwrap();

    assert_eq!(outcome, SpotChecked { checked: 59, of: 1000, controlled_at_least: 952, confidence_percent: 95 });
    assert_eq!(outcome.to_string(), "spot_checked: 59 of 1000; with 95 % confidence at least 952 of 1000 are controlled");
    let json = serde_json::to_string(&outcome).unwrap();
    assert_eq!(json, r#"{"checked":59,"of":1000,"controlled_at_least":952,"confidence_percent":95}"#);
}

#[test]
fn one_missing_pick_refuses_the_batch() {
    let check = draw(1000, 59, 1).unwrap();
    let mut proven: BTreeSet<u32> = (0..1000).collect();
    let missing = check.picks[30];
    proven.remove(&missing);

    assert_eq!(check.conclude(&proven), Err(SpotCheckError::NotProven { place: missing }));
}

#[test]
fn picks_that_do_not_follow_are_refused() {
    let mut check = draw(1000, 59, 1).unwrap();
    check.picks.swap(0, 1);

    assert_eq!(check.conclude(&(0..1000).collect()), Err(SpotCheckError::OtherPicks));
}

#[test]
fn checks_without_sense_are_refused() {
    assert_eq!(draw(10, 0, 1), Err(SpotCheckError::PickCount));
    assert_eq!(draw(10, 11, 1), Err(SpotCheckError::PickCount));
    assert_eq!(draw(100_000_000, 2001, 1), Err(SpotCheckError::PickCount));
    assert_eq!(draw(0, 1, 1), Err(SpotCheckError::BatchSize));
    assert_eq!(draw(10, 10, 1).map(|check| check.picks.len()), Ok(10));
}

#[test]
fn batches_are_fixed_in_one_order_with_each_account_once() {
    let table = NetworkTable::embedded();
    let on = |network: &str, address: &str| table.parse_on(table.resolve_name(network).unwrap(), address).unwrap();
    let first = on("bitcoin", "17A16QmavnUfCW11DAApiJxp7ARnxN5pGX");
    let second = on("ethereum", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");

    let fixed = FixedBatch::fix([&first, &second]).unwrap();

    assert_eq!(fixed.size, 2);
    assert_ne!(FixedBatch::fix([&first]).unwrap().digest, fixed.digest);
    assert_eq!(FixedBatch::fix([&second, &first]), Err(SpotCheckError::NotAscending { place: 1 }));
    assert_eq!(FixedBatch::fix([&first, &first]), Err(SpotCheckError::NotAscending { place: 1 }));
    assert_eq!(FixedBatch::fix([]), Err(SpotCheckError::BatchSize));
}

proptest! {
    #[test]
    fn bound_is_where_the_probability_crosses_one_in_twenty(n in 1..200_u32, k in 1..200_u32) {
        let k = k.min(n);
        // The same calculation in 64-bit floats, away from the boundary where they are inexact.
        let chance = |b: u32| (0..k).fold(1.0, |p, i| p * f64::from(n.saturating_sub(b + i)) / f64::from(n - i));
        let bound = uncontrolled_at_most(n, k);
        prop_assert!(chance(bound) >= 0.05 - 1e-12);
        prop_assert!(chance(bound + 1) < 0.05 + 1e-12);
    }

    #[test]
    fn recorded_checks_can_be_checked_again(n in 1..5000_u32, k in 1..200_u32, seed in any::<u64>()) {
        let check = draw(n, k.min(n), seed).unwrap();
        let json = serde_json::to_string(&check).unwrap();
        let again: SpotCheck = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(again.check(), Ok(()));
        prop_assert_eq!(again, check);
    }
}

#[test]
fn statement_names_who_states_what_to_whom() {
    let statement =
        batch(1000).statement(&"registry.example.org".parse().unwrap(), "vasp_01jx00000000000000000000aa".parse().unwrap());

    assert_eq!(
        statement,
        "VASP registry: batch of addresses, version 1\nRegistry: registry.example.org\nVASP: vasp_01jx00000000000000000000aa\n\
         Addresses: 1000\nDigest: 0707070707070707070707070707070707070707070707070707070707070707\n\
         By signing this text the VASP named above states that it controls every address of the batch."
    );
}
