//! What many claims have in common: owner, batch, role, dates. Kept once and told by a number, so that a claim in memory is no
//! more than a fingerprint and two numbers.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::store::{CoverageRow, ScannedClaim};

/// Everything of a claim but account, memo and the low half of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Class {
    pub network: i32,
    /// High half of the claim's number.
    pub number_high: u32,
    pub vasp: i64,
    pub batch: i64,
    pub asserted_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub seq_to: Option<i64>,
    pub confidence: Option<i16>,
    pub role: i16,
    /// Whether it is limited to a memo, which stands elsewhere.
    pub has_memo: bool,
}

/// The low half of a claim's number.
#[expect(clippy::as_conversions, reason = "the low half is what is wanted")]
pub(super) const fn low(number: i64) -> u32 {
    number as u32
}

impl Class {
    #[expect(clippy::as_conversions, clippy::cast_sign_loss, reason = "the high half is what is wanted")]
    pub(super) fn of(claim: &ScannedClaim<'_>) -> Self {
        Self {
            network: claim.network,
            number_high: (claim.number >> 32) as u32,
            vasp: claim.vasp,
            batch: claim.batch,
            asserted_at: claim.asserted_at,
            expires_at: claim.expires_at,
            seq_to: claim.seq_to,
            confidence: claim.confidence,
            role: claim.role,
            has_memo: !claim.memo.is_empty(),
        }
    }

    /// Puts a claim's number together.
    pub(super) fn number(&self, low: u32) -> i64 {
        i64::from(self.number_high) << 32 | i64::from(low)
    }
}

/// The classes that claims were met in, each with how many claims are in it. A class keeps its number for good.
#[derive(Debug, Default)]
pub(super) struct Classes(IndexMap<Class, i64, foldhash::fast::RandomState>);

impl Classes {
    /// Returns the number of a class. None past four billion classes, which do not fit into memory.
    pub(super) fn number_of(&mut self, class: Class) -> Option<u32> {
        let place = self.0.entry(class);
        let number = u32::try_from(place.index()).ok()?;
        place.or_default();
        Some(number)
    }

    pub(super) fn get(&self, number: u32) -> Option<&Class> {
        self.0.get_index(usize::try_from(number).ok()?).map(|(class, _)| class)
    }

    pub(super) fn count(&mut self, number: u32, claims: i64) {
        if let Some((_, count)) = usize::try_from(number).ok().and_then(|number| self.0.get_index_mut(number)) {
            *count += claims;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Class> {
        self.0.keys()
    }

    /// Tells whether any claim of a batch is here.
    pub(super) fn has_batch(&self, batch: i64) -> bool {
        self.0.iter().any(|(class, count)| class.batch == batch && *count > 0)
    }

    /// Counts, per network, batch and owner, the claims that had not ended at `sequence`, of the batches that are `wanted`.
    pub(super) fn coverage(&self, sequence: i64, wanted: impl Fn(i64) -> bool) -> Vec<CoverageRow> {
        let mut counts: BTreeMap<(i32, i64, i64), (i64, Option<i64>)> = BTreeMap::new();
        let stands = |class: &Class| class.seq_to.is_none_or(|end| end > sequence);
        for (class, count) in self.0.iter().filter(|(class, count)| **count > 0 && stands(class) && wanted(class.batch)) {
            let (claims, newest) = counts.entry((class.network, class.batch, class.vasp)).or_default();
            *claims += count;
            *newest = (*newest).max(class.asserted_at);
        }
        let row = |((network, batch, vasp), (claims, newest))| CoverageRow { network, batch, vasp, claims, newest };
        counts.into_iter().map(row).collect()
    }
}
