//! The values of an attribute over time, from the snapshots of a register. A snapshot is a sample: its value is valid from its
//! day until the next snapshot that shows the record. The start of the earliest value is unknown. The result depends only on the
//! set of snapshots that were read, not on their order.

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
    }
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

    /// Tells whether the snapshot of a day shows the record.
    #[must_use]
    pub fn shown_in(&self, snapshot: Date) -> bool {
        self.0.value_on(snapshot) == Some(&Shown::Listed)
    }

    /// Returns the listing after reading the snapshot of `day`; `shown` tells whether it shows the record. `snapshots` are the
    /// days of all snapshots read of this register, in order, with or without `day`.
    #[must_use]
    pub fn observe(&self, day: Date, shown: bool, snapshots: &[Date]) -> Self {
        let next = snapshots.iter().copied().find(|s| *s > day);
        let first = self.first();
        if !shown {
            // A snapshot without the record has no meaning before the record first appears.
            return if first.is_some_and(|first| first < day) {
                Self(self.0.assign(Some(day), next, Some(&Shown::NotListed)))
            } else if first == Some(day) {
                // A new file for the same day replaces the old one and no longer shows the record.
                let later = snapshots.iter().copied().find(|s| *s > day && self.shown_in(*s));
                Self(self.0.assign(None, later, None))
            } else {
                self.clone()
            };
        }
        let mut timeline = self.0.assign(Some(day), next, Some(&Shown::Listed));
        if let Some(next) = next
            && first.is_none_or(|first| day < first && next < first)
        {
            // This snapshot is older than all known ones; the snapshots between did not show the record.
            timeline = timeline.assign(Some(next), first, Some(&Shown::NotListed));
        }
        Self(timeline)
    }

    /// Returns the period for which to store a value from the snapshot of `day`. It begins on that day (for the earliest
    /// snapshot, its start is unknown) and ends before the next snapshot that shows the record. Call it on the listing that
    /// `observe` returned.
    #[must_use]
    pub fn stretch(&self, day: Date, snapshots: &[Date]) -> (Option<Date>, Option<Date>) {
        let from = if self.first().is_none_or(|first| day <= first) { None } else { Some(day) };
        (from, snapshots.iter().copied().find(|s| *s > day && self.shown_in(*s)))
    }

    /// Returns the first and the last snapshot that show the record; each snapshot has its day and what else is known about it.
    #[must_use]
    pub fn sightings<'a, T>(&self, snapshots: &'a [(Date, T)]) -> [Option<&'a (Date, T)>; 2] {
        let mut shown = snapshots.iter().filter(|(day, _)| self.shown_in(*day));
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
            record.listing = record.listing.observe(day(*index), samples[*index].is_some(), &snapshots);
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
        let listing = Listing::default().observe(day(0), true, &snapshots[..1]);
        let (from, to) = listing.stretch(day(0), &snapshots[..1]);
        let value = Timeline::default().assign(from, to, Some(&"x"));

        let again = listing.observe(day(1), true, &snapshots);
        let (from, to) = again.stretch(day(1), &snapshots);

        assert_eq!(again, listing);
        assert_eq!(value.assign(from, to, Some(&"x")), value);
        let files: Vec<(Date, ())> = snapshots.iter().map(|day| (*day, ())).collect();
        assert_eq!(again.sightings(&files), [Some(&(day(0), ())), Some(&(day(1), ()))]);
    }
}
