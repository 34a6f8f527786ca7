//! What many claims share: owner, batch, role, dates. It is stored once and identified by a number, so that a claim in memory is only a
//! fingerprint and two numbers.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::StoredClaim;
use vasp_store::{CoverageRow, ScannedClaim};

/// Stands for a missing date or sequence; no real date has this value.
const NONE: i64 = i64::MIN;

/// All data of a claim except account, memo and the low half of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    vasp: u32,
    rest: Rest,
}

/// The part of a class that claims of many owners share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Rest {
    asserted_at: i64,
    expires_at: i64,
    seq_to: i64,
    batch: u32,
    /// High half of the claim's number.
    number_high: u32,
    network: i32,
    confidence: i16,
    role: i16,
    /// Whether the claim is limited to a memo, which is stored elsewhere.
    has_memo: bool,
    /// The class under which it is stored, if it is entered once more, under another controller of its account. Then it is not counted.
    stored_under: Option<i32>,
}

/// The low half of a claim's number.
#[expect(clippy::as_conversions, reason = "the low half is what is wanted")]
pub(super) const fn low(number: i64) -> u32 {
    number as u32
}

const fn dated(moment: i64) -> Option<i64> {
    if moment == NONE { None } else { Some(moment) }
}

impl Class {
    /// Returns a claim's class; `None` if the number of the owner or batch exceeds 32 bits.
    pub(super) fn of(claim: &ScannedClaim<'_>) -> Option<Self> {
        let rest = Rest {
            asserted_at: claim.asserted_at.unwrap_or(NONE),
            expires_at: claim.expires_at.unwrap_or(NONE),
            seq_to: claim.seq_to.unwrap_or(NONE),
            batch: u32::try_from(claim.batch).ok()?,
            number_high: u32::try_from(claim.number >> 32).ok()?,
            network: claim.network,
            confidence: claim.confidence.unwrap_or(i16::MIN),
            role: claim.role,
            has_memo: !claim.memo.is_empty(),
            stored_under: claim.stored_under,
        };
        Some(Self { vasp: u32::try_from(claim.vasp).ok()?, rest })
    }

    /// Returns a claim's number from its low half and this class.
    pub(super) fn number(&self, low: u32) -> i64 {
        i64::from(self.rest.number_high) << 32 | i64::from(low)
    }

    pub(super) fn batch(&self) -> i64 {
        self.rest.batch.into()
    }

    pub(super) const fn has_memo(&self) -> bool {
        self.rest.has_memo
    }

    /// Returns whether a claim of this class had not ended at a sequence.
    pub(super) const fn stands_at(&self, sequence: i64) -> bool {
        !self.has_ended() || self.rest.seq_to > sequence
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.rest.seq_to != NONE
    }

    /// Builds a claim from this class.
    pub(super) fn claim(&self, low: u32, memo: Option<&str>) -> StoredClaim {
        let rest = &self.rest;
        StoredClaim {
            number: self.number(low),
            network: rest.network,
            memo: memo.map(Box::from),
            vasp: self.vasp.into(),
            batch: self.batch(),
            role: rest.role,
            confidence: (rest.confidence != i16::MIN).then_some(rest.confidence),
            asserted_at: dated(rest.asserted_at),
            expires_at: dated(rest.expires_at),
            seq_to: dated(rest.seq_to),
            stored_under: rest.stored_under,
        }
    }
}

/// The lookup key of a class: the number of the part that it shares with other owners, and the owner. There are few such parts, so the
/// data that a start looks up for each claim stays in the processor's caches.
pub(super) type ClassKey = (u32, u32);

/// The number of a class, and how many claims it has.
#[derive(Clone, Copy, Debug)]
struct Counted {
    number: u32,
    claims: u32,
}

/// The classes of the claims seen so far, each with its number of claims. A class never changes its number.
#[derive(Debug, Default)]
pub(super) struct Classes {
    rests: IndexSet<Rest, RandomState>,
    counted: HashMap<ClassKey, Counted, RandomState>,
    /// Lookup keys, by class number.
    keys: Vec<ClassKey>,
}

impl Classes {
    /// Returns a class's lookup key; `None` beyond four billion.
    pub(super) fn key_of(&mut self, class: Class) -> Option<ClassKey> {
        let rest = u32::try_from(self.rests.insert_full(class.rest).0).ok()?;
        Some((rest, class.vasp))
    }

    /// Returns the number of a class, and adds to its count of claims. `None` beyond four billion classes or claims of one class; so many
    /// do not fit into memory.
    pub(super) fn number_of(&mut self, key: ClassKey, claims: i64) -> Option<u32> {
        let claims = u32::try_from(claims).ok()?;
        let next = u32::try_from(self.keys.len()).ok()?;
        let counted = self.counted.entry(key).or_insert_with(|| {
            self.keys.push(key);
            Counted { number: next, claims: 0 }
        });
        counted.claims = counted.claims.checked_add(claims)?;
        Some(counted.number)
    }

    pub(super) fn get(&self, number: u32) -> Option<Class> {
        self.keys.get(usize::try_from(number).ok()?).and_then(|key| self.class(*key))
    }

    fn class(&self, (rest, vasp): ClassKey) -> Option<Class> {
        self.rests.get_index(usize::try_from(rest).ok()?).map(|rest| Class { vasp, rest: *rest })
    }

    /// Subtracts one claim from the class with this number.
    pub(super) fn discount(&mut self, number: u32) {
        let key = usize::try_from(number).ok().and_then(|number| self.keys.get(number));
        if let Some(counted) = key.and_then(|key| self.counted.get_mut(key)) {
            counted.claims = counted.claims.saturating_sub(1);
        }
    }

    /// Returns the classes with their numbers of claims, in the order of class numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Class, i64)> {
        self.keys.iter().filter_map(|key| Some((self.class(*key)?, self.counted.get(key)?.claims.into())))
    }

    /// Adds the claims of another table; false beyond four billion.
    pub(super) fn add(&mut self, others: &Self) -> bool {
        others.iter().all(|(class, claims)| self.key_of(class).and_then(|key| self.number_of(key, claims)).is_some())
    }

    /// Returns whether any claim of a batch is here.
    pub(super) fn has_batch(&self, batch: i64) -> bool {
        self.iter().any(|(class, count)| class.batch() == batch && count > 0)
    }

    /// Returns, per network, batch and owner, how many claims of the batches in `wanted` had not ended at `sequence`.
    pub(super) fn coverage(&self, sequence: i64, wanted: impl Fn(i64) -> bool) -> Vec<CoverageRow> {
        let mut counts: BTreeMap<(i32, i64, i64), (i64, Option<i64>)> = BTreeMap::new();
        let counts_here = |(class, count): &(Class, i64)| {
            *count > 0 && class.rest.stored_under.is_none() && class.stands_at(sequence) && wanted(class.batch())
        };
        for (class, count) in self.iter().filter(counts_here) {
            let (claims, newest) = counts.entry((class.rest.network, class.batch(), class.vasp.into())).or_default();
            *claims += count;
            *newest = (*newest).max(dated(class.rest.asserted_at));
        }
        let row = |((network, batch, vasp), (claims, newest))| CoverageRow { network, batch, vasp, claims, newest };
        counts.into_iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn optional<T: Arbitrary + Clone + 'static>() -> impl Strategy<Value = Option<T>> {
        prop::option::of(any::<T>())
    }

    proptest! {
        #[test]
        fn a_claim_comes_out_of_its_class_as_it_went_in(
            (network, vasp, batch) in (any::<i32>(), any::<u32>(), any::<u32>()),
            (number, role, confidence) in (0i64..i64::MAX, any::<i16>(), prop::option::of(0i16..=100)),
            dates in (optional::<i64>(), optional::<i64>(), optional::<i64>()),
            stored_under in any::<Option<i32>>(),
            memo in prop::option::of("[0-9a-z]{1,8}"),
        ) {
            // `i64::MIN` is reserved for missing values.
            let dated = |date: Option<i64>| date.filter(|date| *date != i64::MIN);
            let claim = ScannedClaim {
                class: 1,
                controller: b"key",
                network,
                account_key: b"key",
                memo: memo.as_deref().unwrap_or(""),
                number,
                vasp: vasp.into(),
                batch: batch.into(),
                role,
                confidence,
                asserted_at: dated(dates.0),
                expires_at: dated(dates.1),
                seq_to: dated(dates.2),
                stored_under,
            };
            let class = Class::of(&claim);
            prop_assert_eq!(class.is_some(), number >> 32 <= i64::from(u32::MAX));
            let out = class.map(|class| class.claim(low(number), memo.as_deref()));
            let wanted = StoredClaim {
                number,
                network,
                memo: memo.clone().map(String::into_boxed_str),
                vasp: vasp.into(),
                batch: batch.into(),
                role,
                confidence,
                asserted_at: claim.asserted_at,
                expires_at: claim.expires_at,
                seq_to: claim.seq_to,
                stored_under: claim.stored_under,
            };
            prop_assert_eq!(out, Some(wanted));
        }
    }
}
