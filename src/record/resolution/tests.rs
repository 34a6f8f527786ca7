//! Tests of merging, by example and by property: the order of claims does not matter, and claims that the reader may not see have
//! no effect.

use super::super::claim::{AddressRole, ClaimNumber, Visibility};
use super::*;
use proptest::prelude::*;

/// Records 1 to 5 are entities, 1 and 2 of group 11, 3 of group 13; 14 is a group without entities; 5 is suspended.
pub(super) struct Registry;

pub(super) fn vasp(number: u8) -> VaspId {
    format!("vasp_000000000000000000000000{}{}", number / 10, number % 10).parse().unwrap()
}

impl Parties for Registry {
    fn party(&self, of: VaspId) -> VaspId {
        if of == vasp(1) || of == vasp(2) {
            vasp(11)
        } else if of == vasp(3) {
            vasp(13)
        } else {
            of
        }
    }
    fn kind(&self, of: VaspId) -> VaspKind {
        if of < vasp(10) { VaspKind::Entity } else { VaspKind::Group }
    }
    fn is_halted(&self, of: VaspId) -> bool {
        of == vasp(5)
    }
}

pub(super) fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

pub(super) fn claim(number: i64, owner: u8, strength: Strength) -> Claim {
    Claim {
        number: ClaimNumber(number),
        vasp: vasp(owner),
        network_match: NetworkMatch::Exact,
        memo: None,
        role: AddressRole::Unknown,
        strength,
        method: "third_party_label".into(),
        source: "test".into(),
        confidence_percent: None,
        asserted_at: Some(at("2026-01-01T00:00:00Z")),
        verified_at: None,
        expires_at: None,
        visibility: Visibility::Public,
        named: std::sync::Arc::from([]),
        recorded_at: UtcTime::EPOCH,
        travels: false,
    }
}

fn attributed(number: i64, owner: u8) -> Claim {
    claim(number, owner, Strength::Attributed)
}

fn family(number: i64, owner: u8) -> Claim {
    Claim { network_match: NetworkMatch::Family, ..attributed(number, owner) }
}

fn with_memo(number: i64, owner: u8, memo: &str) -> Claim {
    Claim { memo: Some(memo.into()), ..attributed(number, owner) }
}

pub(super) fn account<'a>(network: &'a u8, claims: &'a [Claim]) -> Account<'a, u8> {
    Account { network, claims, elsewhere: &[], takes_proofs: true, sub_accounts: &[] }
}

fn resolve(claims: &[Claim], memo: Option<&str>) -> Resolution<u8> {
    Resolution::of_account(&account(&1, claims), memo, &Registry)
}

fn bare(accounts: &[Account<'_, u8>]) -> Resolution<u8> {
    Resolution::of_bare_address(accounts, None, &Registry)
}

pub(super) fn owners(answer: &Resolution<u8>) -> Vec<VaspId> {
    answer.owners.iter().map(|owner| owner.vasp).collect()
}

#[test]
fn no_claim_is_not_found() {
    assert_eq!(resolve(&[], None), Resolution::not_found());
}

fn at_day(day: u8, owner: u8, strength: Strength) -> Claim {
    said(day, claim(i64::from(owner), owner, strength))
}

#[test]
fn claims_of_one_party_agree_and_of_several_conflict_unless_one_proved_control() {
    use Relation::{ClaimantHalted, FamilyDisagrees, OutweighedByProof};
    use ResolutionStatus::{Conflicted, Owned};
    use Strength::{Attested, Proven};

    for (name, claims, status, owning, related) in [
        ("an entity beats its group", vec![attributed(1, 11), attributed(2, 1)], Owned, &[1][..], &[][..]),
        ("two parties, one attested", vec![attributed(1, 11), claim(2, 3, Attested)], Conflicted, &[3, 11], &[]),
        ("one proved control", vec![attributed(1, 13), claim(2, 1, Proven)], Owned, &[1], &[(OutweighedByProof, 13)]),
        ("two proved control", vec![claim(1, 3, Proven), claim(2, 1, Proven), attributed(3, 4)], Conflicted, &[1, 3, 4], &[]),
        ("family, one party", vec![family(1, 11), family(2, 11)], Owned, &[11], &[]),
        ("family, two parties", vec![family(1, 11), family(2, 13)], Conflicted, &[11, 13], &[]),
        ("exact beside another's family", vec![claim(1, 11, Attested), family(2, 1), family(3, 13)], Conflicted, &[11, 13], &[]),
        // The same party's is hidden.
        ("proven beside family", vec![claim(1, 11, Proven), family(2, 1), family(3, 13)], Owned, &[11], &[(FamilyDisagrees, 13)]),
        ("exact beside its own family", vec![attributed(1, 11), family(2, 1)], Owned, &[11], &[]),
        // A suspended VASP's claim contradicts no older one, and stays where it is alone.
        ("suspended, later", vec![at_day(1, 4, Attested), at_day(2, 5, Attested)], Owned, &[4], &[(ClaimantHalted, 5)]),
        ("suspended, earlier", vec![at_day(2, 4, Attested), at_day(1, 5, Attested)], Conflicted, &[4, 5], &[]),
        ("suspended, alone", vec![at_day(2, 5, Attested)], Owned, &[5], &[]),
        ("suspended, proven", vec![at_day(1, 4, Attested), at_day(2, 5, Proven)], Owned, &[5], &[(OutweighedByProof, 4)]),
    ] {
        let answer = resolve(&claims, None);

        assert_eq!((answer.status, owners(&answer)), (status, owning.iter().map(|one| vasp(*one)).collect()), "{name}");
        let told: Vec<_> = answer.related.iter().map(|one| (one.relation, one.owner.vasp)).collect();
        assert_eq!(told, related.iter().map(|(relation, of)| (*relation, vasp(*of))).collect::<Vec<_>>(), "{name}");
    }
    assert_eq!(resolve(&[family(1, 11)], None).owners[0].network_match, NetworkMatch::Family);
}

#[test]
fn another_partys_memo_claim_takes_no_address() {
    let ask = |strength, memo| resolve(&[claim(1, 11, strength), with_memo(2, 3, "77")], memo);
    let (attested, proven) = (ask(Strength::Attested, Some("77")), ask(Strength::Proven, Some("77")));

    assert_eq!((attested.status, owners(&attested)), (ResolutionStatus::Conflicted, vec![vasp(11), vasp(3)]));
    assert_eq!((proven.status, owners(&proven)), (ResolutionStatus::Owned, vec![vasp(11)]));
    assert!(!proven.owners[0].memo_matched);
    assert_eq!((proven.related[0].relation, proven.related[0].owner.vasp), (Relation::OutweighedByProof, vasp(3)));
    for memo in [None, Some("78")] {
        let answer = ask(Strength::Attested, memo);
        assert_eq!((answer.status, owners(&answer), answer.memo_claims_exist), (ResolutionStatus::Owned, vec![vasp(11)], true));
        assert_eq!(answer.owners[0].memo_matched, memo.is_none());
    }
}

/// Who proved a memo's claim proved the key of the whole address: an unproven claim of others on the rest is visibly in doubt.
#[test]
fn a_key_proven_with_a_memo_leaves_no_unproven_claim_on_the_address_alone() {
    use ResolutionStatus::{Conflicted, NotFound, Owned};

    let proven = Claim { strength: Strength::Proven, travels: true, ..with_memo(1, 3, "77") };
    let whole = claim(2, 4, Strength::Attested);
    let other = Claim { memo: Some("88".into()), ..whole.clone() };
    for (claims, memo, status, owning) in [
        (vec![proven.clone(), whole.clone()], None, Conflicted, &[3, 4][..]),
        (vec![proven.clone(), whole.clone()], Some("88"), Conflicted, &[3, 4]),
        (vec![proven.clone(), other], Some("88"), Conflicted, &[3, 4]),
        (vec![proven.clone(), whole.clone()], Some("77"), Owned, &[3]),
        (vec![proven.clone(), claim(2, 4, Strength::Proven)], None, Owned, &[4]),
        (vec![proven.clone()], None, NotFound, &[]),
    ] {
        let answer = resolve(&claims, memo);
        assert_eq!((answer.status, owners(&answer)), (status, owning.iter().map(|one| vasp(*one)).collect()), "{memo:?}");
    }
    let elsewhere = in_class(std::slice::from_ref(&whole), proven.clone(), true);
    assert_eq!((elsewhere.status, owners(&elsewhere)), (Conflicted, vec![vasp(3), vasp(4)]));
    let confirmed = with_sub_accounts(&[proven, whole], &[sub_account(4, 3, Some("77"))], None);
    assert_eq!((confirmed.status, owners(&confirmed)), (Owned, vec![vasp(4)]));
}

/// One party with claims on every network fills no answer and hides no other party.
#[test]
fn an_answer_names_thirty_claims_and_each_party() {
    let many: Vec<(u8, Claim)> = (2..=200).map(|network| (network, attributed(i64::from(network), 4))).collect();
    let with_other: Vec<(u8, Claim)> = many.iter().cloned().chain([(201, attributed(300, 3))]).collect();

    let answer = Resolution::of_account(&Account { elsewhere: &with_other, ..account(&1, &[]) }, None, &Registry);

    assert_eq!((answer.related.len(), answer.left_out), (30, 170));
    assert!(answer.related.iter().any(|one| one.owner.vasp == vasp(3)));

    let own: Vec<_> = with_other
        .iter()
        .map(|(network, claim)| {
            let others = with_other.iter().filter(|(other, _)| other != network).cloned().collect::<Vec<_>>();
            (*network, vec![claim.clone()], others)
        })
        .collect();
    let accounts: Vec<_> =
        own.iter().map(|(network, claims, elsewhere)| Account { elsewhere, ..account(network, claims) }).collect();
    let answer = bare(&accounts);

    assert_eq!((answer.status, answer.owners.len(), answer.left_out), (ResolutionStatus::Ambiguous, 30, 170));
    assert!(answer.owners.iter().any(|one| one.vasp == vasp(3)));
}

#[test]
fn a_memo_claim_of_the_addresss_own_party_names_the_entity() {
    let claims = [claim(1, 11, Strength::Proven), with_memo(2, 1, "77")];
    let answer = resolve(&claims, Some("77"));

    assert_eq!((answer.status, owners(&answer)), (ResolutionStatus::Owned, vec![vasp(1)]));
    assert!(answer.owners[0].memo_matched);
}

fn with_sub_accounts(claims: &[Claim], sub_accounts: &[SubAccount], memo: Option<&str>) -> Resolution<u8> {
    Resolution::of_account(&Account { sub_accounts, ..account(&1, claims) }, memo, &Registry)
}

fn sub_account(owner: u8, holder: u8, memo: Option<&str>) -> SubAccount {
    SubAccount { owner: vasp(owner), holder: vasp(holder), memo: memo.map(str::to_owned) }
}

#[test]
fn a_confirmed_sub_account_owns_its_memo_as_surely_as_its_confirmer_owns_the_address() {
    let claims = [claim(1, 11, Strength::Proven), with_memo(2, 3, "77"), with_memo(3, 4, "77")];
    let one = with_sub_accounts(&claims, &[sub_account(11, 3, Some("77"))], Some("77"));
    let all = with_sub_accounts(&claims, &[sub_account(11, 3, None)], Some("77"));
    let both = [sub_account(11, 4, None), sub_account(11, 3, Some("77"))];
    let nearer = with_sub_accounts(&claims, &both, Some("77"));

    for answer in [&one, &all, &nearer] {
        assert_eq!((answer.status, owners(answer)), (ResolutionStatus::Owned, vec![vasp(3)]));
        assert!(answer.owners[0].memo_matched);
        assert_eq!(answer.related.iter().map(|one| one.owner.vasp).collect::<Vec<_>>(), [vasp(4)]);
    }
    assert_eq!(owners(&with_sub_accounts(&claims, &both, None)), [vasp(11)], "without the memo the address is its owner's");
    assert_eq!(owners(&with_sub_accounts(&claims, &[sub_account(11, 3, Some("78"))], Some("77"))), [vasp(11)], "another memo");
}

#[test]
fn a_confirmation_speaks_for_nobody_but_its_confirmer() {
    let disputed = [claim(1, 11, Strength::Attested), claim(2, 14, Strength::Attested), with_memo(3, 3, "77")];
    let proven = [claim(1, 11, Strength::Proven), claim(2, 14, Strength::Attested), with_memo(3, 3, "77")];
    let by_the_liar = [sub_account(14, 3, Some("77"))];
    let conflicted = with_sub_accounts(&disputed, &by_the_liar, Some("77"));
    let owned = with_sub_accounts(&proven, &by_the_liar, Some("77"));

    assert_eq!((conflicted.status, owners(&conflicted)), (ResolutionStatus::Conflicted, vec![vasp(11), vasp(3)]));
    assert_eq!((owned.status, owners(&owned)), (ResolutionStatus::Owned, vec![vasp(11)]));
    assert_eq!(
        owners(&with_sub_accounts(&[claim(1, 11, Strength::Attested)], &[sub_account(11, 3, None)], Some("77"))),
        [vasp(11)]
    );
}

/// Claims, confirmations, the memo asked for, and the status and owners of the answer.
type ConfirmedCase<'a> = (&'a str, Vec<Claim>, Vec<&'a SubAccount>, Option<&'a str>, ResolutionStatus, &'a [u8]);

fn assert_confirmed(cases: Vec<ConfirmedCase<'_>>) {
    for (name, claims, said, memo, status, owning) in cases {
        let said: Vec<SubAccount> = said.into_iter().cloned().collect();
        let answer = with_sub_accounts(&claims, &said, memo);
        let mut found = owners(&answer);
        found.sort_unstable();

        assert_eq!((answer.status, found), (status, owning.iter().map(|one| vasp(*one)).collect()), "{name}");
    }
}

/// Before, any entity of the owner's group could give a memo away, also of an address that another entity had proven.
#[test]
fn a_confirmation_speaks_for_the_vasp_that_made_it_and_for_no_other_of_its_group() {
    use ResolutionStatus::{Conflicted, Owned};
    use Strength::{Attested, Proven};
    let held = with_memo(9, 3, "77");
    let with_held = |claims: &[Claim]| [claims, std::slice::from_ref(&held)].concat();
    let (one, two) = (claim(1, 1, Attested), claim(2, 2, Attested));
    let both = [one.clone(), two.clone()];
    let (by_1, by_2, by_group) = (sub_account(1, 3, Some("77")), sub_account(2, 3, None), sub_account(11, 3, None));
    let (proven, memo) = (claim(1, 1, Proven), Some("77"));

    assert_confirmed(vec![
        ("sibling without a claim", with_held(&both[..1]), vec![&by_2], memo, Conflicted, &[1, 3]),
        ("proven, sibling without a claim", with_held(std::slice::from_ref(&proven)), vec![&by_2], memo, Owned, &[1]),
        ("proven, sibling with a claim", with_held(&[proven, two]), vec![&by_2], memo, Owned, &[1]),
        ("one sibling of two", with_held(&both), vec![&by_2], memo, Conflicted, &[1, 3]),
        ("both siblings", with_held(&both), vec![&by_1, &by_2], memo, Owned, &[3]),
        ("the group for its entity", with_held(&both[..1]), vec![&by_group], memo, Conflicted, &[1, 3]),
        ("a label of the group", with_held(&[one.clone(), attributed(2, 11)]), vec![&by_1], memo, Owned, &[3]),
        ("the group's own word", with_held(&[one, claim(2, 11, Attested)]), vec![&by_1], memo, Conflicted, &[3, 11]),
    ]);
    let proven_memo = Claim { memo: Some("77".into()), ..claim(8, 3, Proven) };
    let all = [both.as_slice(), &[proven_memo]].concat();
    assert_confirmed(vec![
        ("a prover of a memo and one sibling of two", all.clone(), vec![&by_1], None, Conflicted, &[1, 2, 3]),
        ("a prover of a memo and both siblings", all, vec![&by_1, &by_2], None, Owned, &[1, 2]),
    ]);
}

#[test]
fn only_memo_specific_claims_without_a_memo_are_not_found_but_told() {
    let answer = resolve(&[with_memo(2, 3, "77")], None);

    assert_eq!((answer.status, answer.memo_claims_exist), (ResolutionStatus::NotFound, true));
}

#[test]
fn a_claim_elsewhere_in_the_family_is_related_and_never_an_owner() {
    let elsewhere = [(2, attributed(5, 11))];
    let answer = Resolution::of_account(&Account { elsewhere: &elsewhere, ..account(&1, &[]) }, None, &Registry);

    assert_eq!(answer.status, ResolutionStatus::NotFound);
    assert_eq!((answer.related[0].relation, answer.related[0].owner.network), (Relation::OtherNetwork, Some(2)));
}

/// Proven on another network, by a key that is the same party's on every network of the class.
fn travelling(number: i64, owner: u8) -> Claim {
    Claim { travels: true, ..claim(number, owner, Strength::Proven) }
}

/// A suspended VASP contradicts no older claim, on whichever network of the class its own is.
#[test]
fn a_suspended_vasps_later_claim_elsewhere_contradicts_nobody() {
    let here = |day| [at_day(day, 4, Strength::Attested)];
    let suspended = at_day(2, 5, Strength::Attested);

    let [later, earlier] = [1, 3].map(|day| in_class(&here(day), suspended.clone(), true));

    assert_eq!((later.status, owners(&later)), (ResolutionStatus::Owned, vec![vasp(4)]));
    assert_eq!(later.related[0].relation, Relation::OtherNetwork);
    assert_eq!(earlier.status, ResolutionStatus::Conflicted);
}

#[test]
fn a_suspended_vasps_earlier_claim_elsewhere_contradicts_though_its_later_one_here_is_set_aside() {
    let here = [at_day(1, 1, Strength::Attributed), at_day(2, 5, Strength::Attested)];
    let there = Claim { number: ClaimNumber(6), ..at_day(1, 5, Strength::Attributed) };

    assert_eq!(resolve(&here, None).status, ResolutionStatus::Owned);
    assert_eq!(in_class(&here, there, true).status, ResolutionStatus::Conflicted);
}

#[test]
fn a_proof_for_a_family_does_not_count_where_keys_can_be_exchanged() {
    let family = Claim { network_match: NetworkMatch::Family, travels: true, ..claim(1, 1, Strength::Proven) };
    let claims = [family, claim(2, 4, Strength::Attested)];
    let status = |takes_proofs| Resolution::of_account(&Account { takes_proofs, ..account(&1, &claims) }, None, &Registry).status;

    assert_eq!((status(true), status(false)), (ResolutionStatus::Owned, ResolutionStatus::Conflicted));
}

fn in_class(here: &[Claim], elsewhere: Claim, takes_proofs: bool) -> Resolution<u8> {
    let elsewhere = [(2, elsewhere)];
    Resolution::of_account(&Account { elsewhere: &elsewhere, takes_proofs, ..account(&1, here) }, None, &Registry)
}

/// Source: docs/claims.md, "Against another party's claim": a proof travels.
#[test]
fn a_proof_that_travels_owns_the_key_on_every_network_of_the_class() {
    let alone = in_class(&[], travelling(1, 11), true);
    let against = in_class(&[claim(2, 3, Strength::Attested)], travelling(1, 11), true);
    let own = in_class(&[claim(2, 11, Strength::Attested)], travelling(1, 11), true);
    let both = in_class(&[claim(2, 3, Strength::Proven)], travelling(1, 11), true);

    for answer in [&alone, &against] {
        assert_eq!((answer.status, owners(answer)), (ResolutionStatus::Owned, vec![vasp(11)]));
        assert_eq!((answer.owners[0].network, answer.owners[0].network_match), (Some(1), NetworkMatch::Class));
    }
    assert!(alone.related.is_empty());
    assert_eq!((against.related.len(), against.related[0].relation), (1, Relation::OutweighedByProof));
    assert_eq!((own.status, own.owners[0].network_match), (ResolutionStatus::Owned, NetworkMatch::Exact));
    assert_eq!((both.status, both.owners.len()), (ResolutionStatus::Conflicted, 2));
}

/// Source: docs/claims.md, "Against another party's claim": what does not travel.
#[test]
fn what_does_not_travel_contradicts_and_owns_nothing_elsewhere() {
    let stays = claim(1, 11, Strength::Proven);
    for (elsewhere, takes_proofs) in [(stays, true), (travelling(1, 11), false), (claim(1, 11, Strength::Attested), true)] {
        let ask = |here: &[Claim]| in_class(here, elsewhere.clone(), takes_proofs);
        let (alone, unproven, proven) =
            (ask(&[]), ask(&[claim(2, 3, Strength::Attested)]), ask(&[claim(2, 3, Strength::Proven)]));

        assert_eq!((alone.status, alone.related[0].relation), (ResolutionStatus::NotFound, Relation::OtherNetwork));
        assert_eq!((unproven.status, unproven.owners.len()), (ResolutionStatus::Conflicted, 2));
        assert_eq!((proven.status, owners(&proven)), (ResolutionStatus::Owned, vec![vasp(3)]));
        assert_eq!(proven.related[0].relation, Relation::OtherNetwork);
    }
}

#[test]
fn a_bare_address_with_any_owner_among_several_networks_is_ambiguous() {
    let (here, there) = ([attributed(1, 11)], [attributed(2, 11)]);

    let both = bare(&[account(&1, &here), account(&2, &there)]);
    let one = bare(&[account(&1, &here), account(&2, &[])]);
    let single = bare(&[account(&1, &here)]);
    let none = bare(&[account(&1, &[]), account(&2, &[])]);

    assert_eq!(both.status, ResolutionStatus::Ambiguous);
    assert_eq!(both.owners.iter().map(|o| o.network).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert_eq!((one.status, one.owners.len()), (ResolutionStatus::Ambiguous, 1));
    assert_eq!(single.status, ResolutionStatus::Owned);
    assert_eq!(none, Resolution::not_found());
}

#[test]
fn owners_on_one_network_of_a_shared_form_are_ambiguous_and_without_owners_it_is_not_found() {
    let (one, two) = ([attributed(1, 11)], [attributed(1, 11), attributed(2, 13)]);
    let ask = |claims| Resolution::of_bare_address(&[account(&1, claims), account(&2, &[])], None, &Registry);

    assert_eq!((ask(&one).status, owners(&ask(&one))), (ResolutionStatus::Ambiguous, vec![vasp(11)]));
    assert_eq!((ask(&two).status, owners(&ask(&two))), (ResolutionStatus::Ambiguous, vec![vasp(11), vasp(13)]));
    assert_eq!(ask(&[]), Resolution::not_found());
}

#[test]
fn a_family_claim_stands_once_in_a_bare_answer_and_an_owner_is_not_also_related() {
    let (exact, hint) = (attributed(1, 11), family(2, 13));
    let here = [exact.clone(), hint.clone()];
    let there = [hint];
    let elsewhere = [(1, exact)];
    let accounts = [
        account(&1, &here),
        Account { elsewhere: &elsewhere, ..account(&2, &there) },
        Account { elsewhere: &elsewhere, ..account(&3, &there) },
    ];

    let answer = bare(&accounts);

    let shown: Vec<_> = answer.owners.iter().map(|o| (o.vasp, o.network)).collect();
    assert_eq!(shown, [(vasp(11), Some(1)), (vasp(13), Some(1))]);
    assert!(answer.related.is_empty());
}

#[test]
fn what_was_outweighed_stands_before_what_disagrees_with_or_without_the_network() {
    let claims = [claim(1, 1, Strength::Proven), attributed(2, 13), family(3, 4)];
    let kinds = |answer: &Resolution<u8>| answer.related.iter().map(|one| one.relation).collect::<Vec<_>>();

    let given = resolve(&claims, None);
    let bare = bare(&[account(&1, &claims), account(&2, &[])]);

    assert_eq!(kinds(&given), [Relation::OutweighedByProof, Relation::FamilyDisagrees]);
    assert_eq!(kinds(&bare), kinds(&given));
}

#[test]
fn records_by_id_or_lei_are_owned_ambiguous_or_not_found() {
    assert_eq!(Resolution::<u8>::of_records(&[vasp(1)]).status, ResolutionStatus::Owned);
    assert_eq!(Resolution::<u8>::of_records(&[vasp(1), vasp(2)]).status, ResolutionStatus::Ambiguous);
    assert_eq!(Resolution::<u8>::of_records(&[]).status, ResolutionStatus::NotFound);
    assert_eq!(Resolution::<u8>::of_records(&[vasp(1)]).owners[0].network, None);
}

#[test]
fn expired_and_unseen_claims_do_not_reach_the_merge() {
    let now = at("2026-06-01T00:00:00Z");
    let expired = Claim { expires_at: Some(now), ..attributed(1, 11) };
    let members_only = Claim { visibility: Visibility::Gateways, ..attributed(2, 11) };
    let public = Claim { expires_at: Some(at("2026-06-01T00:00:00.000001Z")), ..attributed(3, 11) };
    let all = [expired, members_only, public];

    let live = |reader| all.each_ref().map(|claim| is_live(claim, reader, now));

    assert_eq!(live(Reader::Public), [false, false, true]);
    assert_eq!(live(Reader::Gateway), [false, true, true]);
}

fn said(at_day: u8, claim: Claim) -> Claim {
    Claim { asserted_at: Some(at(&format!("2026-01-{at_day:02}T00:00:00Z"))), ..claim }
}

/// The same records, but with another one suspended.
struct Suspending(VaspId);

impl Parties for Suspending {
    fn party(&self, of: VaspId) -> VaspId {
        Registry.party(of)
    }
    fn kind(&self, of: VaspId) -> VaspKind {
        Registry.kind(of)
    }
    fn is_halted(&self, of: VaspId) -> bool {
        of == self.0
    }
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let strength = prop_oneof![Just(Strength::Attributed), Just(Strength::Attested), Just(Strength::Proven)];
    let owner = prop_oneof![Just(1u8), Just(2), Just(3), Just(4), Just(5), Just(11), Just(13), Just(14)];
    let memo = prop_oneof![3 => Just(None), 1 => Just(Some("7".to_owned()))];
    let matched = prop_oneof![3 => Just(NetworkMatch::Exact), 1 => Just(NetworkMatch::Family)];
    let sure = proptest::option::of(0u8..=100);
    (owner, strength, memo, matched, sure, 1u8..28).prop_map(|(owner, strength, memo, network_match, sure, day)| {
        let strength = if network_match == NetworkMatch::Family { Strength::Attributed } else { strength };
        said(day, Claim { memo, network_match, confidence_percent: sure, ..claim(0, owner, strength) })
    })
}

fn any_claims() -> impl Strategy<Value = Vec<Claim>> {
    proptest::collection::vec(any_claim(), 0..7).prop_map(|claims| {
        let numbered = |(number, claim)| Claim { number: ClaimNumber(number), ..claim };
        (1i64..).zip(claims).map(numbered).collect()
    })
}

fn any_sub_accounts() -> impl Strategy<Value = Vec<SubAccount>> {
    let one = (any_claim(), any_claim(), any_memo()).prop_map(|(owner, holder, memo)| SubAccount {
        owner: owner.vasp,
        holder: holder.vasp,
        memo: memo.map(str::to_owned),
    });
    proptest::collection::vec(one, 0..3)
}

fn any_memo() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![Just(None), Just(Some("7")), Just(Some("8"))]
}

proptest! {
    #[test]
    fn claims_of_one_vasp_are_merged_like_those_of_several(
        mut here in any_claims(), mut elsewhere in any_claims(), travel in prop::collection::vec(any::<bool>(), 7),
        owner in any_claim(), takes_proofs in any::<bool>(), memo in any_memo(), sub_accounts in any_sub_accounts(),
    ) {
        here.iter_mut().chain(&mut elsewhere).for_each(|claim| claim.vasp = owner.vasp);
        for (number, (claim, travels)) in (100..).zip(elsewhere.iter_mut().zip(travel)) {
            (claim.number, claim.travels) = (ClaimNumber(number), travels);
        }
        let elsewhere: Vec<(u8, Claim)> = elsewhere.into_iter().map(|claim| (2, claim)).collect();
        let account =
            Account { network: &1, claims: &here, elsewhere: &elsewhere, takes_proofs, sub_accounts: &sub_accounts };
        prop_assert_eq!(Resolution::merged(&account, memo, &Registry), Resolution::heard(&account, memo, &Registry));
    }

    #[test]
    fn one_claim_alone_is_merged_like_several(claim in any_claim(), memo in any_memo(), sub_accounts in any_sub_accounts()) {
        let claims = [claim];
        let account = Account { sub_accounts: &sub_accounts, ..account(&1, &claims) };

        prop_assert_eq!(Resolution::of_account(&account, memo, &Registry), Resolution::of_claims(&account, memo, &Registry));
    }

    #[test]
    fn neither_the_order_of_claims_nor_of_networks_matters_to_a_bare_address(
        (here, shuffled) in any_claims().prop_flat_map(|c| (Just(c.clone()), Just(c).prop_shuffle())),
        there in any_claims(), memo in any_memo(),
    ) {
        let there: Vec<Claim> = there.into_iter().map(|c| Claim { number: ClaimNumber(c.number.0 + 50), ..c }).collect();
        let (first, again, second) = (account(&1, &here), account(&1, &shuffled), account(&2, &there));
        let ask = |accounts: &[Account<'_, u8>]| Resolution::of_bare_address(accounts, memo, &Registry);

        prop_assert_eq!(ask(std::slice::from_ref(&first)), ask(std::slice::from_ref(&again)));
        prop_assert_eq!(ask(&[first, second.clone()]), ask(&[second, again]));
    }

    #[test]
    fn a_bare_address_of_a_shared_form_is_never_owned_and_names_the_owners_of_the_given_network(
        claims in any_claims(), memo in any_memo(),
    ) {
        let given = resolve(&claims, memo);
        let bare = Resolution::of_bare_address(&[account(&1, &claims), account(&2, &[])], memo, &Registry);

        let expected = if given.owners.is_empty() { ResolutionStatus::NotFound } else { ResolutionStatus::Ambiguous };
        prop_assert_eq!(bare.status, expected);
        let named = |answer: &Resolution<u8>| answer.owners.iter().map(|o| (o.vasp, o.network)).collect::<BTreeSet<_>>();
        prop_assert_eq!(named(&bare), named(&given));
        prop_assert_eq!(bare.memo_claims_exist, given.memo_claims_exist);
    }

    #[test]
    fn the_order_of_claims_does_not_matter(
        (claims, shuffled) in any_claims().prop_flat_map(|c| (Just(c.clone()), Just(c).prop_shuffle())),
        memo in any_memo(),
    ) {
        prop_assert_eq!(resolve(&claims, memo), resolve(&shuffled, memo));
    }

    #[test]
    fn an_unproven_claim_hands_nobodys_address_to_another_and_settles_no_dispute(
        claims in any_claims(), extra in any_claim(), memo in any_memo(), confirmed in any_sub_accounts(),
    ) {
        let strength = extra.strength.min(Strength::Attested);
        // A new claim is always made after all existing ones.
        let extra = said(28, Claim { number: ClaimNumber(99), strength, ..extra });
        let party = Registry.party(extra.vasp);
        let others: Vec<SubAccount> = confirmed.into_iter().filter(|one| Registry.party(one.holder) != party).collect();
        let ask = |claims: &[Claim]| with_sub_accounts(claims, &others, memo);
        let (before, after) = (ask(&claims), ask(&[claims.clone(), vec![extra]].concat()));

        if before.status == ResolutionStatus::Conflicted {
            prop_assert_eq!(after.status, ResolutionStatus::Conflicted);
        }
        if before.status == ResolutionStatus::Owned {
            let owner = parties_of(&before.owners, &Registry);
            prop_assert!(after.status != ResolutionStatus::Owned || parties_of(&after.owners, &Registry) == owner);
            prop_assert!(after.status != ResolutionStatus::NotFound);
            if before.owners.iter().any(Owner::is_proven) && !owner.contains(&party) {
                prop_assert_eq!(after.status, ResolutionStatus::Owned);
            }
        }
    }

    #[test]
    fn an_unproven_claim_anywhere_in_the_class_changes_no_answer_of_a_proof_and_takes_no_address(
        here in any_claims(), elsewhere in any_claims(), extra in any_claim(), beside in any::<bool>(), memo in any_memo(),
        proof in prop::option::of(1u8..5),
    ) {
        let unproven = |claim: Claim| Claim { strength: claim.strength.min(Strength::Attested), ..claim };
        let renumbered = |by: i64| move |claim: Claim| Claim { number: ClaimNumber(claim.number.0 + by), ..claim };
        let here: Vec<Claim> = here.into_iter().map(unproven).collect();
        let there = elsewhere.into_iter().map(unproven).map(renumbered(50)).chain(proof.map(|owner| travelling(98, owner)));
        let there: Vec<(u8, Claim)> = there.map(|claim| (2, claim)).collect();
        let extra = said(28, Claim { number: ClaimNumber(99), ..unproven(extra) });
        let party = Registry.party(extra.vasp);
        let ask = |here: &[Claim], there: &[(u8, Claim)]| {
            Resolution::of_account(&Account { elsewhere: there, ..account(&1, here) }, memo, &Registry)
        };
        let before = ask(&here, &there);
        let after = if beside { ask(&here, &[there.clone(), vec![(3, extra)]].concat()) } else { ask(&[here.clone(), vec![extra]].concat(), &there) };

        if proof.is_some() {
            prop_assert_eq!((after.status, parties_of(&after.owners, &Registry)), (before.status, parties_of(&before.owners, &Registry)));
        } else if after.status == ResolutionStatus::Owned {
            prop_assert!(before.status != ResolutionStatus::Conflicted);
            let owned = parties_of(&before.owners, &Registry);
            prop_assert!(before.status == ResolutionStatus::NotFound || parties_of(&after.owners, &Registry) == owned);
            prop_assert!(!beside || owned == parties_of(&after.owners, &Registry) && !owned.is_empty() || owned.contains(&party));
        }
    }

    #[test]
    fn a_suspension_hands_no_address_to_anybody_who_came_later(
        claims in any_claims(), memo in any_memo(), whose in 0usize..7, sub_accounts in any_sub_accounts(),
    ) {
        let suspended = claims.get(whose).map_or(vasp(4), |claim| claim.vasp);
        let account = Account { sub_accounts: &sub_accounts, ..account(&1, &claims) };
        let before = Resolution::of_account(&account, memo, &Suspending(vasp(99)));
        let after = Resolution::of_account(&account, memo, &Suspending(suspended));

        let parties = |answer: &Resolution<u8>| parties_of(&answer.owners, &Registry);
        if before.status != ResolutionStatus::Conflicted {
            prop_assert_eq!((after.status, parties(&after)), (before.status, parties(&before)));
        } else if after.status == ResolutionStatus::Owned {
            let first = |of: &dyn Fn(VaspId) -> bool| claims.iter().filter(|one| of(one.vasp)).map(|one| one.asserted_at).min();
            let winner = Registry.party(after.owners[0].vasp);
            prop_assert!(first(&|vasp| Registry.party(vasp) == winner) < claims.iter().filter(|one| one.vasp == suspended).map(|one| one.asserted_at).max());
        }
    }

    #[test]
    fn a_confirmation_by_another_party_changes_no_proven_answer(
        claims in any_claims(), confirmed in any_sub_accounts(), memo in any_memo(),
    ) {
        let before = resolve(&claims, memo);
        let owner = parties_of(&before.owners, &Registry);
        if before.status != ResolutionStatus::Owned || !before.owners.iter().any(Owner::is_proven) {
            return Ok(());
        }
        let others: Vec<SubAccount> = confirmed.into_iter().filter(|one| !owner.contains(&Registry.party(one.owner))).collect();
        let after = with_sub_accounts(&claims, &others, memo);

        prop_assert_eq!((after.status, after.owners), (before.status, before.owners));
    }

    #[test]
    fn who_proved_no_claim_gives_no_proven_address_away(claims in any_claims(), confirmed in any_sub_accounts(), memo in any_memo()) {
        let before = resolve(&claims, memo);
        if before.status != ResolutionStatus::Owned || !before.owners.iter().any(Owner::is_proven) {
            return Ok(());
        }
        let proved = |vasp: VaspId| claims.iter().any(|claim| claim.vasp == vasp && claim.strength == Strength::Proven);
        let others: Vec<SubAccount> = confirmed.into_iter().filter(|one| !proved(one.owner)).collect();
        let after = with_sub_accounts(&claims, &others, memo);

        let parties = |answer: &Resolution<u8>| parties_of(&answer.owners, &Registry);
        prop_assert_eq!((after.status, parties(&after)), (before.status, parties(&before)));
    }

    #[test]
    fn an_owned_answer_names_one_party_and_no_foreign_memo(claims in any_claims(), memo in any_memo()) {
        let answer = resolve(&claims, memo);

        if answer.status == ResolutionStatus::Owned {
            prop_assert_eq!(parties_of(&answer.owners, &Registry).len(), 1);
        }
        prop_assert_eq!(answer.status == ResolutionStatus::NotFound, answer.owners.is_empty());
        for owner in &answer.owners {
            let named = owner.claim.as_ref().and_then(|claim| claim.memo.as_deref());
            let doubts = answer.status == ResolutionStatus::Conflicted && owner.is_proven();
            prop_assert!(named.is_none() || named == memo || doubts);
        }
    }

    #[test]
    fn family_claims_never_name_another_owner_than_exact_ones(claims in any_claims(), memo in any_memo()) {
        let exact: Vec<Claim> = claims.iter().filter(|c| c.network_match == NetworkMatch::Exact).cloned().collect();
        let ask = |claims: &[Claim]| Resolution::of_account(&account(&1, claims), memo, &Suspending(vasp(99)));
        let (without, with) = (ask(&exact), ask(&claims));

        match without.status {
            ResolutionStatus::Owned if with.status == ResolutionStatus::Owned => prop_assert_eq!(with.owners, without.owners),
            ResolutionStatus::Owned | ResolutionStatus::Conflicted => prop_assert_eq!(with.status, ResolutionStatus::Conflicted),
            ResolutionStatus::NotFound | ResolutionStatus::Ambiguous => {}
        }
    }
}

/// What a merge leaves out changes no status and no owner: the claims that are left out are on other memos, or one of a record's several.
mod reductions {
    use super::*;

    proptest! {
        #[test]
        fn what_is_left_out_changes_no_answer(here in any_claims(), there in any_claims(), memo in any_memo()) {
            let renumber = |(place, mut one): (usize, Claim), base: i64| { one.number = ClaimNumber(base + i64::try_from(place).unwrap()); one };
            let there = there.into_iter().enumerate().map(|one| (2u8, renumber(one, 100)));
            let here = here.into_iter().enumerate().map(|one| (1u8, renumber(one, 1)));
            let all: Vec<(u8, Claim)> = here.chain(there).collect();
            let mut few = all.clone();
            leave_out_other_memos(&mut few, memo);
            let felt = felt_elsewhere(&few, memo);
            let ask = |all: &[(u8, Claim)], elsewhere: &[(u8, Claim)]| {
                let here: Vec<Claim> = all.iter().filter(|(network, _)| *network == 1).map(|(_, claim)| claim.clone()).collect();
                let elsewhere: Vec<_> = elsewhere.iter().filter(|(_, c)| !here.iter().any(|own| own.number == c.number)).cloned().collect();
                Resolution::of_account(&Account { elsewhere: &elsewhere, ..account(&1, &here) }, memo, &Suspending(vasp(99)))
            };
            let (whole, short, felt) = (ask(&all, &all), ask(&few, &few), ask(&few, &felt));

            prop_assert_eq!((whole.status, &whole.owners, &whole.related), (short.status, &short.owners, &short.related));
            prop_assert_eq!(whole.memo_claims_exist, short.memo_claims_exist);
            prop_assert_eq!((whole.status, &whole.owners), (felt.status, &felt.owners));
        }
    }
}
