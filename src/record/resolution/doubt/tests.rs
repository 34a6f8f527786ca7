//! Tests of what holds an answer when claims end.

use super::super::tests::{Registry, account, at, claim, owners, vasp};
use super::*;
use proptest::prelude::*;

/// The start of a day of 2026.
fn day(number: i64) -> UtcTime {
    at("2026-01-01T00:00:00Z").plus_secs(number * 86_400)
}

/// A claim that is made on one day, and ends on another.
fn ending(owner: u8, strength: Strength, said: i64, end: i64) -> Claim {
    let times = (Some(day(said)), Some(day(end)));
    Claim { asserted_at: times.0, expires_at: times.1, recorded_at: day(said), ..claim(i64::from(owner), owner, strength) }
}

/// Asks on a day, as a reader who may see all claims but those of `hidden`.
fn ask(claims: &[Claim], on: i64, hidden: Option<u8>) -> Resolution<u8> {
    let now = day(on);
    let is_seen = |claim: &&Claim| claim.expires_at.is_none_or(|end| now < end) && hidden.map(vasp) != Some(claim.vasp);
    let live: Vec<Claim> = claims.iter().filter(is_seen).cloned().collect();
    let beside: Vec<(u8, Claim)> = claims.iter().filter(|claim| !is_seen(claim)).map(|claim| (1, claim.clone())).collect();
    let asked = account(&1, &live);
    Resolution::of_account(&asked, None, &Registry).doubted(&asked, None, &beside, &Registry, now)
}

#[test]
fn an_end_holds_younger_claims_that_contradicted_it_and_no_others() {
    use RelatedReason::{HiddenProof, RecentlyProven, UnsettledEnd};
    use ResolutionStatus::{Conflicted, NotFound, Owned};
    use Strength::{Attested, Proven};
    let contested = |claim: Claim| Claim { method: CONTESTED_END.into(), ..claim };

    for (name, claims, hidden, status, reason) in [
        ("younger", vec![ending(1, Attested, 1, 50), ending(3, Attested, 2, 400)], None, Conflicted, Some(UnsettledEnd)),
        ("older", vec![ending(1, Attested, 2, 50), ending(3, Attested, 1, 400)], None, Owned, None),
        ("made after the end", vec![ending(1, Attested, 1, 50), ending(3, Attested, 60, 400)], None, Owned, None),
        ("of the same party", vec![ending(1, Attested, 1, 50), ending(2, Attested, 2, 400)], None, Owned, None),
        ("proven since", vec![ending(1, Attested, 1, 50), ending(3, Proven, 2, 400)], None, Owned, None),
        ("after a proof", vec![ending(1, Proven, 1, 50), ending(3, Attested, 60, 400)], None, Conflicted, Some(RecentlyProven)),
        ("long after a proof", vec![ending(1, Proven, 1, 9), ending(3, Attested, 60, 400)], None, Owned, None),
        ("nobody, not contested", vec![ending(1, Attested, 1, 50)], None, NotFound, None),
        ("nobody, contested", vec![contested(ending(1, Attested, 1, 50))], None, NotFound, Some(UnsettledEnd)),
        ("nobody, after a proof", vec![ending(1, Proven, 1, 50)], None, NotFound, Some(RecentlyProven)),
        ("hidden proof", vec![ending(1, Proven, 1, 400), ending(3, Attested, 2, 400)], Some(1), Conflicted, Some(HiddenProof)),
        ("hidden word", vec![ending(1, Attested, 1, 400), ending(3, Attested, 2, 400)], Some(1), Owned, None),
        (
            "an end against a proof that stood",
            vec![ending(1, Attested, 1, 50), ending(4, Proven, 2, 60), ending(3, Attested, 3, 400)],
            None,
            Conflicted,
            Some(RecentlyProven),
        ),
    ] {
        let answer = ask(&claims, 100, hidden);

        assert_eq!((answer.status, answer.related_reason), (status, reason), "{name}");
    }
    let outweighed = [ending(1, Attested, 1, 5), ending(3, Attested, 2, 400), ending(4, Proven, 3, 6)];
    assert_eq!(ask(&outweighed, 100, None).status, Owned, "as if the claim against the proven one had never been");
}

fn any_ending() -> impl Strategy<Value = Claim> {
    let strength = prop::sample::select(vec![Strength::Attributed, Strength::Attested, Strength::Proven]);
    (prop::sample::select(vec![1, 2, 3, 4]), strength, 0_i64..10, 11_i64..60)
        .prop_map(|(owner, strength, said, end)| ending(owner, strength, said, end))
}

proptest! {
    /// No claim is made and nobody acts between the two questions.
    #[test]
    fn time_alone_gives_an_address_to_nobody_else(
        claims in prop::collection::vec(any_ending(), 1..6), first in 10_i64..60, later in 0_i64..40,
    ) {
        let number = |(place, claim): (usize, Claim)| Claim { number: super::super::super::claim::ClaimNumber(i64::try_from(place).unwrap()), ..claim };
        let claims: Vec<Claim> = claims.into_iter().enumerate().map(number).collect();
        let party = |answer: &Resolution<u8>| owners(answer).first().map(|owner| Registry.party(*owner));
        let (before, after) = (ask(&claims, first, None), ask(&claims, first + later, None));

        if before.status == ResolutionStatus::Owned && after.status == ResolutionStatus::Owned {
            prop_assert_eq!(party(&before), party(&after));
        }
        if let (ResolutionStatus::Owned, Some(own)) = (after.status, party(&after)) {
            let own_since = claims.iter().filter(|claim| Registry.party(claim.vasp) == own).map(Claim::said_since).min();
            let proven = claims.iter().any(|claim| claim.strength == Strength::Proven);
            let older = |claim: &&Claim| Registry.party(claim.vasp) != own && Some(claim.said_since()) < own_since;
            prop_assert!(proven || !claims.iter().any(|claim| older(&claim)), "an older claim never loses by its end");
        }
    }
}
