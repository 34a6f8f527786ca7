//! The values of an attribute over time, from the snapshots of a register. A snapshot is a sample: its value is valid from its
//! day until the next snapshot that shows the record. The start of the earliest value is unknown. The result depends only on the
//! set of snapshots that were read, not on their order. A part of a register says only that it names a record, never that it does not.

use std::sync::Arc;

use super::register::Extent;
use vasp_words::closed_list::closed_list;
use vasp_words::time::Date;

/// A period with one value: `from` is inclusive, `to` is exclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<V> {
    /// First day; `None` if it is unknown.
    pub from: Option<Date>,
    /// First day on which it is no longer valid; `None` while it is valid.
    pub to: Option<Date>,
    /// The value.
    pub value: V,
}

impl<V> Piece<V> {
    /// Tells whether the piece covers `date`.
    #[must_use]
    pub fn covers(&self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date < to)
    }
}

/// The pieces of one attribute: sorted and disjoint, with equal neighbours joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline<V>(Vec<Piece<V>>);

impl<V> Default for Timeline<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V: Clone + PartialEq> Timeline<V> {
    /// Makes a timeline from stored pieces.
    #[must_use]
    pub fn new(mut pieces: Vec<Piece<V>>) -> Self {
        pieces.sort_by_key(|piece| (piece.from, piece.to));
        Self(pieces)
    }

    /// Returns the pieces in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece<V>] {
        &self.0
    }

    /// Returns the value on a day.
    #[must_use]
    pub fn value_on(&self, date: Date) -> Option<&V> {
        self.0.iter().find(|piece| piece.covers(date)).map(|piece| &piece.value)
    }

    /// Returns the timeline with `make` applied to each value. Values that differ must stay different.
    #[must_use]
    pub fn map<W>(&self, make: impl Fn(&V) -> W) -> Timeline<W> {
        Timeline(self.0.iter().map(|piece| Piece { from: piece.from, to: piece.to, value: make(&piece.value) }).collect())
    }

    /// Returns the timeline with `value` set from `from` until before `to`, and the rest unchanged. `None` removes the value.
    #[must_use]
    pub fn assign(&self, from: Option<Date>, to: Option<Date>, value: Option<&V>) -> Self {
        let mut pieces: Vec<Piece<V>> = Vec::with_capacity(self.0.len() + 2);
        for piece in &self.0 {
            // The remaining parts of the piece before `from` and after `to`.
            if let Some(from) = from
                && piece.from.is_none_or(|start| start < from)
            {
                let end = piece.to.map_or(from, |end| end.min(from));
                pieces.push(Piece { to: Some(end), ..piece.clone() });
            }
            if let Some(to) = to
                && piece.to.is_none_or(|end| end > to)
            {
                let start = piece.from.map_or(to, |start| start.max(to));
                pieces.push(Piece { from: Some(start), ..piece.clone() });
            }
        }
        pieces.extend(value.map(|value| Piece { from, to, value: value.clone() }));
        let Self(pieces) = Self::new(pieces);
        let mut joined: Vec<Piece<V>> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match joined.last_mut() {
                Some(last) if last.value == piece.value && last.to.is_some() && last.to == piece.from => last.to = piece.to,
                _ => joined.push(piece),
            }
        }
        Self(joined)
    }
}

closed_list! {
    /// Whether a register's snapshots show a record.
    pub enum Shown {
        /// They show it.
        Listed = "listed",
        /// They do not show it; this is not the same as ended.
        NotListed = "not_listed",
        /// A part of the register named it on this day. From the next day on it is listed, until a whole register says otherwise.
        Named = "named",
    }
}

/// What one reading of a register says about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The whole register shows it.
    Shown,
    /// The whole register does not show it.
    Missing,
    /// A part of the register names it.
    Named,
}

/// A reading of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The day of the snapshot.
    pub day: Date,
    /// How much of the register it has.
    pub extent: Extent,
    /// Its file or page.
    pub source: Arc<str>,
}

/// The times at which a register's snapshots show a record: a timeline that begins with the first snapshot that shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing(Timeline<Shown>);

impl Listing {
    /// Makes a listing from its stored timeline.
    #[must_use]
    pub fn new(timeline: Timeline<Shown>) -> Self {
        Self(timeline)
    }

    /// Returns the timeline to store.
    #[must_use]
    pub fn timeline(&self) -> &Timeline<Shown> {
        &self.0
    }

    /// Returns the day of the first snapshot that shows the record.
    #[must_use]
    pub fn first(&self) -> Option<Date> {
        self.0.pieces().first().and_then(|piece| piece.from)
    }

    /// Returns whether the register's file of a day has the record.
    #[must_use]
    pub fn shown_in(&self, snapshot: Date) -> bool {
        matches!(self.0.value_on(snapshot), Some(Shown::Listed | Shown::Named))
    }

    /// Returns the first day after `day` on which a part of the register named the record.
    fn named_after(&self, day: Date) -> Option<Date> {
        let named = self.0.pieces().iter().filter(|piece| piece.value == Shown::Named);
        let days = named.filter_map(|piece| {
            let first = piece.from?.max(day.next());
            piece.covers(first).then_some(first)
        });
        days.min()
    }

    /// Returns the listing after a reading of `day`. `whole` are the days of all whole snapshots read of this register, in order, with or
    /// without `day`.
    #[must_use]
    pub fn observe(&self, day: Date, seen: Seen, whole: &[Date]) -> Self {
        let next = whole.iter().copied().find(|s| *s > day);
        let first = self.first();
        let begin = match seen {
            Seen::Missing => return self.without(day, next, whole),
            Seen::Shown if self.0.value_on(day) == Some(&Shown::Named) => day.next(),
            Seen::Shown => day,
            Seen::Named => day.next(),
        };
        let mut timeline = self.0.clone();
        if seen == Seen::Named {
            timeline = timeline.assign(Some(day), Some(begin), Some(&Shown::Named));
        }
        // A whole snapshot of the same day that does not show the record counts from the next day on.
        let is_missing = seen == Seen::Named && whole.contains(&day) && !self.shown_in(day);
        let after = if is_missing { Shown::NotListed } else { Shown::Listed };
        let end = [next, self.named_after(day)].into_iter().flatten().min();
        if end.is_none_or(|end| begin < end) {
            timeline = timeline.assign(Some(begin), end, Some(&after));
        }
        if let Some(next) = next
            && first.is_none_or(|first| day < first && next < first)
        {
            // This reading is older than all known ones; the whole snapshots between did not show the record.
            timeline = timeline.assign(Some(next), first, Some(&Shown::NotListed));
        }
        Self(timeline)
    }

    /// Returns the listing after a whole snapshot of `day` that does not show the record.
    fn without(&self, day: Date, next: Option<Date>, whole: &[Date]) -> Self {
        let first = self.first();
        let begin = if self.0.value_on(day) == Some(&Shown::Named) { day.next() } else { day };
        let end = [next, self.named_after(day)].into_iter().flatten().min();
        if begin > day || first.is_some_and(|first| first < day) {
            let is_empty = end.is_some_and(|end| end <= begin);
            return if is_empty { self.clone() } else { Self(self.0.assign(Some(begin), end, Some(&Shown::NotListed))) };
        }
        // A snapshot without the record has no meaning before the record first appears. But a new file for the same day replaces the old
        // one and no longer shows the record.
        if first != Some(day) {
            return self.clone();
        }
        let later = whole.iter().copied().filter(|s| *s > day && self.shown_in(*s)).chain(self.named_after(day)).min();
        Self(self.0.assign(None, later, None))
    }

    /// Returns the period for which to store a value from the reading of `day`. It begins on that day (for the earliest reading, its start
    /// is unknown) and ends before the next one that shows the record. Call it on the listing that `observe` returned.
    #[must_use]
    pub fn stretch(&self, day: Date, whole: &[Date]) -> (Option<Date>, Option<Date>) {
        let from = if self.first().is_none_or(|first| day <= first) { None } else { Some(day) };
        (from, whole.iter().copied().filter(|s| *s > day && self.shown_in(*s)).chain(self.named_after(day)).min())
    }

    /// Returns the first and the last reading that show the record.
    #[must_use]
    pub fn sightings<'a>(&self, readings: &'a [Reading]) -> [Option<&'a Reading>; 2] {
        let is_named = |day: Date| self.0.value_on(day) == Some(&Shown::Named);
        let mut shown = readings.iter().filter(|one| match one.extent {
            Extent::Whole => self.shown_in(one.day),
            Extent::Part | Extent::Typed => is_named(one.day),
        });
        let first = shown.next();
        [first, shown.next_back().or(first)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(n: usize) -> Date {
        let mut date: Date = "2026-01-01".parse().unwrap();
        (0..n).for_each(|_| date = date.next());
        date
    }

    fn seen(shown: bool) -> Seen {
        if shown { Seen::Shown } else { Seen::Missing }
    }

    #[derive(Default, Debug, PartialEq)]
    struct Record {
        listing: Listing,
        value: Timeline<u8>,
    }

    /// `samples[i]` is the content of the snapshot of day i: nothing, or the record with or without a value.
    fn read(samples: &[Option<Option<u8>>], order: &[usize]) -> Record {
        let mut record = Record::default();
        let mut snapshots: Vec<Date> = Vec::new();
        for index in order {
            snapshots.push(day(*index));
            snapshots.sort();
            record.listing = record.listing.observe(day(*index), seen(samples[*index].is_some()), &snapshots);
            if let Some(value) = samples[*index] {
                let (from, to) = record.listing.stretch(day(*index), &snapshots);
                record.value = record.value.assign(from, to, value.as_ref());
            }
        }
        record
    }

    /// The definition: use the latest snapshot on or before the day that shows the record; before the first one, use the first.
    fn value_by_definition(samples: &[Option<Option<u8>>], date: usize) -> Option<u8> {
        let first = samples.iter().position(Option::is_some)?;
        samples[..=date.max(first).min(samples.len() - 1)].iter().rev().find_map(|s| *s).flatten()
    }

    proptest! {
        #[test]
        fn any_order_of_reading_gives_what_the_snapshots_say(
            (samples, order) in prop::collection::vec(prop::option::weighted(0.7, prop::option::weighted(0.8, 0u8..3)), 1..9)
                .prop_flat_map(|s| { let n = s.len(); (Just(s), Just((0..n).collect::<Vec<_>>()).prop_shuffle()) })
        ) {
            let record = read(&samples, &order);
            let in_order: Vec<usize> = (0..samples.len()).collect();
            prop_assert_eq!(&record, &read(&samples, &in_order));
            for date in 0..samples.len() + 2 {
                let expected = value_by_definition(&samples, date);
                prop_assert_eq!(record.value.value_on(day(date)), expected.as_ref(), "day {}", date);
            }
            let first = samples.iter().position(Option::is_some);
            for (index, sample) in samples.iter().enumerate() {
                let expected = match first {
                    Some(first) if index >= first => Some(if sample.is_some() { &Shown::Listed } else { &Shown::NotListed }),
                    _ => None,
                };
                prop_assert_eq!(record.listing.timeline().value_on(day(index)), expected, "snapshot {}", index);
            }
        }

        /// By definition the latest reading that says something about the record decides; a part that names it decides on its own day.
        #[test]
        fn parts_and_whole_registers_in_any_order_say_the_same(
            (samples, order) in prop::collection::vec(prop::option::weighted(0.8, prop::sample::select(vec![Seen::Shown, Seen::Missing, Seen::Named])), 1..9)
                .prop_flat_map(|s| { let n = s.len(); (Just(s), Just((0..n).collect::<Vec<_>>()).prop_shuffle()) })
        ) {
            let (mut listing, mut whole) = (Listing::default(), vec![]);
            for index in order {
                let Some(seen) = samples[index] else { continue };
                if seen != Seen::Named {
                    whole.push(day(index));
                    whole.sort();
                }
                listing = listing.observe(day(index), seen, &whole);
            }
            let first = samples.iter().position(|seen| matches!(seen, Some(Seen::Shown | Seen::Named)));
            for date in 0..samples.len() + 2 {
                let last = samples.iter().enumerate().take(date + 1).rev().find_map(|(at, seen)| seen.map(|seen| (at, seen)));
                let expected = match (first, last) {
                    (Some(first), Some((at, seen))) if date >= first => Some(match seen {
                        Seen::Named if at == date => &Shown::Named,
                        Seen::Named | Seen::Shown => &Shown::Listed,
                        Seen::Missing => &Shown::NotListed,
                    }),
                    _ => None,
                };
                prop_assert_eq!(listing.timeline().value_on(day(date)), expected, "day {}", date);
            }
        }

        #[test]
        fn assigning_changes_only_its_stretch(
            cuts in prop::collection::vec((0usize..20, 0usize..20, prop::option::of(0u8..3)), 0..8),
        ) {
            let mut timeline = Timeline::default();
            let mut model: [Option<u8>; 20] = [None; 20];
            for (a, b, value) in cuts {
                let (from, to) = (a.min(b), a.max(b));
                if from == to { continue; }
                timeline = timeline.assign(Some(day(from)), Some(day(to)), value.as_ref());
                model[from..to].fill(value);
            }
            for (index, value) in model.iter().enumerate() {
                prop_assert_eq!(timeline.value_on(day(index)), value.as_ref());
            }
            for pair in timeline.pieces().windows(2) {
                prop_assert!(pair[0].to.unwrap() <= pair[1].from.unwrap());
                prop_assert!(pair[0].to != pair[1].from || pair[0].value != pair[1].value);
            }
        }
    }

    #[test]
    fn a_confirming_snapshot_changes_no_piece() {
        let snapshots = [day(0), day(1)];
        let listing = Listing::default().observe(day(0), Seen::Shown, &snapshots[..1]);
        let (from, to) = listing.stretch(day(0), &snapshots[..1]);
        let value = Timeline::default().assign(from, to, Some(&"x"));

        let again = listing.observe(day(1), Seen::Shown, &snapshots);
        let (from, to) = again.stretch(day(1), &snapshots);

        assert_eq!(again, listing);
        assert_eq!(value.assign(from, to, Some(&"x")), value);
        let files: Vec<Reading> = snapshots.iter().map(|day| reading(*day, Extent::Whole)).collect();
        assert_eq!(again.sightings(&files).map(|one| one.unwrap().day), [day(0), day(1)]);
    }

    fn reading(day: Date, extent: Extent) -> Reading {
        Reading { day, extent, source: "r.csv".into() }
    }

    /// A part never ends what it does not name, and what it does not name was not seen on its day.
    #[test]
    fn a_part_counts_only_for_what_it_names() {
        let whole = [day(0)];
        let listing = Listing::default().observe(day(0), Seen::Shown, &whole);
        let named = listing.observe(day(3), Seen::Named, &whole);
        let readings = [reading(day(0), Extent::Whole), reading(day(3), Extent::Part), reading(day(5), Extent::Typed)];

        let last = |listing: &Listing| listing.sightings(&readings)[1].unwrap().day;
        assert_eq!((last(&listing), last(&named)), (day(0), day(3)));
        assert!(listing.shown_in(day(9)) && named.shown_in(day(9)));
        let gone = named.observe(day(4), Seen::Missing, &[day(0), day(4)]);
        assert!(gone.shown_in(day(3)) && !gone.shown_in(day(4)));
    }
}
