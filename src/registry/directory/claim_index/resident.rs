//! The claims in memory: sorted segments that never change, and a map of recent writes. A claim's version is only ever replaced by the one
//! that records its end. So of two versions the ended one is right, whichever is found first.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::class::{Class, ClassKey, Classes, low};
use super::segment::{Entry, Fingerprint, Memos, Segment};
use super::{DirectoryError, StoredClaim};
use vasp_store::{CoverageRow, ScannedClaim};

/// Recent writes: class and memo, by fingerprint and claim.
type Recent = BTreeMap<(Fingerprint, i64), (u32, Option<Box<str>>)>;

/// Number of segments above which the smaller ones are merged.
const SEGMENTS: usize = 4;

/// The claims in memory.
#[derive(Debug, Default)]
pub(super) struct Resident {
    recent: RwLock<Recent>,
    segments: RwLock<Vec<Arc<Segment>>>,
    classes: RwLock<Classes>,
    joining: AtomicBool,
}

/// Claims that will become a segment.
#[derive(Debug, Default)]
pub(super) struct Batch {
    entries: Vec<Entry>,
    /// Claims whose classes are looked up together, so that the processor waits for several memory accesses at the same time.
    pending: Vec<(Entry, ClassKey)>,
    classes: Classes,
    memos: Memos,
    overflown: bool,
}

/// How many claims have their classes looked up together: as many as fit in the processor's nearest cache.
const PENDING: usize = 64;

impl Batch {
    /// Reserves memory for this many claims. Unused reserved memory costs nothing, but a growing list is copied.
    pub(super) fn expecting(claims: usize) -> Self {
        Self { entries: Vec::with_capacity(claims), pending: Vec::with_capacity(PENDING), ..Self::default() }
    }

    pub(super) fn push(&mut self, fingerprint: Fingerprint, claim: &ScannedClaim<'_>) {
        let Some(class) = Class::of(claim).and_then(|class| self.classes.key_of(class)) else {
            self.overflown = true;
            return;
        };
        if !claim.memo.is_empty() {
            self.memos.insert(claim.number, claim.memo.into());
        }
        self.pending.push((Entry { fingerprint, low: low(claim.number), class: 0 }, class));
        if self.pending.len() >= PENDING {
            self.settle();
        }
    }

    /// Assigns class numbers to the pending claims.
    fn settle(&mut self) {
        for (entry, class) in self.pending.drain(..) {
            match self.classes.number_of(class, 1) {
                Some(class) => self.entries.push(Entry { class, ..entry }),
                None => self.overflown = true,
            }
        }
    }
}

fn overflow() -> DirectoryError {
    DirectoryError::IndexFull
}

impl Resident {
    /// Adds claims, none of which may be in the index yet.
    ///
    /// # Errors
    /// `DirectoryError::IndexFull` beyond four billion classes; then no claims were added.
    pub(super) fn publish(&self, mut batch: Batch) -> Result<(), DirectoryError> {
        batch.settle();
        if batch.overflown {
            return Err(overflow());
        }
        if batch.entries.is_empty() {
            return Ok(());
        }
        let Batch { mut entries, classes, memos, .. } = batch;
        let numbers: Vec<u32> = {
            let mut known = self.classes.write().unwrap_or_else(PoisonError::into_inner);
            let number = |(class, claims)| known.key_of(class).and_then(|key| known.number_of(key, claims));
            let numbers = classes.iter().map(number);
            numbers.collect::<Option<_>>().ok_or_else(overflow)?
        };
        for entry in &mut entries {
            let number = usize::try_from(entry.class).ok().and_then(|class| numbers.get(class));
            entry.class = *number.ok_or_else(overflow)?;
        }
        let segment = Arc::new(Segment::sorted(entries, memos));
        self.segments.write().unwrap_or_else(PoisonError::into_inner).push(segment);
        Ok(())
    }

    /// Adds one version of a claim; replaces the version that had not ended.
    pub(super) fn put(&self, fingerprint: Fingerprint, claim: &ScannedClaim<'_>) -> Result<(), DirectoryError> {
        let class = Class::of(claim).ok_or_else(overflow)?;
        let known = self.versions(&fingerprint).into_iter().find(|(number, _)| *number == claim.number);
        let mut classes = self.classes.write().unwrap_or_else(PoisonError::into_inner);
        let key = classes.key_of(class).ok_or_else(overflow)?;
        let number = classes.number_of(key, 0).ok_or_else(overflow)?;
        if let Some((_, before)) = known {
            if before == number || classes.get(before).is_some_and(|class| class.has_ended()) {
                return Ok(());
            }
            classes.discount(before);
        }
        classes.number_of(key, 1).ok_or_else(overflow)?;
        drop(classes);
        let memo = (!claim.memo.is_empty()).then(|| claim.memo.into());
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        recent.insert((fingerprint, claim.number), (number, memo));
        Ok(())
    }

    /// Returns number and class of every claim on a key, each once; an ended claim in its ended version.
    fn versions(&self, fingerprint: &Fingerprint) -> Vec<(i64, u32)> {
        let mut found = vec![];
        self.each(fingerprint, |number, (class, _), _| found.push((number, class)));
        found
    }

    /// Returns the claims on a key that had not ended at `sequence`.
    pub(super) fn find(&self, fingerprint: &Fingerprint, sequence: i64) -> Vec<StoredClaim> {
        let mut found = vec![];
        self.each(fingerprint, |number, (_, class), memo| {
            if class.stands_at(sequence) {
                found.push(class.claim(low(number), memo));
            }
        });
        found
    }

    /// Passes every claim on a key to `take` once. Reads the recent writes before the segments: a claim that moves between them is added
    /// to its segment first.
    fn each(&self, fingerprint: &Fingerprint, mut take: impl FnMut(i64, (u32, Class), Option<&str>)) {
        let lately: Vec<(i64, u32, Option<Box<str>>)> = {
            let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
            let range = recent.range((*fingerprint, i64::MIN)..=(*fingerprint, i64::MAX));
            range.map(|((_, number), (class, memo))| (*number, *class, memo.clone())).collect()
        };
        let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
        let older = segments.iter().filter(|segment| !segment.find(fingerprint).is_empty()).count();
        let places = older + usize::from(!lately.is_empty());
        if places == 0 {
            return;
        }
        let classes = self.classes.read().unwrap_or_else(PoisonError::into_inner);
        // Within one place each claim appears once. Across places the newest comes first and has the ended version.
        let mut seen: HashSet<i64> = HashSet::new();
        let mut is_new = |number: i64| places == 1 || seen.insert(number);
        for (number, class, memo) in &lately {
            if let Some(known) = classes.get(*class).filter(|_| is_new(*number)) {
                take(*number, (*class, known), memo.as_deref());
            }
        }
        for segment in segments.iter().rev() {
            for entry in segment.find(fingerprint) {
                let Some(class) = classes.get(entry.class) else { continue };
                let number = class.number(entry.low);
                if is_new(number) {
                    take(number, (entry.class, class), if class.has_memo() { segment.memo(number) } else { None });
                }
            }
        }
    }

    /// Moves the recent writes into a segment if there are at least `limit`, and starts a merge in the background if there are many
    /// segments.
    pub(super) fn tidy(self: &Arc<Self>, limit: usize) {
        if self.recent.read().unwrap_or_else(PoisonError::into_inner).len() < limit.max(1) {
            return;
        }
        let lately = self.written_lately();
        self.segments.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(lately));
        // Only one thread writes, so everything in the map was moved.
        self.recent.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.join_in_background();
    }

    fn written_lately(&self) -> Segment {
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        let (mut entries, mut memos) = (Vec::with_capacity(recent.len()), Memos::new());
        for ((fingerprint, number), (class, memo)) in recent.iter() {
            entries.push(Entry { fingerprint: *fingerprint, low: low(*number), class: *class });
            memos.extend(memo.clone().map(|memo| (*number, memo)));
        }
        Segment::sorted(entries, memos)
    }

    fn join_in_background(self: &Arc<Self>) {
        let many = self.segments.read().unwrap_or_else(PoisonError::into_inner).len() > SEGMENTS;
        if !many || self.joining.swap(true, Ordering::AcqRel) {
            return;
        }
        let resident = Arc::clone(self);
        let joiner = std::thread::Builder::new().name("claim-index".to_owned()).spawn(move || resident.join_segments());
        if let Err(error) = joiner {
            tracing::warn!(%error, "no thread to merge segments of the claim index: it stays in more pieces");
            self.joining.store(false, Ordering::Release);
        }
    }

    /// Merges the newest segments. It begins with the newest and stops before the first that is more than twice as large as all newer ones
    /// together. Readers continue with the old segments.
    fn join_segments(&self) {
        let parts: Vec<Arc<Segment>> = {
            let segments = self.segments.read().unwrap_or_else(PoisonError::into_inner);
            let mut claims = 0;
            let newest = segments.iter().rev().take_while(|segment| {
                let joins = claims == 0 || segment.len() <= 2 * claims;
                claims += segment.len();
                joins
            });
            let mut parts: Vec<_> = newest.cloned().collect();
            parts.reverse();
            parts
        };
        if parts.len() > 1 {
            let classes = self.all_classes();
            let class = |number: u32| usize::try_from(number).ok().and_then(|number| classes.get(number));
            let number = |entry: &Entry| class(entry.class).map_or(0, |class| class.number(entry.low));
            let joined = Segment::joined(&parts, number, |number| class(number).is_some_and(Class::has_ended));
            let mut segments = self.segments.write().unwrap_or_else(PoisonError::into_inner);
            // Other segments may have been added behind these in the meantime.
            let first = segments.iter().position(|segment| parts.first().is_some_and(|part| Arc::ptr_eq(segment, part)));
            if let Some(first) = first {
                segments.splice(first..first + parts.len(), [Arc::new(joined)]);
            }
        }
        self.joining.store(false, Ordering::Release);
    }

    /// Returns the classes in the order of their numbers.
    fn all_classes(&self) -> Vec<Class> {
        self.classes.read().unwrap_or_else(PoisonError::into_inner).iter().map(|(class, _)| class).collect()
    }

    pub(super) fn has_batch(&self, batch: i64) -> bool {
        self.classes.read().unwrap_or_else(PoisonError::into_inner).has_batch(batch)
    }

    pub(super) fn coverage(&self, sequence: i64, wanted: impl Fn(i64) -> bool) -> Vec<CoverageRow> {
        self.classes.read().unwrap_or_else(PoisonError::into_inner).coverage(sequence, wanted)
    }

    /// Returns the number of versions in memory, including replaced ones that are not merged away yet.
    pub(super) fn len(&self) -> usize {
        let segments: usize =
            self.segments.read().unwrap_or_else(PoisonError::into_inner).iter().map(|segment| segment.len()).sum();
        segments + self.recent.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Frees the memory.
    pub(super) fn clear(&self) {
        *self.segments.write().unwrap_or_else(PoisonError::into_inner) = vec![];
        *self.recent.write().unwrap_or_else(PoisonError::into_inner) = Recent::new();
        *self.classes.write().unwrap_or_else(PoisonError::into_inner) = Classes::default();
    }
}
