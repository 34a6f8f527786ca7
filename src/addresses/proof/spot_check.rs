//! Spot checks of batches, for a VASP with millions of addresses. The registry picks some addresses after the list is fixed, and the member
//! signs with their keys. The result for the sample then gives a bound for the whole batch. The claims count as attested, not as proven.
//! Pure: the caller decides who signs the batch and where the outcome is stored.

use std::collections::BTreeSet;
use std::fmt;

use super::bytes::sha256;
use crate::address::Account;
use rand_core::RngCore;
use serde::{Deserialize, Serialize};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;

/// The maximum number of addresses in a batch.
const BATCH_SIZE_MAX: u32 = 100_000_000;

/// The maximum number of picked addresses. The bound is computed in integers, whose length grows with it.
const PICKS_MAX: u32 = 2_000;

/// The confidence of every bound, in percent.
pub const CONFIDENCE_PERCENT: u8 = 95;

/// A batch whose list can no longer change: SHA-256 over its accounts in ascending order, and their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedBatch {
    /// The digest over the whole list, 64 hex digits.
    #[serde(with = "hex::serde")]
    pub digest: [u8; 32],
    /// The number of different accounts in the list.
    pub size: u32,
}

/// The registry's selection from a fixed batch, with everything that is needed to compute it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpotCheck {
    /// The batch.
    pub batch: FixedBatch,
    /// The seed that the registry generated after the batch was fixed, 64 hex digits.
    #[serde(with = "hex::serde")]
    pub seed: [u8; 32],
    /// The picked positions in the batch's list, counted from 0, in the order of picking.
    pub picks: Vec<u32>,
}

/// The outcome of a spot check in which every picked address was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpotChecked {
    /// The number of addresses that were picked and proven.
    pub checked: u32,
    /// The number of addresses in the batch.
    pub of: u32,
    /// The number of addresses of the batch that the member controls at least, with the confidence below.
    pub controlled_at_least: u32,
    /// The percentage of checks that detect a member with fewer controlled addresses.
    pub confidence_percent: u8,
}

/// Why a batch or its spot check is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpotCheckError {
    /// The batch is empty or too large.
    #[error("a batch has 1 to {BATCH_SIZE_MAX} addresses")]
    BatchSize,
    /// The list is not strictly ascending, so an address could count twice.
    #[error("entry {place} is in the wrong place: sort the list by network and address, with each entry once")]
    NotAscending {
        /// The position of the entry, counted from 0.
        place: u32,
    },
    /// The number of picks is zero, too large, or greater than the batch.
    #[error("the number of picked addresses must be 1 to {PICKS_MAX}, and not more than the batch has")]
    PickCount,
    /// The picks were not computed from this batch and seed.
    #[error("the picks do not match the batch and the seed")]
    OtherPicks,
    /// A picked address was not proven.
    #[error("entry {place} was picked but is not proven, so the whole batch is refused")]
    NotProven {
        /// The position of the entry, counted from 0.
        place: u32,
    },
}

impl FixedBatch {
    /// Computes the digest and size of a list of accounts, so that the list cannot change after the picks are known. The list must
    /// already be in order of network and canonical address.
    ///
    /// # Errors
    /// `SpotCheckError::BatchSize` if it is empty or too long, or `NotAscending` at the first entry that is out of order or repeated.
    pub fn fix<'a>(accounts: impl IntoIterator<Item = &'a Account>) -> Result<Self, SpotCheckError> {
        let mut digest = sha256(&[b"vasp-registry batch v1"]);
        let mut last: Option<(&str, &str)> = None;
        let mut size = 0_u32;
        for account in accounts {
            let entry = (account.caip2.as_str(), account.canonical.as_str());
            if last.is_some_and(|last| last >= entry) {
                return Err(SpotCheckError::NotAscending { place: size });
            }
            // Neither text contains a space, so the space separates them.
            digest = sha256(&[&digest, entry.0.as_bytes(), b" ", entry.1.as_bytes()]);
            last = Some(entry);
            size = size.checked_add(1).filter(|size| *size <= BATCH_SIZE_MAX).ok_or(SpotCheckError::BatchSize)?;
        }
        if size == 0 { Err(SpotCheckError::BatchSize) } else { Ok(Self { digest, size }) }
    }
}

impl FixedBatch {
    /// Returns the text that the member signs with its registered key before the picks are made.
    #[must_use]
    pub fn statement(&self, registry: &Host, vasp: VaspId) -> String {
        let (digest, size) = (hex::encode(self.digest), self.size);
        format!(
            "VASP registry: batch of addresses, version 1\nRegistry: {registry}\nVASP: {vasp}\nAddresses: {size}\nDigest: {digest}\n\
             By signing this text the VASP named above states that it controls every address of the batch."
        )
    }
}

impl SpotCheck {
    /// Picks `count` addresses of a fixed batch. The member must not know the random numbers before the batch is fixed.
    pub fn draw(batch: FixedBatch, count: u32, rng: &mut dyn RngCore) -> Result<Self, SpotCheckError> {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        Ok(Self { picks: picks(&batch, &seed, count)?, batch, seed })
    }

    /// Checks that the picks follow from the batch and the seed.
    pub fn check(&self) -> Result<(), SpotCheckError> {
        let count = u32::try_from(self.picks.len()).map_err(|_| SpotCheckError::PickCount)?;
        if picks(&self.batch, &self.seed, count)? == self.picks { Ok(()) } else { Err(SpotCheckError::OtherPicks) }
    }

    /// Concludes the check from the positions whose addresses have valid proofs. One missing pick refuses the whole batch: if a member
    /// could leave out addresses that it cannot sign for, the others would show nothing.
    ///
    /// # Errors
    /// `SpotCheckError::NotProven` at the first missing pick, or as in `check`.
    pub fn conclude(&self, proven: &BTreeSet<u32>) -> Result<SpotChecked, SpotCheckError> {
        self.check()?;
        if let Some(place) = self.picks.iter().find(|place| !proven.contains(place)) {
            return Err(SpotCheckError::NotProven { place: *place });
        }
        let checked = u32::try_from(self.picks.len()).map_err(|_| SpotCheckError::PickCount)?;
        let of = self.batch.size;
        let controlled_at_least = of - uncontrolled_at_most(of, checked);
        Ok(SpotChecked { checked, of, controlled_at_least, confidence_percent: CONFIDENCE_PERCENT })
    }
}

impl fmt::Display for SpotChecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { checked, of, controlled_at_least, confidence_percent } = self;
        write!(
            f,
            "spot_checked: {checked} of {of}; with {confidence_percent} % confidence at least {controlled_at_least} of {of} are controlled"
        )
    }
}

/// Picks positions without repetition. SHA-256 of batch, seed and a counter gives 64 bits each time; values that would favour low positions
/// are skipped. The computation can be repeated in any programming language.
fn picks(batch: &FixedBatch, seed: &[u8; 32], count: u32) -> Result<Vec<u32>, SpotCheckError> {
    let FixedBatch { digest, size } = batch;
    if !(1..=BATCH_SIZE_MAX).contains(size) {
        return Err(SpotCheckError::BatchSize);
    }
    if !(1..=PICKS_MAX.min(*size)).contains(&count) {
        return Err(SpotCheckError::PickCount);
    }
    let (mut picked, mut seen) = (Vec::new(), BTreeSet::new());
    let size = u64::from(*size);
    let fair = u64::MAX - u64::MAX % size;
    for counter in 0_u64.. {
        if seen.len() >= usize::try_from(count).unwrap_or(usize::MAX) {
            break;
        }
        let drawn = sha256(&[b"vasp-registry pick v1", digest, seed, &counter.to_be_bytes()]);
        let drawn = u64::from_be_bytes(drawn.first_chunk().copied().unwrap_or_default());
        let place = u32::try_from(drawn % size).map_err(|_| SpotCheckError::BatchSize)?;
        if drawn < fair && seen.insert(place) {
            picked.push(place);
        }
    }
    Ok(picked)
}

/// Returns the largest number of uncontrolled addresses among `n` for which a check of `k` still passes in at least 5 of 100 cases. This is
/// the largest `b` with C(n-b, k) / C(n, k) >= 1/20 (hypergeometric), computed in integers only.
fn uncontrolled_at_most(n: u32, k: u32) -> u32 {
    let (mut holds, mut fails) = (0, n - k + 1);
    while fails - holds > 1 {
        let middle = holds + (fails - holds) / 2;
        if passes_often(n, k, middle) { holds = middle } else { fails = middle }
    }
    holds
}

/// Tells whether 20 · (n-b)(n-b-1)… >= n(n-1)…, with k factors each, or b factors if that is fewer: C(n-b,k)/C(n,k) equals C(n-k,b)/C(n,b).
fn passes_often(n: u32, k: u32, b: u32) -> bool {
    let (factors, gap) = if k <= b { (k, b) } else { (b, k) };
    let product = |first: u32, start: u32| (0..factors).fold(Natural::new(start), |product, i| product.times(first - i));
    product(n - gap, 20) >= product(n, 1)
}

/// A natural number in 32-bit digits, the lowest first, without leading zeros.
#[derive(Debug, PartialEq, Eq)]
struct Natural(Vec<u32>);

impl Natural {
    fn new(value: u32) -> Self {
        Self(vec![value])
    }

    fn times(mut self, factor: u32) -> Self {
        let mut carry = 0_u64;
        for digit in &mut self.0 {
            let product = u64::from(*digit) * u64::from(factor) + carry;
            *digit = u32::try_from(product & 0xffff_ffff).unwrap_or(u32::MAX);
            carry = product >> 32;
        }
        self.0.extend(u32::try_from(carry).ok().filter(|carry| *carry > 0));
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev())))
    }
}

#[cfg(test)]
mod tests;
