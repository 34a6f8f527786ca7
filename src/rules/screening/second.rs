//! What else than the name speaks for or against a likeness: LEI, registration number, country, date and kind, if both sides have them. It
//! never changes a match of the same name, and a firm's absence from a register says nothing. The caller is `matching`.

use super::names::NameMatch;
use super::{EntryKind, SanctionsEntry, Score};
use crate::precheck::BrandCandidate;
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// Score of a short name with one wrong letter if a second identifier is the same. A person looks.
const SHORT_CONFIRMED: Score = 86;
/// By so much a second identifier that differs lowers the score of a likeness. One wrong letter in a name of seven letters or more is then
/// still for a person, unless two identifiers differ: firms move, and lists are wrong about countries.
const DIFFERS: Score = 3;
/// A shorter number may be that of many firms.
const LEAST_NUMBER: usize = 5;

/// What can identify somebody besides the name, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondIdentifier {
    /// The LEI.
    Lei,
    /// The number in a register or of a tax office.
    Number,
    /// The country of the seat.
    Country,
    /// The day since which the firm exists.
    Date,
    /// Firm, person or thing.
    Kind,
}

impl SecondIdentifier {
    /// Returns its name for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lei => "LEI",
            Self::Number => "registration number",
            Self::Country => "country",
            Self::Date => "date of foundation",
            Self::Kind => "kind",
        }
    }
}

/// What a second identifier says about a likeness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beside {
    /// The two sides do not have one in common, or it is not needed.
    #[default]
    Silent,
    /// It is the same, and the name is so short that it counts only for this reason.
    Confirms(SecondIdentifier),
    /// It differs.
    Contradicts(SecondIdentifier),
}

/// What is known about somebody besides names.
#[derive(Clone, Debug, Default)]
pub(super) struct Particulars {
    kind: Option<VaspKind>,
    lei: Option<Lei>,
    country: Option<Country>,
    active_since: Option<Date>,
    numbers: Vec<String>,
}

impl Particulars {
    /// Returns what a record says. A firm exists at the latest since its first licence.
    pub(super) fn of(vasp: &Vasp) -> Self {
        let numbers = vasp.identifiers.iter().map(|identifier| plain(&identifier.value));
        Self {
            kind: Some(vasp.kind),
            lei: vasp.lei,
            country: vasp.country,
            active_since: vasp.licences.iter().filter_map(|licence| licence.valid_from).min(),
            numbers: numbers.filter(|number| number.len() >= LEAST_NUMBER).collect(),
        }
    }

    /// Returns what links say about an entity without a record.
    pub(super) fn of_candidate(candidate: &BrandCandidate) -> Self {
        Self { kind: Some(VaspKind::Entity), lei: candidate.lei, country: candidate.country, ..Self::default() }
    }

    /// Tells whether they are those of a brand.
    pub(super) fn is_brand(&self) -> bool {
        self.kind == Some(VaspKind::Group)
    }

    /// Weighs a likeness: returns its score and what decided it.
    pub(super) fn weigh(&self, found: &NameMatch, entry: &SanctionsEntry) -> (Score, Beside) {
        if found.is_same {
            return (found.score, Beside::Silent);
        }
        let said: Vec<(SecondIdentifier, bool)> = self.compared(entry).collect();
        let confirmed = said.iter().find(|(what, same)| *same && *what != SecondIdentifier::Kind);
        let differing = || said.iter().filter(|(_, same)| !same).map(|(what, _)| *what);
        if let Some((what, _)) = confirmed.filter(|_| found.is_short && differing().next().is_none()) {
            return (found.score.max(SHORT_CONFIRMED), Beside::Confirms(*what));
        }
        let score = differing().fold(found.score, |score, _| score.saturating_sub(DIFFERS));
        (score, differing().next().map_or(Beside::Silent, Beside::Contradicts))
    }

    /// Compares what both sides have; `true` if it is the same.
    fn compared(&self, entry: &SanctionsEntry) -> impl Iterator<Item = (SecondIdentifier, bool)> {
        let lei = self.lei.filter(|_| !entry.leis.is_empty()).map(|lei| entry.leis.contains(&lei));
        // A firm has several numbers, so that another one contradicts nothing.
        let number = entry.numbers.iter().any(|text| self.numbers.iter().any(|own| ends_with(text, own))).then_some(true);
        let kind = self.kind.filter(|_| entry.kind != EntryKind::Unknown).map(|_| entry.kind == EntryKind::Entity);
        [
            (SecondIdentifier::Lei, lei),
            (SecondIdentifier::Number, number),
            (SecondIdentifier::Country, self.country.and_then(|country| is_of(country, entry))),
            (SecondIdentifier::Date, self.active_since.and_then(|since| may_exist(since, entry))),
            (SecondIdentifier::Kind, kind),
        ]
        .into_iter()
        .filter_map(|(what, same)| Some((what, same?)))
    }
}

/// Tells whether a country is one of the entry's. `None` if the entry has none, or one that cannot be read.
fn is_of(country: Country, entry: &SanctionsEntry) -> Option<bool> {
    let mut all = entry.countries.iter().map(|text| Country::named(text)).peekable();
    all.peek()?;
    let (mut same, mut unread) = (false, false);
    for one in all {
        same |= one == Some(country);
        unread |= one.is_none();
    }
    if same { Some(true) } else { (!unread).then_some(false) }
}

/// Returns `false` if the listed firm was founded in a later year than the other existed. An earlier year confirms nothing.
fn may_exist(since: Date, entry: &SanctionsEntry) -> Option<bool> {
    let year = |text: &String| text.rsplit(|c: char| !c.is_ascii_digit()).find(|part| part.len() == 4)?.parse::<i16>().ok();
    let founded = entry.born.iter().filter_map(year).min().filter(|_| entry.kind.may_be_a_firm())?;
    (founded > since.year()).then_some(false)
}

fn plain(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// Tells whether a text, without the country in brackets, ends with a number: `Trade License No. C 76398 (Malta)` with `C76398`.
fn ends_with(text: &str, number: &str) -> bool {
    let words: Vec<&str> = text.split(" (").next().unwrap_or_default().split(' ').collect();
    (0..words.len()).any(|from| words.get(from..).is_some_and(|last| plain(&last.concat()) == number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::precheck::examples::{entity, licence};
    use vasp_record::vasp::Identifier;

    fn firm(country: &str) -> Vasp {
        let identifiers = vec![Identifier { scheme: "malta_register".into(), value: "C-76398".into() }];
        Vasp { country: country.parse().ok(), lei: None, licences: vec![licence("2015-06-25")], identifiers, ..entity(1) }
    }

    /// Source: OFAC's entry 23414, "Trade License No. C 76398 (Malta)"; the days are invented.
    fn listed(countries: &[&str], born: &str, number: &str) -> SanctionsEntry {
        SanctionsEntry {
            kind: EntryKind::Entity,
            name: "KRAKERN LIMITED".into(),
            countries: countries.iter().map(|country| (*country).to_owned()).collect(),
            born: vec![born.to_owned()],
            numbers: vec![number.to_owned()],
            ..SanctionsEntry::default()
        }
    }

    fn weighed(score: Score, is_same: bool, firm: &Vasp, entry: &SanctionsEntry) -> (Score, Beside) {
        let found = NameMatch { list: 0, entry: 0, listed: String::new(), score, is_same, is_short: score == 84 };
        Particulars::of(firm).weigh(&found, entry)
    }

    #[test]
    fn a_short_name_counts_only_with_a_second_identifier_that_is_the_same() {
        for (country, entry, expected) in [
            ("IE", listed(&[], "", ""), (84, Beside::Silent)),
            ("MT", listed(&["Malta"], "", ""), (86, Beside::Confirms(SecondIdentifier::Country))),
            ("IE", listed(&["Malta"], "", ""), (81, Beside::Contradicts(SecondIdentifier::Country))),
            ("IE", listed(&[], "", "C 76398"), (86, Beside::Confirms(SecondIdentifier::Number))),
            ("IE", listed(&[], "", "Trade License No. C 76398 (Malta)"), (86, Beside::Confirms(SecondIdentifier::Number))),
            ("IE", listed(&[], "", "76398"), (84, Beside::Silent)),
            ("MT", listed(&["Malta"], "10 Apr 2019", ""), (81, Beside::Contradicts(SecondIdentifier::Date))),
        ] {
            assert_eq!(weighed(84, false, &firm(country), &entry), expected, "{country} {entry:?}");
        }
    }

    #[test]
    fn a_contradiction_weakens_a_likeness_and_never_the_same_name() {
        let entry = listed(&["Malta", "IT"], "10 Apr 2014", "");
        let ship = SanctionsEntry { kind: EntryKind::Vessel, ..entry.clone() };
        let unread = listed(&["Malta", "somewhere"], "", "");

        assert_eq!(weighed(88, false, &firm("IE"), &entry), (85, Beside::Contradicts(SecondIdentifier::Country)));
        assert_eq!(weighed(88, false, &firm("IE"), &ship).0, 82, "two differ");
        assert_eq!(weighed(88, false, &firm("IT"), &entry), (88, Beside::Silent));
        assert_eq!(weighed(88, false, &firm("IT"), &ship), (85, Beside::Contradicts(SecondIdentifier::Kind)));
        assert_eq!(
            weighed(88, false, &firm("IE"), &unread),
            (88, Beside::Silent),
            "a country that cannot be read may be Ireland"
        );
        for (score, entry) in [(100, &entry), (90, &ship)] {
            assert_eq!(weighed(score, true, &firm("IE"), entry), (score, Beside::Silent));
        }
    }
}
