//! A sorted part of the index, which never changes: entries of 24 bytes ordered by fingerprint. A table of where each bucket of leading
//! bits begins finds them.

use std::collections::HashMap;
use std::sync::Arc;

/// An account key's fingerprint: its keyed hash of 128 bits, high half first.
pub(super) type Fingerprint = [u64; 2];

/// One version of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub fingerprint: Fingerprint,
    /// Low half of the claim's number; the high half is its class's.
    pub low: u32,
    pub class: u32,
}

/// The memos of claims that have one, by number.
pub(super) type Memos = HashMap<i64, Box<str>>;

/// Average number of entries per bucket: a few, which share one or two cache lines.
const BUCKET: usize = 4;

/// Entries that never change.
#[derive(Debug, Default)]
pub(super) struct Segment {
    /// A `Vec` although it never grows: to shrink it to a box would copy it.
    entries: Vec<Entry>,
    /// Where the entries of each value of the leading bits begin; one more entry marks the end.
    starts: Box<[u32]>,
    /// By how many bits a fingerprint's high half is shifted to get those leading bits.
    shift: u32,
    memos: Memos,
}

impl Segment {
    /// Makes a segment from entries in any order.
    pub(super) fn sorted(mut entries: Vec<Entry>, memos: Memos) -> Self {
        entries.sort_unstable();
        Self::of_sorted(entries, memos)
    }

    /// Makes a segment from entries that are ordered by fingerprint.
    fn of_sorted(entries: Vec<Entry>, memos: Memos) -> Self {
        let bits = (entries.len() / BUCKET).max(2).ilog2();
        let shift = u64::BITS - bits;
        let mut starts = vec![0u32; (1usize << bits) + 1];
        for entry in &entries {
            // Each count is stored one position to the right, so that the running sums below become the start of each bucket.
            if let Some(count) = starts.get_mut(bucket(&entry.fingerprint, shift) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0u32;
        for start in &mut starts {
            sum = sum.saturating_add(*start);
            *start = sum;
        }
        Self { entries, starts: starts.into_boxed_slice(), shift, memos }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn memo(&self, number: i64) -> Option<&str> {
        self.memos.get(&number).map(AsRef::as_ref)
    }

    /// Returns the entries with a fingerprint.
    pub(super) fn find(&self, fingerprint: &Fingerprint) -> &[Entry] {
        let place = bucket(fingerprint, self.shift);
        let at = |place: usize| self.starts.get(place).and_then(|start| usize::try_from(*start).ok()).unwrap_or(0);
        let bucket = self.entries.get(at(place)..at(place + 1)).unwrap_or_default();
        let from = bucket.iter().take_while(|entry| entry.fingerprint < *fingerprint).count();
        let rest = bucket.get(from..).unwrap_or_default();
        // A binary search for the end, because one account may have far more claims than an average bucket.
        let count = rest.partition_point(|entry| entry.fingerprint == *fingerprint);
        rest.get(..count).unwrap_or_default()
    }

    /// Merges segments. `number` returns a claim's whole number; `is_ended` returns whether a class has ended. Of two versions of a claim,
    /// the ended one stays.
    pub(super) fn joined(parts: &[Arc<Self>], number: impl Fn(&Entry) -> i64, is_ended: impl Fn(u32) -> bool) -> Self {
        let mut entries: Vec<Entry> = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
        let mut rests: Vec<&[Entry]> = parts.iter().map(|part| part.entries.as_slice()).collect();
        // Versions of one claim, and of other claims with the same fingerprint and low half of the number.
        let mut pending: Vec<Entry> = vec![];
        while let Some(least) = rests.iter_mut().filter(|rest| !rest.is_empty()).min_by_key(|rest| rest.first().copied()) {
            let Some((entry, rest)) = least.split_first() else { break };
            *least = rest;
            if pending.last().is_some_and(|last| (last.fingerprint, last.low) != (entry.fingerprint, entry.low)) {
                entries.append(&mut pending);
            }
            match pending.iter_mut().find(|known| known.class == entry.class || number(known) == number(entry)) {
                Some(known) if is_ended(entry.class) => *known = *entry,
                Some(_) => {}
                None => pending.push(*entry),
            }
        }
        entries.append(&mut pending);
        let memos = parts.iter().flat_map(|part| part.memos.clone()).collect();
        Self::of_sorted(entries, memos)
    }
}

/// Returns the leading bits of a fingerprint.
fn bucket(fingerprint: &Fingerprint, shift: u32) -> usize {
    let [high, _] = fingerprint;
    high.checked_shr(shift).and_then(|bits| usize::try_from(bits).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry() -> impl Strategy<Value = Entry> {
        // Few fingerprints, so that several claims share one: at both ends of the table, and close together.
        let high = prop_oneof![Just(0u64), Just(u64::MAX), Just(1 << 63), 0u64..4, any::<u64>()];
        (high, 0u64..3, 0u32..6, 0u32..4).prop_map(|(high, low, number, class)| Entry {
            fingerprint: [high, low],
            low: number,
            class,
        })
    }

    proptest! {
        #[test]
        fn finds_exactly_the_entries_of_a_fingerprint(entries in prop::collection::vec(entry(), 0..200), other in entry()) {
            let segment = Segment::sorted(entries.clone(), Memos::new());
            prop_assert_eq!(segment.len(), entries.len());
            for asked in entries.iter().chain([&other]) {
                let mut wanted: Vec<Entry> = entries.iter().copied().filter(|e| e.fingerprint == asked.fingerprint).collect();
                wanted.sort();
                prop_assert_eq!(segment.find(&asked.fingerprint), wanted.as_slice());
            }
        }

        #[test]
        fn joined_segments_have_each_claim_once_as_it_ended(parts in prop::collection::vec(prop::collection::vec(entry(), 0..60), 0..5)) {
            let segments: Vec<Arc<Segment>> =
                parts.iter().map(|part| Segment::sorted(part.clone(), Memos::new()).into()).collect();
            // Odd classes have ended; from class 2 on, the high half of the number differs.
            let number = |entry: &Entry| i64::from(entry.class / 2) << 32 | i64::from(entry.low);
            let joined = Segment::joined(&segments, number, |class| class % 2 == 1);
            let mut wanted = std::collections::BTreeMap::new();
            for entry in parts.iter().flatten() {
                let ended = wanted.entry((entry.fingerprint, number(entry))).or_insert(false);
                *ended |= entry.class % 2 == 1;
            }
            let in_order = joined.entries.windows(2).all(|pair| pair[0].fingerprint <= pair[1].fingerprint);
            prop_assert!(in_order);
            let mut found: Vec<_> = joined.entries.iter().map(|e| ((e.fingerprint, number(e)), e.class % 2 == 1)).collect();
            found.sort_unstable();
            prop_assert_eq!(found, wanted.into_iter().collect::<Vec<_>>());
        }
    }
}
