//! Records that were asked for within the last minute, as text. A gateway asks for few counterparties many times a second, and a record
//! changes seldom. A text is used again only while everything that it shows is the same; otherwise it is rendered anew.

use std::sync::Arc;

use moka::sync::Cache;

use crate::directory::Generation;
use crate::http::tagged::Shown;
use crate::http::visibility::Viewer;
use crate::node::Holds;
use crate::vasps::VaspAnswer;
use vasp_record::vasp::Vasp;
use vasp_rules::elsewhere::JudgedVasp;
use vasp_words::ids::VaspId;
use vasp_words::time::{Date, UtcTime};

/// Approximate number of bytes of text that are kept.
const KEPT_BYTES: u64 = 32 << 20;

/// The kept texts, by record and viewer.
#[derive(Debug)]
pub(crate) struct KeptRecords(Cache<(VaspId, Viewer), Arc<KeptRecord>>);

/// A record's text, and what it was made from.
#[derive(Debug)]
pub(crate) struct KeptRecord {
    ground: Ground,
    /// From when, and until when it may be used.
    used: (UtcTime, UtcTime),
    /// When a fact behind it changes for the next time.
    next_change: Option<UtcTime>,
    shown: Arc<Shown>,
}

/// What a text was made from.
#[derive(Debug)]
struct Ground {
    day: Date,
    version: i64,
    record: Arc<JudgedVasp>,
    /// Its group and its entities.
    others: Vec<Arc<Vasp>>,
    /// For a record with endpoints: whether they can be used depends on other records, too.
    sequence: Option<i64>,
}

impl Default for KeptRecords {
    fn default() -> Self {
        let weigh = |_: &(VaspId, Viewer), kept: &Arc<KeptRecord>| u32::try_from(kept.shown.size()).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(KEPT_BYTES).weigher(weigh).build())
    }
}

impl KeptRecords {
    /// Returns the text of a record of today with how long it holds, if one is kept that a new one would equal.
    pub(crate) fn get(
        &self,
        vasp: VaspId,
        viewer: Viewer,
        generation: &Generation,
        now: UtcTime,
    ) -> Option<(Arc<Shown>, i64, Holds)> {
        let kept = self.0.get(&(vasp, viewer))?;
        let (from, until) = kept.used;
        let holds = from <= now && now < until && kept.ground.is_that_of(vasp, generation);
        holds.then(|| (Arc::clone(&kept.shown), kept.ground.version, Holds::before(now, kept.next_change)))
    }

    /// Keeps the text of an answer about today.
    pub(crate) fn keep(&self, viewer: Viewer, answer: &VaspAnswer, shown: Arc<Shown>) {
        let Some(ground) = Ground::of(&answer.record, &answer.generation) else { return };
        let used = (answer.at, answer.holds.until());
        let kept = KeptRecord { ground, used, next_change: answer.next_change, shown };
        self.0.insert((answer.record.id, viewer), Arc::new(kept));
    }
}

impl Ground {
    fn of(record: &Vasp, generation: &Generation) -> Option<Self> {
        Some(Self {
            day: generation.day(),
            version: generation.version_of(record.id),
            record: Arc::clone(generation.records().judged(record.id)?),
            others: others(record, generation).cloned().collect(),
            sequence: (!record.endpoints.is_empty()).then(|| generation.sequence()),
        })
    }

    fn is_that_of(&self, vasp: VaspId, generation: &Generation) -> bool {
        let is_same = |now: &Arc<JudgedVasp>| Arc::ptr_eq(now, &self.record);
        self.day == generation.day()
            && self.sequence.is_none_or(|sequence| sequence == generation.sequence())
            && self.version == generation.version_of(vasp)
            && generation.records().judged(vasp).is_some_and(is_same)
            && others(&self.record.record, generation).map(Arc::as_ptr).eq(self.others.iter().map(Arc::as_ptr))
    }
}

/// Returns the other records of which a record shows something: its group and its entities.
fn others<'a>(record: &Vasp, generation: &'a Generation) -> impl Iterator<Item = &'a Arc<Vasp>> {
    let records = generation.records();
    record.group.and_then(|group| records.get(group)).into_iter().chain(records.entities_of(record.id))
}
