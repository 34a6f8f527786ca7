//! What many claims have in common: owner, batch, role, dates. Kept once and told by a number, so that a claim in memory is no
//! more than a fingerprint and two numbers.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::StoredClaim;
use vasp_store::{CoverageRow, ScannedClaim};

/// Stands for none where a date or a sequence is none: no such moment is a date of ours.
const NONE: i64 = i64::MIN;

/// Everything of a claim but account, memo and the low half of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    vasp: u32,
    rest: Rest,
}

/// What the claims of many owners have in common.
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
    /// Whether it is limited to a memo, which stands elsewhere.
    has_memo: bool,
}

/// The low half of a claim's number.
#[expect(clippy::as_conversions, reason = "the low half is what is wanted")]
pub(super) const fn low(number: i64) -> u32 {
    number as u32
}

const fn dated(moment: i64) -> Option<i64> {
    if moment == NONE { None } else { Some(moment) }
}

/// Takes the first bytes away.
pub(super) fn taken<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

impl Class {
    /// Returns a claim's class. None where owner or batch is beyond the four-billionth.
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
        };
        Some(Self { vasp: u32::try_from(claim.vasp).ok()?, rest })
    }

    /// Puts a claim's number together.
    pub(super) fn number(&self, low: u32) -> i64 {
        i64::from(self.rest.number_high) << 32 | i64::from(low)
    }

    pub(super) fn batch(&self) -> i64 {
        self.rest.batch.into()
    }

    pub(super) const fn has_memo(&self) -> bool {
        self.rest.has_memo
    }

    /// Tells whether a claim of it had not ended at a sequence.
    pub(super) const fn stands_at(&self, sequence: i64) -> bool {
        !self.has_ended() || self.rest.seq_to > sequence
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.rest.seq_to != NONE
    }

    /// The class as it stood at a sequence: what ended later had not ended.
    pub(super) const fn at(mut self, sequence: i64) -> Self {
        if self.stands_at(sequence) {
            self.rest.seq_to = NONE;
        }
        self
    }

    /// Writes the class down in as many bytes as every other, lowest first.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let Rest { asserted_at, expires_at, seq_to, batch, number_high, network, confidence, role, has_memo } = self.rest;
        let mut bytes = Vec::with_capacity(Self::BYTES);
        [asserted_at, expires_at, seq_to].iter().for_each(|moment| bytes.extend(moment.to_le_bytes()));
        [self.vasp, batch, number_high].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        bytes.extend(network.to_le_bytes());
        [confidence, role].iter().for_each(|code| bytes.extend(code.to_le_bytes()));
        bytes.push(has_memo.into());
        bytes
    }

    /// Bytes of a class.
    pub(super) const BYTES: usize = 45;

    /// Reads what [`Class::to_bytes`] wrote.
    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let [asserted_at, expires_at, seq_to] = [taken(bytes)?, taken(bytes)?, taken(bytes)?].map(i64::from_le_bytes);
        let [vasp, batch, number_high] = [taken(bytes)?, taken(bytes)?, taken(bytes)?].map(u32::from_le_bytes);
        let network = i32::from_le_bytes(taken(bytes)?);
        let [confidence, role] = [taken(bytes)?, taken(bytes)?].map(i16::from_le_bytes);
        let has_memo = taken(bytes)? == [1];
        let rest = Rest { asserted_at, expires_at, seq_to, batch, number_high, network, confidence, role, has_memo };
        bytes.is_empty().then_some(Self { vasp, rest })
    }

    /// Puts a claim together.
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
        }
    }
}

/// How a class is looked up: the number of what it has in common with other owners', and the owner. There are few of the former, so
/// that what a start looks up for each claim stays in the processor's caches.
pub(super) type ClassKey = (u32, u32);

/// The number of a class, and how many claims are in it.
#[derive(Clone, Copy, Debug)]
struct Counted {
    number: u32,
    claims: u32,
}

/// The classes that claims were met in, each with how many claims are in it. A class keeps its number for good.
#[derive(Debug, Default)]
pub(super) struct Classes {
    rests: IndexSet<Rest, RandomState>,
    counted: HashMap<ClassKey, Counted, RandomState>,
    /// Keys by number.
    keys: Vec<ClassKey>,
}

impl Classes {
    /// Returns how a class is looked up. None past four billion.
    pub(super) fn key_of(&mut self, class: Class) -> Option<ClassKey> {
        let rest = u32::try_from(self.rests.insert_full(class.rest).0).ok()?;
        Some((rest, class.vasp))
    }

    /// Returns the number of a class, and counts claims to it. None past four billion classes, or claims of one, which do not fit
    /// into memory.
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

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn get(&self, number: u32) -> Option<Class> {
        self.keys.get(usize::try_from(number).ok()?).and_then(|key| self.class(*key))
    }

    fn class(&self, (rest, vasp): ClassKey) -> Option<Class> {
        self.rests.get_index(usize::try_from(rest).ok()?).map(|rest| Class { vasp, rest: *rest })
    }

    /// Counts a claim less to the class of a number.
    pub(super) fn discount(&mut self, number: u32) {
        let key = usize::try_from(number).ok().and_then(|number| self.keys.get(number));
        if let Some(counted) = key.and_then(|key| self.counted.get_mut(key)) {
            counted.claims = counted.claims.saturating_sub(1);
        }
    }

    /// The classes with how many claims are in each, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Class, i64)> {
        self.keys.iter().filter_map(|key| Some((self.class(*key)?, self.counted.get(key)?.claims.into())))
    }

    /// Takes over the claims of others. False past four billion.
    pub(super) fn add(&mut self, others: &Self) -> bool {
        others.iter().all(|(class, claims)| self.key_of(class).and_then(|key| self.number_of(key, claims)).is_some())
    }

    /// Tells whether any claim of a batch is here.
    pub(super) fn has_batch(&self, batch: i64) -> bool {
        self.iter().any(|(class, count)| class.batch() == batch && count > 0)
    }

    /// Counts, per network, batch and owner, the claims that had not ended at `sequence`, of the batches that are `wanted`.
    pub(super) fn coverage(&self, sequence: i64, wanted: impl Fn(i64) -> bool) -> Vec<CoverageRow> {
        let mut counts: BTreeMap<(i32, i64, i64), (i64, Option<i64>)> = BTreeMap::new();
        let counts_here = |(class, count): &(Class, i64)| *count > 0 && class.stands_at(sequence) && wanted(class.batch());
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
            memo in prop::option::of("[0-9a-z]{1,8}"),
        ) {
            // The one moment that stands for none.
            let dated = |date: Option<i64>| date.filter(|date| *date != i64::MIN);
            let claim = ScannedClaim {
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
            };
            prop_assert_eq!(out, Some(wanted));
        }
    }
}
