//! Builds generations from the store: a complete one, or the next one from the one before.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::claim_index::ClaimIndex;
use super::coverage::{Added, Count, Coverage};
use super::elsewhere::FoldedNames;
use super::generation::{Batch, Generation};
use super::records::{Ground, KnownVasp, Records, Vasps};
use super::shared::{SharedMap, Table};
use super::sub_accounts::SubAccounts;
use super::vasps::{self, Numbered};
use super::{DirectoryError, Documents, Joined, LeiRecords, Screening, authorities, held_lei_records};
use vasp_record::claim::Strength;
use vasp_record::fact::Snapshots;
use vasp_record::resolution::{CONTESTED_END, ENDED};
use vasp_record::timeline::Reading;
use vasp_record::vasp::VaspKind;
use vasp_store::{BatchRow, Conn, CoverageRow, Store};
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::{Date, UtcTime};

/// Loads the directory as of `sequence`, with its records for `day`. Given the current generation, it loads only what differs, and shares
/// the rest. `documents` loads the documents as of `sequence`, if the current generation has others.
pub(super) fn generation(
    conn: &mut Conn,
    store: &Store,
    claims: &ClaimIndex,
    present: Option<&Generation>,
    (sequence, day): (i64, Date),
    documents: impl FnOnce(&mut Conn) -> Result<Arc<Documents>, DirectoryError>,
) -> Result<Generation, DirectoryError> {
    let mut parts = Parts::default();
    let changed = match present {
        Some(present) => parts.add_changed(conn, present, sequence)?,
        None => {
            parts.put(vasps::all(conn, Some(store), sequence)?);
            parts.date_vasps(conn, None, 0, sequence)?;
            vec![]
        }
    };
    parts.add_batches(conn, claims, 0, sequence)?;
    let (documents_sequence, lei_sequence) = (conn.documents_sequence(sequence)?, conn.lei_sequence(sequence)?);
    let joined = Joined {
        documents: match present.filter(|present| present.documents_sequence == documents_sequence) {
            Some(present) => Arc::clone(&present.joined.documents),
            None => documents(conn)?,
        },
        lei_records: match present.filter(|present| present.joined.lei_records.sequence == lei_sequence) {
            Some(present) => Arc::clone(&present.joined.lei_records),
            None => Arc::new(held_lei_records(conn, None, sequence)?),
        },
    };
    parts.sub_accounts = Arc::new(SubAccounts::load(conn, sequence)?);
    parts.finish(conn, sequence, day, joined, present.map(|present| (present, changed.as_slice())))
}

/// Loads the current records of this transaction for `day`, but with changed lists: those that an import is about to bring. Leaves out the
/// dates from the log and all claims.
pub fn records_with(
    conn: &mut Conn,
    day: Date,
    change: impl FnOnce(&mut Documents, &mut LeiRecords),
) -> Result<Records, DirectoryError> {
    let sequence = conn.log_head()?.sequence;
    let mut parts = Parts::default();
    parts.put(vasps::all(conn, None, sequence)?);
    let mut documents = Arc::unwrap_or_clone(Documents::load(conn, sequence, Screening::Loaded)?);
    let mut lei_records = held_lei_records(conn, None, sequence)?;
    change(&mut documents, &mut lei_records);
    let joined = Joined { documents: Arc::new(documents), lei_records: Arc::new(lei_records) };
    let ground = Ground { vasps: &parts.vasps, numbers: &parts.numbers, snapshots: &Snapshots::new(), joined: &joined };
    Ok(Records::of(ground, None, day))
}

/// Loads what changed from a generation to `sequence`, and shares the rest with it.
pub(super) fn next(
    conn: &mut Conn,
    claims: &ClaimIndex,
    before: &Generation,
    sequence: i64,
) -> Result<Generation, DirectoryError> {
    let mut parts = Parts::of(before);
    let mut changed = conn.vasps_changed(before.sequence, sequence)?;
    for id in conn.evidence_changed(before.sequence, sequence)? {
        changed.extend(before.numbers.get(&id));
    }
    changed.sort_unstable();
    changed.dedup();
    parts.load(conn, &changed, sequence)?;
    parts.date_vasps(conn, None, before.sequence, sequence)?;
    parts.add_batches(conn, claims, before.sequence, sequence)?;
    for ended in conn.claims_ended(before.sequence, sequence)? {
        // A claim that began and ended in between was never counted.
        let counted = parts.batches.get(&ended.batch).filter(|batch| batch.seq_from <= before.sequence);
        if let Some(batch) = counted.cloned() {
            parts.count(ended.network, &batch, ended.vasp, -1, None);
        }
    }
    let documents = if conn.documents_sequence(sequence)? == before.documents_sequence {
        Arc::clone(&before.joined.documents)
    } else {
        Documents::load(conn, sequence, Screening::Loaded)?
    };
    if authorities::differ(before, &documents) {
        parts.put(vasps::all(conn, None, sequence)?);
        parts.date_vasps(conn, None, 0, sequence)?;
    }
    let lei_records = if conn.lei_sequence(sequence)? == before.joined.lei_records.sequence {
        Arc::clone(&before.joined.lei_records)
    } else {
        Arc::new(held_lei_records(conn, None, sequence)?)
    };
    if conn.sub_accounts_sequence(sequence)? != before.sub_accounts.sequence {
        parts.sub_accounts = Arc::new(SubAccounts::load(conn, sequence)?);
    }
    parts.finish(conn, sequence, before.day(), Joined { documents, lei_records }, Some((before, changed.as_slice())))
}

/// The parts of a generation while it is loaded.
#[derive(Default)]
pub(super) struct Parts {
    vasps: Vasps,
    numbers: Table<VaspId, i64>,
    fact_count: usize,
    batches: SharedMap<i64, Batch>,
    coverage: Coverage,
    sub_accounts: Arc<SubAccounts>,
}

impl Parts {
    fn of(before: &Generation) -> Self {
        Self {
            vasps: before.vasps.clone(),
            numbers: before.numbers.clone(),
            fact_count: before.fact_count,
            batches: before.batches.clone(),
            coverage: before.coverage.clone(),
            sub_accounts: Arc::clone(&before.sub_accounts),
        }
    }

    /// Loads VASPs as of `sequence`.
    pub(super) fn load(&mut self, conn: &mut Conn, numbers: &[i64], sequence: i64) -> Result<(), DirectoryError> {
        if numbers.is_empty() {
            return Ok(());
        }
        numbers.iter().for_each(|number| self.remove(*number));
        self.put(vasps::some(conn, numbers, sequence)?);
        Ok(())
    }

    fn remove(&mut self, number: i64) {
        if let Some(known) = self.vasps.remove(&number) {
            self.numbers.remove(&known.facts.id());
            self.fact_count -= known.facts.count();
        }
    }

    fn count(&mut self, network: i32, batch: &Batch, owner: i64, claims: i64, newest: Option<UtcTime>) {
        let kind = self.vasps.get(&owner).map_or(VaspKind::Entity, |known| known.facts.kind());
        let proven = if batch.strength == Strength::Proven { claims } else { 0 };
        self.coverage.add(Added { network, seers: batch.seers(), owner, kind, count: Count { claims, proven, newest } });
    }

    /// Replaces VASPs, or adds them.
    pub(super) fn put(&mut self, vasps: Numbered) {
        for (number, facts) in vasps {
            self.remove(number);
            self.numbers.insert(facts.id(), number);
            self.fact_count += facts.count();
            let names = FoldedNames::default();
            self.vasps.insert(number, Arc::new(KnownVasp { number, facts, version: 0, updated_at: UtcTime::EPOCH, names }));
        }
    }

    /// Fills in when some VASPs, or all, last changed.
    pub(super) fn date_vasps(
        &mut self,
        conn: &mut Conn,
        of: Option<&[i64]>,
        after: i64,
        sequence: i64,
    ) -> Result<(), DirectoryError> {
        for (number, version, updated_at) in conn.last_changes(of, after, sequence)? {
            if let Some(known) = self.vasps.get_mut(&number) {
                let known = Arc::make_mut(known);
                (known.version, known.updated_at) = (version, updated_at);
            }
        }
        Ok(())
    }

    /// Takes all VASPs from a later generation, and reloads those that changed since, as of `sequence`. Returns the numbers of those.
    fn add_changed(&mut self, conn: &mut Conn, later: &Generation, sequence: i64) -> Result<Vec<i64>, DirectoryError> {
        let mut changed = conn.vasps_changed(sequence, later.sequence)?;
        changed.extend(conn.evidence_changed(sequence, later.sequence)?.iter().filter_map(|id| later.numbers.get(id)));
        changed.extend(later.vasps.values().filter(|known| known.version > sequence).map(|known| known.number));
        changed.sort_unstable();
        changed.dedup();
        (self.vasps, self.numbers, self.fact_count) = (later.vasps.clone(), later.numbers.clone(), later.fact_count);
        self.load(conn, &changed, sequence)?;
        self.date_vasps(conn, Some(&changed), 0, sequence)?;
        Ok(changed)
    }

    fn add_batches(&mut self, conn: &mut Conn, claims: &ClaimIndex, after: i64, sequence: i64) -> Result<(), DirectoryError> {
        let rows = conn.claim_batches_between(after, sequence)?;
        let counts = coverage(conn, claims, &rows, after, sequence)?;
        let mut named: HashMap<i64, Vec<OrganisationId>> = HashMap::new();
        for (number, organisation) in conn.batch_readers_between(after, sequence)? {
            named.entry(number).or_default().push(organisation);
        }
        let begun: Vec<i64> = rows.iter().map(|row| row.seq_from).collect();
        let begun: HashMap<i64, UtcTime> = conn.recorded_at(&begun)?.into_iter().collect();
        for row in rows {
            let named = named.remove(&row.number).unwrap_or_default();
            let recorded_at = begun.get(&row.seq_from).copied().unwrap_or(UtcTime::EPOCH);
            self.batches.insert(row.number, batch(row, named, recorded_at));
        }
        let is_over = |batch: &Batch| [ENDED, CONTESTED_END].contains(&&*batch.method);
        for count in counts {
            if let Some(batch) = self.batches.get(&count.batch).filter(|batch| !is_over(batch)).cloned() {
                let newest = count.newest.and_then(|at| UtcTime::from_micros(at).ok());
                self.count(count.network, &batch, count.vasp, count.claims, newest);
            }
        }
        Ok(())
    }

    /// Builds a generation. Given the one before and the numbers of the VASPs whose facts changed, it shares with it what it can.
    pub(super) fn finish(
        mut self,
        conn: &mut Conn,
        sequence: i64,
        day: Date,
        joined: Joined,
        before: Option<(&Generation, &[i64])>,
    ) -> Result<Generation, DirectoryError> {
        self.coverage.settle();
        let snapshots_sequence = conn.snapshots_sequence(sequence)?;
        let snapshots = match before.filter(|(before, _)| before.snapshots_sequence == snapshots_sequence) {
            Some((before, _)) => Arc::clone(&before.snapshots),
            None => Arc::new(snapshots_of(conn, sequence)?),
        };
        let (_, recorded_at) = conn.pinnable_sequence(sequence)?;
        let ground = Ground { vasps: &self.vasps, numbers: &self.numbers, snapshots: &snapshots, joined: &joined };
        let changed_alone = before.filter(|(before, _)| {
            before.day() == day && Arc::ptr_eq(&before.snapshots, &snapshots) && before.joined.is_same(&joined)
        });
        let next = |of: fn(&Generation) -> Option<&Arc<Records>>| {
            let (before, changed) = changed_alone?;
            let records = of(before)?;
            if changed.is_empty() {
                return Some(Arc::clone(records));
            }
            records.next(&before.vasps, ground, changed).map(Arc::new)
        };
        let ahead = next(|before| before.ahead.as_ref());
        let records = next(|before| Some(&before.records));
        let records = records.unwrap_or_else(|| Arc::new(Records::of(ground, before.map(|(before, _)| before.records()), day)));
        Ok(Generation {
            sequence,
            as_of: recorded_at.unwrap_or(UtcTime::EPOCH),
            numbers: self.numbers,
            vasps: self.vasps,
            fact_count: self.fact_count,
            snapshots,
            snapshots_sequence,
            records,
            ahead,
            batches: self.batches,
            coverage: self.coverage,
            joined,
            documents_sequence: conn.documents_sequence(sequence)?,
            sub_accounts: self.sub_accounts,
            _seat: None,
        })
    }
}

/// Returns the snapshots of registers up to a sequence.
pub(crate) fn snapshots_of(conn: &mut Conn, sequence: i64) -> Result<Snapshots, DirectoryError> {
    let mut snapshots = Snapshots::new();
    for row in conn.snapshots_at(sequence)? {
        let (day, extent) = (row.observed_on, row.extent);
        let read = snapshots.entry(row.register).or_default();
        // Rows are ordered by day, and the latest reading of a day comes last; it replaces the earlier ones of the same extent.
        read.retain(|known| (known.day, known.extent) != (day, extent));
        read.push(Reading { day, extent, source: row.source.into() });
    }
    Ok(snapshots)
}

/// Returns the newest snapshot of each register: the newest whole one, if there is one.
pub(crate) fn newest_readings(snapshots: &Snapshots) -> impl Iterator<Item = (&str, &Reading)> {
    snapshots.iter().filter_map(|(register, read)| {
        let newest = read.iter().rfind(|one| one.extent.is_whole()).or(read.last());
        newest.map(|one| (register.as_str(), one))
    })
}

/// Counts the claims of batches. In memory, if all claims are there. Otherwise it uses one grouping of all claims for a full load, or one
/// query per batch if little was added.
fn coverage(
    conn: &mut Conn,
    claims: &ClaimIndex,
    batches: &[BatchRow],
    after: i64,
    sequence: i64,
) -> Result<Vec<CoverageRow>, DirectoryError> {
    if batches.is_empty() {
        return Ok(vec![]);
    }
    let numbers: HashSet<i64> = batches.iter().map(|batch| batch.number).collect();
    if let Some(counted) = claims.coverage(sequence, |batch| numbers.contains(&batch)) {
        return Ok(counted);
    }
    if after == 0 {
        return Ok(conn.coverage_at(sequence, None)?);
    }
    let mut counts = Vec::new();
    for batch in batches {
        counts.extend(conn.coverage_at(sequence, Some(batch.number))?);
    }
    Ok(counts)
}

fn batch(row: BatchRow, named: Vec<OrganisationId>, recorded_at: UtcTime) -> Batch {
    Batch {
        strength: row.strength,
        visibility: row.visibility,
        verified_at: row.verified_at,
        source: row.source.into(),
        method: row.method.into(),
        named: named.into(),
        seq_from: row.seq_from,
        recorded_at,
    }
}
