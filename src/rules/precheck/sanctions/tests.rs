//! The result of each finding under each side's regime.

use super::super::super::policy::{Policy, Recommendation};
use super::super::super::screening::ownership::{OwnershipScreening, Share};
use super::super::super::screening::{
    EU_SANCTIONS, EU_TRANSACTION_BANS, IL_NBCTF, OFAC_SDN, Part, SanctionedAccount, UK_SANCTIONS, UN_SANCTIONS,
};
use super::super::examples::*;
use super::super::*;
use super::*;

fn of_list(list: &str, hit: Hit) -> Hit {
    Hit { list: list.into(), family: list.into(), ..hit }
}

fn listed(case: &mut Case, list: &str) {
    let version =
        ScreeningListVersion { id: list.to_owned().into(), family: list.to_owned().into(), ..case.screening.lists[0].clone() };
    case.screening.lists.push(version);
}

/// An asker in the country, with every list loaded that binds there, and OFAC's and Israel's.
fn from(country: &str, hits: Vec<Hit>) -> Case {
    let mut case = Case::licensed();
    case.originator = regime(country, super::super::super::rulebook::TravelRuleStatus::InForce);
    let (country, id) = (case.originator.country, case.originator.jurisdiction.clone());
    for list in SanctionsByLaw::embedded().binding_lists(&id, country).lists {
        listed(&mut case, list);
    }
    listed(&mut case, OFAC_SDN);
    listed(&mut case, IL_NBCTF);
    case.screening.hits = hits;
    case
}

fn code(case: &Case) -> CheckCode {
    case.run().checks[5].code
}

#[test]
fn a_listed_name_rejects_where_its_list_binds_and_warns_elsewhere() {
    let name = || name_hit("Entity 1 Limited");
    for (country, list, expected) in [
        ("US", OFAC_SDN, CheckCode::SanctionsNameListed),
        ("US", EU_SANCTIONS, CheckCode::SanctionsListedElsewhere),
        ("DE", EU_SANCTIONS, CheckCode::SanctionsNameListed),
        ("NO", EU_SANCTIONS, CheckCode::SanctionsNameListed),
        ("DE", OFAC_SDN, CheckCode::SanctionsListedElsewhere),
        ("IL", IL_NBCTF, CheckCode::SanctionsNameListed),
        ("IL", OFAC_SDN, CheckCode::SanctionsListedElsewhere),
        ("SG", OFAC_SDN, CheckCode::SanctionsListedElsewhere),
        ("SG", "SG-TSOFA", CheckCode::SanctionsNameListed),
        ("SG", UN_SANCTIONS, CheckCode::SanctionsNameListed),
        ("DE", EU_TRANSACTION_BANS, CheckCode::SanctionsNameListed),
        ("GB", EU_TRANSACTION_BANS, CheckCode::SanctionsListedElsewhere),
        // No law names this list, and nobody has said whom it does not bind.
        ("SG", "OFAC", CheckCode::SanctionsNameListed),
    ] {
        assert_eq!(code(&from(country, vec![of_list(list, name())])), expected, "{country} {list}");
    }
    let elsewhere = from("DE", vec![of_list(OFAC_SDN, name())]).run();
    assert_eq!(elsewhere.checks[5].outcome(), CheckOutcome::Warn);
    assert!(elsewhere.checks[5].detail.ends_with("That list is not binding in DE."), "{}", elsewhere.checks[5].detail);
}

/// Source: docs/screening.md, "Which lists bind": a listed address fails on every list.
#[test]
fn a_listed_address_rejects_under_every_regime() {
    for country in ["US", "DE", "IL", "SG"] {
        let case = from(country, vec![of_list(OFAC_SDN, address_hit())]);
        assert_eq!(code(&case), CheckCode::SanctionsAddressListed, "{country}");
        assert_eq!(case.run().recommendation, Recommendation::Reject, "{country}");
    }
    let mut case = from("DE", vec![of_list(OFAC_SDN, address_hit())]);
    let text = include_str!("../../../../seed/policy.json").replacen("\"everywhere\"", "\"where_the_list_binds\"", 1);
    case.policy = Policy::from_json(&text).unwrap();
    assert_eq!(code(&case), CheckCode::SanctionsListedElsewhere, "a policy may say otherwise");
}

#[test]
fn an_address_that_may_be_meant_is_held_for_a_person() {
    let account = SanctionedAccount { network: "bip122:000000000019d6689c085ae165831e93".into(), address: "x".into() };
    let hit = Hit { matched: Matched::AddressButForCase(account), score: 90, ..of_list(OFAC_SDN, address_hit()) };
    let case = from("US", vec![hit]);

    assert_eq!((code(&case), case.run().recommendation), (CheckCode::SanctionsPossibleMatch, Recommendation::Hold));
}

#[test]
fn a_name_that_may_be_meant_is_held_until_people_decide() {
    let day = date("2026-04-30");
    let hit = |score, own| Hit { score, own, ..of_list(EU_SANCTIONS, name_hit("Entity 1 Limited")) };
    for (score, own, expected) in [
        (95, HitDecision::Open, CheckCode::SanctionsNameListed),
        (94, HitDecision::Open, CheckCode::SanctionsPossibleMatch),
        (85, HitDecision::Open, CheckCode::SanctionsPossibleMatch),
        (84, HitDecision::Open, CheckCode::SanctionsNoMatch),
        (100, HitDecision::FalsePositive(day), CheckCode::SanctionsNoMatch),
        (80, HitDecision::TrueMatch(day), CheckCode::SanctionsNameListed),
    ] {
        let answer = from("DE", vec![hit(score, own)]).run();
        assert_eq!(answer.checks[5].code, expected, "{score} {own:?}");
    }
    let faint = from("DE", vec![hit(84, HitDecision::Open)]).run();
    assert_eq!(faint.checks[5].also, [CheckCode::SanctionsFaintLikeness]);
    assert!(faint.notes.iter().any(|note| note.code == CheckCode::SanctionsFaintLikeness), "{:?}", faint.notes);
    let cleared = from("DE", vec![hit(100, HitDecision::FalsePositive(day))]).run();
    let shown = &cleared.checks[5].evidence[0];
    assert_eq!(shown.of, EvidenceOf::ScreeningEntry { list: EU_SANCTIONS.into(), uid: "25308".into() });
    assert!(shown.source.ends_with("two of your people decided on 2026-04-30: somebody else"), "{}", shown.source);
}

/// The registry's decision is evidence. It clears nothing, but what it says against somebody counts until the asker decides.
#[test]
fn what_the_registry_decided_is_shown_and_clears_nobody() {
    let day = date("2026-04-30");
    let hit = |score, decision, own| Hit { score, decision, own, ..of_list(EU_SANCTIONS, name_hit("Entity 1 Limited")) };
    let (open, cleared, met) = (HitDecision::Open, HitDecision::FalsePositive(day), HitDecision::TrueMatch(day));
    for (score, registry, own, expected) in [
        (100, cleared, open, CheckCode::SanctionsNameListed),
        (90, cleared, open, CheckCode::SanctionsPossibleMatch),
        (90, met, open, CheckCode::SanctionsNameListed),
        (90, met, cleared, CheckCode::SanctionsNoMatch),
        (90, cleared, met, CheckCode::SanctionsNameListed),
    ] {
        let answer = from("DE", vec![hit(score, registry, own)]).run();
        assert_eq!(answer.checks[5].code, expected, "{score} {registry:?} {own:?}");
    }
    let told = from("DE", vec![hit(90, cleared, open)]).run();
    assert!(told.checks[5].detail.contains("yours have not decided"), "{}", told.checks[5].detail);
    let source = &told.checks[5].evidence[0].source;
    assert!(source.ends_with("; two people of the registry decided on 2026-04-30: somebody else"), "{source}");
}

/// A short name is told as what it is.
#[test]
fn a_second_identifier_is_told() {
    use super::super::super::screening::{Beside, SecondIdentifier::Country};
    let detail = |score, beside| {
        let hit = Hit { score, beside, ..of_list(EU_SANCTIONS, name_hit("Entity 1 Limited")) };
        from("DE", vec![hit]).run().checks[5].detail.to_string()
    };

    let same = detail(86, Beside::Confirms(Country));
    assert!(same.contains("The name is short, but the country is the same. Your people have not decided on it yet."), "{same}");
    let differs = detail(86, Beside::Contradicts(Country));
    assert!(differs.contains("The country differs. Your people have not decided on it yet."), "{differs}");
    assert!(detail(82, Beside::Contradicts(Country)).contains("The country differs."));
    assert!(detail(82, Beside::Silent).contains("Compare a second identifier."));
}

#[test]
fn clearing_one_entry_clears_no_other() {
    let hit = |uid: &str, own| Hit { uid: uid.into(), own, ..of_list(EU_SANCTIONS, name_hit("Entity 1 Limited")) };
    let case = from("DE", vec![hit("1", HitDecision::FalsePositive(date("2026-04-30"))), hit("2", HitDecision::Open)]);

    assert_eq!(code(&case), CheckCode::SanctionsNameListed);
}

#[test]
fn without_a_list_that_binds_nothing_is_clear() {
    let mut case = Case::licensed();
    case.screening.lists.retain(|list| list.family != EU_SANCTIONS);

    let answer = case.run();

    assert_eq!(answer.checks[5].code, CheckCode::SanctionsBindingListNotHeld);
    assert_eq!(answer.recommendation, Recommendation::ProceedWithConditions);
    let detail = "These lists are binding in DE, but not loaded: EU-SANCTIONS.";
    assert_eq!(answer.checks[5].detail, detail);
    case.originator = regime("JP", super::super::super::rulebook::TravelRuleStatus::InForce);
    assert!(case.run().checks[5].detail.ends_with("in JP, but not loaded: JP-MOF."), "a list without an importer is named");
}

#[test]
fn where_the_national_lists_are_not_known_nothing_is_clear() {
    let kazakhstan = from("KZ", vec![]).run().checks[5].clone();

    assert_eq!((kazakhstan.code, kazakhstan.outcome()), (CheckCode::SanctionsBindingListNotHeld, CheckOutcome::Unknown));
    assert_eq!(kazakhstan.detail, "The registry does not know the national lists of KZ.");
    assert_eq!(code(&from("BR", vec![])), CheckCode::SanctionsNoMatch, "known to have none of its own");
}

#[test]
fn a_list_that_does_not_bind_moves_nothing_by_being_old_partial_or_absent() {
    for change in [
        |list: &mut ScreeningListVersion| list.as_of = date("2020-01-01"),
        |list: &mut ScreeningListVersion| list.coverage = ListCoverage::Partial,
        |list: &mut ScreeningListVersion| list.family = UK_SANCTIONS.into(),
    ] {
        let mut case = from("DE", vec![]);
        case.screening.lists.iter_mut().filter(|list| list.family == OFAC_SDN).for_each(change);
        assert_eq!(code(&case), CheckCode::SanctionsNoMatch);

        case.originator = regime("US", super::super::super::rulebook::TravelRuleStatus::InForce);
        assert_ne!(code(&case), CheckCode::SanctionsNoMatch);
    }
}

/// Source: the shipped policy: a listed address counts wherever the list is from.
#[test]
fn a_list_of_addresses_that_does_not_bind_is_named_where_it_lacks_something_and_an_address_was_searched() {
    let mut case = from("DE", vec![]);
    for list in case.screening.lists.iter_mut().filter(|list| list.family == OFAC_SDN) {
        (list.coverage, list.addresses) = (ListCoverage::Partial, ListAddresses::Read);
    }
    let said = |account: AccountScreening| {
        let mut case = case.clone();
        case.screening.account = account;
        case.run().checks[5].detail.contains(&format!("Loaded only in part: {OFAC_SDN}."))
    };

    assert!(said(AccountScreening::Asked));
    assert!(!said(AccountScreening::NotAsked));
}

#[test]
fn likeness_to_a_name_on_a_list_that_does_not_bind_is_told_apart_from_being_listed_there() {
    let like = Hit { score: 88, ..of_list(OFAC_SDN, name_hit("Entity 1 Limited")) };

    let answer = from("DE", vec![like]).run().checks[5].clone();

    assert_eq!((answer.code, answer.outcome()), (CheckCode::SanctionsPossibleMatchElsewhere, CheckOutcome::Warn));
}

#[test]
fn each_list_that_binds_is_told_apart_by_how_it_is_held() {
    let mut case = from("CA", vec![]);
    case.screening.lists.retain(|list| list.family != "CA-TERRORISTS");
    for list in &mut case.screening.lists {
        match list.family.as_str() {
            "CA-AUTONOMOUS" => list.coverage = ListCoverage::Partial,
            UN_SANCTIONS => list.as_of = date("2026-01-01"),
            _ => {}
        }
    }

    let answer = case.run().checks[5].clone();

    assert_eq!(
        answer.codes().collect::<Vec<_>>(),
        [CheckCode::SanctionsBindingListNotHeld, CheckCode::SanctionsListTooOld, CheckCode::SanctionsNoMatchOnPartialList]
    );
    for sentence in
        ["in CA, but not loaded: CA-TERRORISTS.", "UN-SANCTIONS (dated 2026-01-01).", "Loaded only in part: CA-AUTONOMOUS."]
    {
        // The detail of three findings is cut; each has its sentence.
        assert!(answer.sentences.iter().any(|(_, said)| said.contains(sentence)), "{answer:?}");
    }
}

#[test]
fn a_binding_list_that_is_too_old_clears_nobody_and_a_part_that_is_young_keeps_it_up() {
    let mut case = Case::licensed();
    let limit = case.policy.screening().unknown_after_days.unwrap();
    case.screening.lists[1].as_of = case.now.plus_secs(-86_400 * i64::from(limit)).date();
    assert_eq!(code(&case), CheckCode::SanctionsNoMatch);

    case.now = case.now.plus_secs(86_400);
    assert_eq!(code(&case), CheckCode::SanctionsListTooOld);

    let part = |part| ScreeningListVersion { id: "EU-NEW".into(), part: Some(part), as_of: case.now.date(), ..eu_list() };
    let [entries, addresses] = [Part::Entries, Part::Addresses].map(part);
    let with = |part: &ScreeningListVersion| {
        let mut case = case.clone();
        case.screening.lists.push(part.clone());
        case
    };
    assert_eq!(code(&with(&entries)), CheckCode::SanctionsNoMatch);
    // New addresses do not make the names more recent. If no name is searched, the addresses are sufficient.
    let old = with(&addresses).run().checks[5].clone();
    assert_eq!(old.code, CheckCode::SanctionsListTooOld);
    assert!(old.detail.contains("EU-SANCTIONS (dated 2026-04-01)"), "{}", old.detail);
    let lists = with(&addresses).screening.lists;
    let mut alone = Case { now: case.now, ..Case::unknown_address(Declared::SelfHosted) };
    alone.screening.lists = lists;
    assert_eq!(code(&alone), CheckCode::SanctionsNoMatch);
}

/// A list of addresses contains only a few of the thousands of names.
#[test]
fn addresses_of_a_list_that_binds_clear_no_name_and_parts_are_not_the_whole() {
    let with = |part, mut case: Case| {
        case.screening.lists.retain(|list| list.family != EU_SANCTIONS);
        case.screening.lists.push(ScreeningListVersion { id: "EU-PART".into(), part: Some(part), ..eu_list() });
        code(&case)
    };

    assert_eq!(with(Part::Addresses, Case::licensed()), CheckCode::SanctionsBindingListNotHeld);
    assert_eq!(with(Part::Entries, Case::licensed()), CheckCode::SanctionsNoMatchOnPartialList);
    assert_eq!(with(Part::Addresses, Case::unknown_address(Declared::SelfHosted)), CheckCode::SanctionsNoMatch);
}

#[test]
fn every_finding_counts_and_the_worst_speaks() {
    let day_old = from("DE", vec![of_list(OFAC_SDN, name_hit("Entity 1 Limited"))]);
    let mut case = day_old;
    case.screening.lists.retain(|list| list.family != EU_SANCTIONS);

    let check = case.run().checks[5].clone();

    assert_eq!(check.code, CheckCode::SanctionsBindingListNotHeld);
    assert_eq!(check.also, [CheckCode::SanctionsListedElsewhere]);
}

fn owned(percent: u32, named: u32, hit: Hit) -> OwnershipScreening {
    let share = |owner: &str, percent: u32| Share { owner: owner.into(), owned: "vasp".into(), basis_points: percent * 100 };
    OwnershipScreening {
        subject: "vasp".into(),
        shares: vec![share("x", percent), share("y", named)],
        listed: [("x".to_owned(), vec![hit])].into(),
    }
}

#[test]
fn who_is_owned_by_listed_persons_is_rejected() {
    let eu = || of_list(EU_SANCTIONS, name_hit("X"));
    let possible = || Hit { score: 88, ..eu() };
    let cleared = || Hit { own: HitDecision::FalsePositive(date("2026-04-30")), ..eu() };
    for (percent, named, hit, expected) in [
        (50, 50, eu(), CheckCode::SanctionsOwned50),
        (49, 51, eu(), CheckCode::SanctionsNoMatch),
        (10, 20, eu(), CheckCode::SanctionsOwnershipUnclear),
        (60, 40, possible(), CheckCode::SanctionsOwnershipUnclear),
        (60, 40, cleared(), CheckCode::SanctionsNoMatch),
        // Below the policy's threshold for a possible match.
        (60, 40, Hit { score: 84, ..eu() }, CheckCode::SanctionsNoMatch),
        (60, 40, of_list(OFAC_SDN, name_hit("X")), CheckCode::SanctionsListedElsewhere),
        (60, 60, eu(), CheckCode::SanctionsOwnershipUnclear),
    ] {
        let mut case = from("DE", vec![]);
        case.screening.ownership = Some(owned(percent, named, hit.clone()));
        assert_eq!(code(&case), expected, "{percent} {named} {hit:?}");
    }
}

/// Found by `worsening_one_input_never_improves_the_recommendation`.
#[test]
fn an_owner_on_a_list_that_no_law_names_counts_also_where_no_list_is_held() {
    let mut case = from("DE", vec![]);
    case.screening.ownership = Some(owned(50, 50, name_hit("Owner")));
    case.screening.lists.clear();

    assert_eq!(code(&case), CheckCode::SanctionsOwned50);
}

/// Source: docs/due-diligence.md, "Who may read answers": shares are part of the answers, but their consequences are not.
#[test]
fn shares_are_said_only_to_whom_the_owners_were_given() {
    let eu = || of_list(EU_SANCTIONS, name_hit("X"));
    for (percent, named, hit) in [(57, 43, eu()), (17, 20, eu()), (57, 43, of_list(OFAC_SDN, name_hit("X"))), (57, 57, eu())] {
        let mut case = from("DE", vec![]);
        case.screening.ownership = Some(owned(percent, named, hit));
        let withheld = case.run().checks[5].clone();
        case.screening.shares = OwnershipShares::Told;
        let told = case.run().checks[5].clone();

        assert_eq!((withheld.code, &withheld.also), (told.code, &told.also));
        let figures = |detail: &str| detail.contains('%') || detail.contains("11400");
        assert!(!figures(&withheld.detail), "{}", withheld.detail);
        assert!(figures(&told.detail), "{}", told.detail);
    }
}

#[test]
fn silence_names_the_day_of_the_oldest_list_that_was_searched() {
    let mut case = from("DE", vec![]);
    let (old, older) = ("2026-04-20".parse().unwrap(), "2026-04-15".parse().unwrap());
    for list in &mut case.screening.lists {
        match list.family.as_str() {
            UN_SANCTIONS => list.as_of = old,
            // It does not bind in Germany.
            OFAC_SDN => list.as_of = older,
            _ => {}
        }
    }

    let detail = case.run().checks[5].detail.clone();

    assert!(detail.contains("on the lists searched (oldest: 2026-04-20)"), "{detail}");
}
