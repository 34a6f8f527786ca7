//! What tells a VASP apart from an entry that it matches: values that both sides have. From a score of [`CERTAIN`] on, only such a value
//! clears a match, because a name that is the same says nothing for itself. Callers: `vasp_registry::screening`, which adds the document.

use serde::Serialize;

use super::{Ground, SanctionsEntry, Score};
use vasp_record::vasp::Vasp;
use vasp_words::country::Country;
use vasp_words::lei::Lei;

/// From this score on a match is cleared only by a [`Ground`].
///
/// Source: docs/screening.md, "Deciding"; it is the score from which the default policy lets a match fail.
pub const CERTAIN: Score = 95;

/// A shorter number may be that of many firms.
const LEAST_NUMBER: usize = 5;

/// Values of both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScreeningComparison))]
pub struct Compared {
    /// `country`, `date`, `lei` or `register_number`.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "country"))]
    pub ground: Ground,
    /// The values on record. No date of foundation is on record: a document must show it.
    pub record: Vec<String>,
    /// The values of the entry.
    pub listed: Vec<String>,
    /// True if one is the same, false if all differ; null if a side has none, or has one that cannot be read.
    pub same: Option<bool>,
}

/// Why a value shows no difference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDifference {
    /// The entry has no such value.
    #[error("the entry of the list has no such value, so nothing differs")]
    NotListed,
    /// The record has another value.
    #[error("the record has another value: {0}")]
    NotOnRecord(String),
    /// A value of the entry, or the VASP's, cannot be compared for certain.
    #[error("`{0}` cannot be compared for certain, so it may be the same")]
    Unclear(String),
    /// A value of the entry is the same.
    #[error("the entry has the same value: {0}")]
    Same(String),
}

impl Compared {
    /// Compares everything that both sides can have.
    #[must_use]
    pub fn all(vasp: &Vasp, entry: &SanctionsEntry) -> Vec<Self> {
        let one = |ground| {
            let (own, listed) = (on_record(ground, vasp), listed(ground, entry));
            let found: Vec<Option<bool>> =
                own.iter().flat_map(|own| listed.iter().map(|other| is_same(ground, own, other))).collect();
            let same = match found.as_slice() {
                [] => None,
                all if all.contains(&Some(true)) => Some(true),
                all if all.contains(&None) => None,
                _ => Some(false),
            };
            Self { ground, record: own, listed, same }
        };
        Ground::ALL.into_iter().map(one).collect()
    }
}

/// Returns the entry's values that can be compared with the VASP's, if it differs from all of them.
///
/// # Errors
/// `NoDifference` says why it shows no difference.
pub fn differs(ground: Ground, value: &str, vasp: &Vasp, entry: &SanctionsEntry) -> Result<Vec<String>, NoDifference> {
    let (known, listed) = (on_record(ground, vasp), listed(ground, entry));
    if !known.is_empty() && !known.iter().any(|known| is_same(ground, known, value) == Some(true)) {
        return Err(NoDifference::NotOnRecord(known.join(", ")));
    }
    if is_same(ground, value, value).is_none() {
        return Err(NoDifference::Unclear(value.to_owned()));
    }
    if listed.is_empty() {
        return Err(NoDifference::NotListed);
    }
    let find = |wanted| listed.iter().find(|other| is_same(ground, value, other) == wanted);
    if let Some(same) = find(Some(true)) {
        return Err(NoDifference::Same(same.clone()));
    }
    // A number of another kind says nothing, as long as one of the same kind differs.
    let may_lack = ground == Ground::RegisterNumber && find(Some(false)).is_some();
    match find(None).filter(|_| !may_lack) {
        Some(unclear) => Err(NoDifference::Unclear(unclear.clone())),
        None => Ok(listed.into_iter().filter(|other| is_same(ground, value, other) == Some(false)).collect()),
    }
}

/// Returns the values on record. A record has no date of foundation: a document must show it.
fn on_record(ground: Ground, vasp: &Vasp) -> Vec<String> {
    match ground {
        Ground::Country => vasp.country.iter().map(ToString::to_string).collect(),
        Ground::Date => vec![],
        Ground::Lei => vasp.lei.iter().map(ToString::to_string).collect(),
        Ground::RegisterNumber => {
            let numbers = vasp.identifiers.iter().filter(|one| digits(&one.value).is_some());
            // A key in lists of labels is no number of a register.
            numbers.filter(|one| one.scheme != "entity_key").map(|one| one.value.clone()).collect()
        }
    }
}

fn listed(ground: Ground, entry: &SanctionsEntry) -> Vec<String> {
    match ground {
        Ground::Country => entry.countries.clone(),
        Ground::Date => entry.born.clone(),
        Ground::Lei => entry.leis.iter().map(ToString::to_string).collect(),
        Ground::RegisterNumber => entry.numbers.clone(),
    }
}

/// Compares two values; `None` if one cannot be read for certain, or the two are not of one kind.
fn is_same(ground: Ground, one: &str, other: &str) -> Option<bool> {
    let both = |read: fn(&str) -> Option<String>| Some((read(one)?, read(other)?));
    match ground {
        Ground::Country => both(|text| Country::named(text).map(|country| country.to_string())).map(|(one, other)| one == other),
        // Only another year is another date: lists are often wrong about days.
        Ground::Date => both(year).map(|(one, other)| one == other),
        Ground::Lei => both(|text| text.parse::<Lei>().ok().map(|lei| lei.to_string())).map(|(one, other)| one == other),
        // One side may add letters or a place to the number. A firm has a number in each register and tax office that it deals with, so only
        // another number in the same one is another firm's.
        Ground::RegisterNumber => match both(digits)? {
            (one, other) if one.contains(&other) || other.contains(&one) => Some(true),
            _ => (register(one)? == register(other)?).then_some(false),
        },
    }
}

/// What a text says of the register of a number, before the number: the kind, and words of which it has one. Tax offices register, too.
///
/// Source: the remarks of OFAC's SDN list, such as "Trade License No. C 76398 (Malta)" and "Registration ID 27134614 (Netherlands)".
const REGISTERS: [(&str, &[&str]); 3] =
    [("tax office", &["tax"]), ("licences", &["licen"]), ("firms", &["regist", "company number", "c.r. no"])];

/// Returns the kind and country of the register that a text names with its number; `None` if it does not name both.
fn register(text: &str) -> Option<(&'static str, Country)> {
    let label = text.split(|c: char| c.is_ascii_digit()).next()?.to_lowercase();
    let (_, country) = text.strip_suffix(')')?.rsplit_once('(')?;
    let (kind, _) = REGISTERS.iter().find(|(_, words)| words.iter().any(|word| label.contains(word)))?;
    Some((kind, Country::named(country)?))
}

/// Returns the year of a date; `None` if the text names several years or none, or says that it is not exact.
fn year(text: &str) -> Option<String> {
    const INEXACT: [&str; 6] = ["circa", "approx", "about", "between", "before", "after"];
    let lower = text.to_lowercase();
    let mut years = lower.split(|c: char| !c.is_ascii_digit()).filter(|part| part.len() == 4);
    let only = years.next().filter(|_| years.next().is_none())?;
    (!INEXACT.iter().any(|word| lower.contains(word))).then(|| only.to_owned())
}

/// Returns the digits of a number; `None` if it has too few to be one firm's.
fn digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= LEAST_NUMBER).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::precheck::examples::entity;
    use vasp_record::vasp::Identifier;

    fn firm() -> Vasp {
        let identifiers = vec![Identifier { scheme: "malta_register".into(), value: "C-76398".into() }];
        Vasp { country: "IE".parse().ok(), lei: "5493001KJTIIGC8Y1R12".parse().ok(), identifiers, ..entity(1) }
    }

    fn entry(countries: &[&str], born: &[&str], numbers: &[&str]) -> SanctionsEntry {
        let owned = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
        let leis = vec!["529900T8BM49AURSDO55".parse().unwrap()];
        SanctionsEntry {
            countries: owned(countries),
            born: owned(born),
            numbers: owned(numbers),
            leis,
            ..SanctionsEntry::default()
        }
    }

    /// Source: docs/screening.md, "Deciding".
    #[test]
    fn a_value_clears_only_if_every_value_of_the_entry_is_read_and_differs() {
        let of = |ground, value: &str, entry: &SanctionsEntry| differs(ground, value, &firm(), entry).map(|_| ());
        let (same, unclear) =
            (|text: &str| Err(NoDifference::Same(text.into())), |text: &str| Err(NoDifference::Unclear(text.into())));
        for (ground, value, listed, expected) in [
            (Ground::Country, "IE", entry(&["Russia"], &[], &[]), Ok(())),
            (Ground::Country, "Ireland", entry(&["Russia"], &[], &[]), Ok(())),
            (Ground::Country, "IE", entry(&["Russia", "Ireland"], &[], &[]), same("Ireland")),
            (Ground::Country, "IE", entry(&["Russia", "somewhere"], &[], &[]), unclear("somewhere")),
            (Ground::Country, "IE", entry(&[], &[], &[]), Err(NoDifference::NotListed)),
            (Ground::Country, "MT", entry(&["Russia"], &[], &[]), Err(NoDifference::NotOnRecord("IE".into()))),
            (Ground::Date, "2014-06-25", entry(&[], &["10 Apr 2019"], &[]), Ok(())),
            (Ground::Date, "2014-06-25", entry(&[], &["10 Apr 2014"], &[]), same("10 Apr 2014")),
            (Ground::Date, "2014", entry(&[], &["circa 2019"], &[]), unclear("circa 2019")),
            (Ground::Date, "2014", entry(&[], &["2010 to 2019"], &[]), unclear("2010 to 2019")),
            (Ground::Date, "long ago", entry(&[], &["2019"], &[]), unclear("long ago")),
            (Ground::Lei, "5493001KJTIIGC8Y1R12", entry(&[], &[], &[]), Ok(())),
            (
                Ground::Lei,
                "529900T8BM49AURSDO55",
                entry(&[], &[], &[]),
                Err(NoDifference::NotOnRecord("5493001KJTIIGC8Y1R12".into())),
            ),
            (Ground::RegisterNumber, "C 76398", entry(&[], &[], &["1234567"]), unclear("1234567")),
            (Ground::RegisterNumber, "C 76398", entry(&[], &[], &["76398 (Malta)"]), same("76398 (Malta)")),
            (Ground::RegisterNumber, "C 76398", entry(&[], &[], &["76398"]), same("76398")),
            (Ground::RegisterNumber, "C 76398", entry(&[], &[], &["12"]), unclear("12")),
        ] {
            assert_eq!(of(ground, value, &listed), expected, "{ground} {value} {listed:?}");
        }
    }

    /// OFAC writes numbers so: "Registration ID 27134614 (Netherlands)", "Tax ID No. 7710549038".
    #[test]
    fn only_another_number_in_the_same_register_differs() {
        let own = "Registration Number C 76398 (Malta)";
        let of = |value: &str, listed: &[&str]| differs(Ground::RegisterNumber, value, &firm(), &entry(&[], &[], listed));
        let unclear = |text: &str| Err(NoDifference::Unclear(text.into()));
        let (tax, register) = ("Tax ID No. 7710549038 (Malta)", "Registration ID 27134614 (Malta)");

        assert_eq!(of(own, &[register]), Ok(vec![register.to_owned()]));
        assert_eq!(of(own, &[tax, register, "7710549038"]), Ok(vec![register.to_owned()]), "the others say nothing");
        for other in [tax, "Registration ID 27134614 (Netherlands)", "Registration ID 27134614", "27134614 (Malta)"] {
            assert_eq!(of(own, &[other]), unclear(other));
        }
        assert_eq!(of("C 76398", &[register]), unclear(register), "the value names no register");
        assert_eq!(of("Tax ID No. C 76398 (Malta)", &[tax]), Ok(vec![tax.to_owned()]));
        let same = "Trade License No. C 76398 (Malta)";
        assert_eq!(
            of(own, &[register, same]),
            Err(NoDifference::Same(same.into())),
            "the same number is the same in any register"
        );
    }

    #[test]
    fn what_is_no_lei_is_no_other_lei() {
        let without = Vasp { lei: None, ..firm() };
        for text in ["none", "-", "", "529900T8BM49AURSDO54"] {
            assert_eq!(differs(Ground::Lei, text, &without, &entry(&[], &[], &[])), Err(NoDifference::Unclear(text.to_owned())));
        }
    }

    #[test]
    fn both_sides_are_shown_with_what_they_say() {
        let all = Compared::all(&firm(), &entry(&["Ireland"], &["2014"], &["1234567"]));

        let said: Vec<_> = all.iter().map(|one| (one.ground, one.record.len(), one.listed.len(), one.same)).collect();
        assert_eq!(
            said,
            [
                (Ground::Country, 1, 1, Some(true)),
                (Ground::Date, 0, 1, None),
                (Ground::Lei, 1, 1, Some(false)),
                (Ground::RegisterNumber, 1, 1, None),
            ]
        );
    }
}
