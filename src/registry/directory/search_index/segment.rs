//! A part of the search index: the texts of some records, built at once and never changed.

use super::codes::{Codes, MatchedCode, find_ids};
use super::grouped::{Collected, Grouped, begins, letters};
use super::terms::{Compared, Place, terms};
use super::{Hit, place};
use vasp_record::search::{Forms, MatchedField, SearchQuery, Sieve, alike, beginning, code, of_form};
use vasp_record::vasp::Vasp;
use vasp_words::ids::VaspId;
use vasp_words::in_parts::in_parts;

/// How many texts are compared in full; experience shows that the best ones are always among them.
pub(super) const COMPARED: usize = 64;
/// Minimum number of letters for which a query is also compared with texts that do not begin with it.
const LEAST_COMPARED: usize = 3;

/// The texts by which some VASPs are found.
#[derive(Debug)]
pub(super) struct Segment {
    /// The records, in order.
    ids: Box<[VaspId]>,
    /// The words of names and hosts.
    words: Grouped<Owner>,
    sieve: Sieve,
    codes: Codes,
}

/// A term that has certain words.
#[derive(Clone, Copy, Debug)]
struct Owner {
    place: Place,
    /// The legal forms that were removed from it, or the public suffix.
    forms: Forms,
    /// Length of the registered part of a host.
    label: u16,
}

/// The texts of some records: words, and identifiers.
type Found = (Collected<Owner>, Collected<Place>);

/// Number of records from which several threads work.
const MANY: usize = 2_000;

impl Segment {
    /// Builds the index of records; `group` returns the name of a record's group.
    pub(super) fn of<'a>(mut vasps: Vec<&'a Vasp>, group: impl Fn(&Vasp) -> Option<&'a str> + Sync) -> Self {
        vasps.sort_by_key(|vasp| vasp.id);
        let ids = vasps.iter().map(|vasp| vasp.id).collect();
        let numbered: Vec<(u32, &Vasp)> = (0..).zip(vasps).collect();
        let parts: Vec<Found> = in_parts(&numbered, MANY, |part| collect(part, &group));
        let (words, codes): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let of_words = || {
            let words = Grouped::of(&words);
            let sieve = Sieve::of(words.texts());
            (words, sieve)
        };
        let (codes, (words, sieve)) = if numbered.len() < MANY {
            (Codes::of(&codes), of_words())
        } else {
            std::thread::scope(|scope| {
                let words = scope.spawn(of_words);
                (Codes::of(&codes), words.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            })
        };
        Self { ids, words, sieve, codes }
    }

    /// Returns the ids of its records, in order.
    pub(super) fn ids(&self) -> &[VaspId] {
        &self.ids
    }

    /// Adds what matches a query and passes `wanted`, a VASP perhaps several times.
    pub(super) fn find(&self, query: &SearchQuery, wanted: &dyn Fn(VaspId) -> bool, hits: &mut Vec<Hit>) {
        let mut add = |(term, kind, score): MatchedCode| {
            if let Some(vasp) = self.id(term).filter(|vasp| wanted(*vasp)) {
                hits.push(Hit { vasp, field: term.field, term: term.term, kind, score });
            }
        };
        find_ids(&self.ids, query).into_iter().chain(self.codes.find(query)).for_each(&mut add);
        self.match_beginnings(query, &mut add);
        self.match_alike(query, wanted, &mut add);
        if let Some(forms) = query.form_alone() {
            let (kind, score) = of_form();
            let owners = self.words.all_owners().iter().filter(|owner| forms.are_among(owner.forms));
            owners.for_each(|owner| add((owner.place, kind, score)));
        }
    }

    fn match_beginnings(&self, query: &SearchQuery, mut add: impl FnMut(MatchedCode)) {
        let asked = query.text().words();
        for (text, owners) in self.words.beginning_with(asked) {
            for owner in owners {
                let whole = beginning(query.text(), text, owner.forms);
                let label = owner.label_of(text).filter(|label| begins(label, asked));
                let label = label.and_then(|label| beginning(query.text(), label, Forms::PUBLIC_SUFFIX));
                whole.into_iter().chain(label).for_each(|(kind, score)| add((owner.place, kind, score)));
            }
        }
    }

    fn match_alike(&self, query: &SearchQuery, wanted: &dyn Fn(VaspId) -> bool, mut add: impl FnMut(MatchedCode)) {
        let asked = query.text().words();
        if letters(asked).count() < LEAST_COMPARED {
            return;
        }
        let any_wanted = |text: u32| self.words.owners(text).iter().any(|owner| self.id(owner.place).is_some_and(wanted));
        for number in self.sieve.nearest(self.words.texts(), asked, COMPARED, any_wanted) {
            let text = self.words.texts().get(number);
            let whole = alike(query.text(), text);
            for owner in self.words.owners(number) {
                let label = owner.label_of(text).and_then(|label| alike(query.text(), label));
                let whole = whole.map(|likeness| likeness.with_forms(query.text(), owner.forms));
                let label = label.map(|likeness| likeness.with_forms(query.text(), Forms::PUBLIC_SUFFIX));
                whole.into_iter().chain(label).for_each(|(kind, score)| add((owner.place, kind, score)));
            }
        }
    }

    fn id(&self, term: Place) -> Option<VaspId> {
        self.ids.get(place(term.record)).copied()
    }
}

impl Owner {
    /// Returns the registered part of its host, if the host begins with it.
    fn label_of<'a>(&self, text: &'a str) -> Option<&'a str> {
        text.get(..usize::from(self.label)).filter(|label| !label.is_empty())
    }
}

/// Returns the texts of numbered records, in order.
fn collect<'a>(part: &[(u32, &'a Vasp)], group: impl Fn(&Vasp) -> Option<&'a str>) -> Found {
    let (mut words, mut codes) = Found::default();
    for (record, vasp) in part {
        for (term, number) in terms(vasp, group(vasp)).zip(0..=u16::MAX) {
            let place = Place { record: *record, term: number, field: term.field };
            for Compared { text, label } in term.compared() {
                words.push(text.words(), Owner { place, forms: text.forms(), label });
            }
            let code = matches!(term.field, MatchedField::Lei | MatchedField::Identifier).then(|| code(&term.text));
            if let Some(code) = code.filter(|code| !code.is_empty()) {
                codes.push(&code, place);
            }
        }
    }
    words.sort();
    codes.sort();
    (words, codes)
}
