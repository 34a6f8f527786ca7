//! Measures how often a listed name with one wrong letter is found, and how often an unrelated firm is found. The names come from the seed.
//! Each is changed at every letter: a different letter, one more, one less, or two swapped.

use super::super::SanctionsList;
use super::*;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// From this score on a person has to look. Source: `seed/policy.json`, `screening.name_score.possible`.
const POSSIBLE: Score = 85;
/// From this score on the name counts as the listed one. Source: the same, `sure`.
const SURE: Score = 95;

fn seed() -> Vec<SanctionsList> {
    let texts = [include_str!("../../../../seed/sanctions.json"), include_str!("../../../../seed/sanctions_eu.json")];
    texts.into_iter().map(|text| SanctionsList::from_json(text).unwrap()).collect()
}

/// The firms of the register, each with all its names.
fn firms() -> Vec<Vec<String>> {
    let register: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/fixtures/esma/register-2026-04-26.json")).unwrap();
    let names = |firm: &serde_json::Value| {
        let commercial = firm["commercial_names"].as_array().unwrap().iter();
        commercial.chain([&firm["legal_name"]]).map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    register["entities"].as_array().unwrap().iter().map(names).collect()
}

/// Changes a name at one letter in the four ways.
fn misspelt(name: &str, place: usize, rng: &mut ChaCha8Rng) -> [String; 4] {
    let letters: Vec<char> = name.chars().collect();
    let mut other = || {
        let drawn = std::iter::repeat_with(|| char::from(b'a' + u8::try_from(rng.next_u32() % 26).unwrap()));
        drawn.into_iter().find(|letter| !letters[place].eq_ignore_ascii_case(letter)).unwrap()
    };
    let mut change = |edit: &dyn Fn(&mut Vec<char>, char)| {
        let mut changed = letters.clone();
        edit(&mut changed, other());
        changed.into_iter().collect::<String>()
    };
    [
        change(&|name, letter| name[place] = letter),
        change(&|name, letter| name.insert(place, letter)),
        change(&|name, _| {
            name.remove(place);
        }),
        change(&|name, _| {
            if name.get(place + 1).is_some_and(|next| next.is_alphanumeric()) {
                name.swap(place, place + 1);
            }
        }),
    ]
}

/// How many changed names were searched for, and how many were found.
#[derive(Debug, Default)]
struct Measured {
    asked: usize,
    found: usize,
    /// Found with a score at which a person must look.
    possible: usize,
    /// Found with a score for the same name, although it differs.
    sure: usize,
}

fn measure(names: &Names, least_letters: usize) -> Measured {
    let (mut rng, mut measured) = (ChaCha8Rng::seed_from_u64(22), Measured::default());
    for listed in names.listed.iter().filter(|listed| listed.spoken.letters().chars().count() >= least_letters) {
        for (place, _) in listed.name.chars().enumerate().filter(|(_, letter)| letter.is_alphanumeric()) {
            for changed in misspelt(&listed.name, place, &mut rng) {
                let Some(asked) = Spoken::of(&changed).filter(|asked| asked.words != listed.spoken.words) else { continue };
                let found = names.search(&asked).into_iter().find(|hit| (hit.list, hit.entry) == (listed.list, listed.entry));
                let score = found.map_or(0, |hit| hit.score);
                measured.asked += 1;
                measured.found += usize::from(score >= LEAST);
                measured.possible += usize::from(score >= POSSIBLE);
                measured.sure += usize::from(score >= SURE);
            }
        }
    }
    measured
}

#[test]
fn listed_names_with_one_wrong_letter_are_found() {
    let names = Names::of(&seed());

    let all = measure(&names, 0);
    let long = measure(&names, LEAST_LETTERS + 2);

    assert!(all.asked > 10_000, "{all:?}");
    assert!(all.found * 1_000 >= all.asked * 995, "{all:?}");
    // A person looks at a longer name, but at a shorter one only together with something else.
    assert!(long.possible * 100 >= long.asked * 95, "{long:?}");
    // If the wrong letter makes a legal form or a known alias, the result is another name of the same entry.
    assert!(all.sure * 200 <= all.asked, "{all:?}");
}

#[test]
fn firms_that_have_nothing_to_do_with_the_lists_are_left_alone() {
    let (names, firms) = (Names::of(&seed()), firms());

    let hit = firms.iter().filter(|firm| firm.iter().any(|name| !names.like(name).is_empty())).collect::<Vec<_>>();

    assert!(firms.len() > 150 && hit.len() * 100 <= firms.len(), "{} of {}: {hit:?}", hit.len(), firms.len());
}

#[test]
fn one_letter_is_a_likeness_and_of_a_short_name_a_weak_one() {
    for (one, other, score) in [
        ("garantex", "garantez", ONE_LETTER),
        ("garantex", "garanetx", ONE_LETTER),
        ("garantex", "garante", ONE_LETTER),
        ("suex", "suexx", ONE_LETTER_SHORT),
        ("payeer", "paqeer", ONE_LETTER_SHORT),
        ("cbi", "cbj", 0),
        ("suex", "uex", ONE_LETTER_SHORT),
        ("garantex", "garantex", 0),
        ("garantex", "garamtez", 0),
    ] {
        assert_eq!((one_letter(one, other), one_letter(other, one)), (score, score), "{one} {other}");
    }
    assert!(LEAST <= ONE_LETTER_SHORT && ONE_LETTER_SHORT < POSSIBLE && (POSSIBLE..SURE).contains(&ONE_LETTER));
}
