//! Recorded pre-checks: durable, not in the log, sealed by the caller. One thread commits what has arrived, at most 500 rows at once. What
//! arrives during a commit forms the next group, so nobody waits for a group to fill. Every caller waits for the commit of its row before
//! it answers.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use super::edge::*;
use super::group_commit::GroupCommit;
use super::prepared_once::InsertPrechecks;
use super::schema::prechecks;
use super::{Conn, IdempotencyRow, PrecheckRecord, ReliedDestinationRow, Store, StoreError, WatchRow};
use vasp_clock::Stopwatch;
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::time::UtcTime;

/// A recorded pre-check; the contents are sealed under the organisation's data key.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = prechecks, treat_none_as_default_value = false)]
pub struct PrecheckRow {
    /// The unsealed columns.
    #[diesel(embed)]
    pub record: PrecheckRecord,
    /// Organisation that requested it.
    pub organisation: OrganisationId,
    /// Sealed request, answer and versions; empty after erasure.
    pub sealed: Vec<u8>,
    /// Token of the destination that was relied on; `None` if there was none, and after erasure.
    pub destination: Option<Vec<u8>>,
}

/// A pre-check to record, with what its organisation relies on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPrecheck {
    /// The pre-check.
    pub row: PrecheckRow,
    /// What the organisation relies on.
    pub reliance: Reliance,
    /// The idempotency key under which it is recorded; `None` if there is none.
    pub once: Option<IdempotencyRow>,
}

/// The parts of a pre-check that an organisation relies on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reliance {
    /// The counterparty; `None` if it is not relied on.
    pub counterparty: Option<WatchRow>,
    /// The destination; `None` if it is not relied on.
    pub destination: Option<ReliedDestinationRow>,
}

const GROUP_ROWS: usize = 500;

type Acknowledge = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Rows of one call, and the callback that tells the caller about their commit.
type HandedIn = (Vec<NewPrecheck>, Acknowledge);

/// Maximum number of waiting rows, so that answers do not fill the memory while the database is busy.
const WAITING_ROWS: usize = 20_000;

/// Handle to the thread that collects and commits pre-checks. The thread commits what it holds and ends when the last handle is dropped.
#[derive(Clone)]
pub struct PrecheckWriter {
    sender: SyncSender<HandedIn>,
    waiting: Arc<AtomicUsize>,
}

impl PrecheckWriter {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system's error if no thread can be started.
    pub fn start(store: Store, metrics: GroupCommit) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(4 * GROUP_ROWS);
        std::thread::Builder::new().name("precheck-writer".to_owned()).spawn(move || gather(&store, &receiver, &metrics))?;
        Ok(Self { sender, waiting: Arc::new(AtomicUsize::new(0)) })
    }

    /// Returns how many rows wait for their commit.
    #[must_use]
    pub fn waiting_rows(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Queues rows without waiting. `acknowledge` is called once they are on disk, or with the error. `StoreError::Stale` means that
    /// another node recorded one of them under the same idempotency key in the meantime; then none of them is recorded.
    pub fn record(&self, rows: Vec<NewPrecheck>, acknowledge: impl FnOnce(Result<(), StoreError>) + Send + 'static) {
        let count = rows.len();
        let (waiting, full) = (Arc::clone(&self.waiting), "too many pre-checks are waiting to be recorded");
        if waiting.fetch_add(count, Ordering::SeqCst) + count > WAITING_ROWS {
            waiting.fetch_sub(count, Ordering::SeqCst);
            return acknowledge(Err(StoreError::Pool(full.to_owned())));
        }
        let acknowledge = move |outcome| {
            waiting.fetch_sub(count, Ordering::SeqCst);
            acknowledge(outcome);
        };
        let (refused, reason) = match self.sender.try_send((rows, Box::new(acknowledge))) {
            Ok(()) => return,
            Err(TrySendError::Full(refused)) => (refused, full),
            Err(TrySendError::Disconnected(refused)) => (refused, "the pre-check writer has stopped"),
        };
        refused.1(Err(StoreError::Pool(reason.to_owned())));
    }
}

fn gather(store: &Store, receiver: &Receiver<HandedIn>, metrics: &GroupCommit) {
    let mut noted = Noted::default();
    while let Ok(first) = receiver.recv() {
        let mut group = vec![first];
        let mut count = group.iter().map(|(rows, _)| rows.len()).sum::<usize>();
        while count < GROUP_ROWS
            && let Ok(more) = receiver.try_recv()
        {
            count += more.0.len();
            group.push(more);
        }
        let committing = Stopwatch::start();
        let outcome = commit(store, &group, &mut noted).map_err(Arc::new);
        metrics.seconds.observe(Duration::from_micros(committing.elapsed_micros()).as_secs_f64());
        metrics.rows.observe(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        if outcome.is_err() {
            metrics.failures.inc();
        }
        for (place, (_, acknowledge)) in group.into_iter().enumerate() {
            acknowledge(match &outcome {
                Ok(too_late) if too_late.contains(&place) => Err(StoreError::Stale { table: "idempotency" }),
                Ok(_) => Ok(()),
                Err(error) => Err(StoreError::Unrecorded(Arc::clone(error))),
            });
        }
    }
}

/// Commits a group. Returns the positions of the calls that it left out because another node used their idempotency key in the meantime.
fn commit(store: &Store, group: &[HandedIn], noted: &mut Noted) -> Result<BTreeSet<usize>, StoreError> {
    let mut conn = store.begin_write()?;
    match write(&mut conn, group, noted) {
        Ok((too_late, counterparties)) => {
            store.commit(&mut conn)?;
            noted.keep(&counterparties);
            Ok(too_late)
        }
        Err(error) => {
            store.give_up(&mut conn);
            Err(error)
        }
    }
}

type Written<'a> = (BTreeSet<usize>, BTreeMap<Pair, &'a WatchRow>);

fn write<'a>(conn: &mut Conn, group: &'a [HandedIn], noted: &mut Noted) -> Result<Written<'a>, StoreError> {
    let keys = |(place, (rows, _)): (usize, &'a HandedIn)| rows.iter().filter_map(move |new| Some((new.once.as_ref()?, place)));
    let mut keys: Vec<(&IdempotencyRow, usize)> = group.iter().enumerate().flat_map(keys).collect();
    // Use the same order on every node, so that two nodes do not wait for each other.
    keys.sort_by(|(a, _), (b, _)| (a.user_id, &a.key).cmp(&(b.user_id, &b.key)));
    let mut too_late = BTreeSet::new();
    for (row, place) in &keys {
        if !conn.keep_answer_once(row)? {
            too_late.insert(*place);
        }
    }
    for (row, _) in keys.iter().filter(|(_, place)| too_late.contains(place)) {
        conn.forget_answer(row)?;
    }
    let kept = group.iter().enumerate().filter(|(place, _)| !too_late.contains(place));
    let rows: Vec<&NewPrecheck> = kept.flat_map(|(_, (rows, _))| rows).collect();
    let counterparties = noted.missing(&rows);
    insert(conn, &rows).map_err(StoreError::on("prechecks"))?;
    conn.count_prechecks(&rows)?;
    counterparties.values().try_for_each(|watch| conn.note_reliance(watch))?;
    conn.note_destinations(rows.iter().filter_map(|new| new.reliance.destination.as_ref()))?;
    Ok((too_late, counterparties))
}

/// Inserts rows. Each database reads the statement once; a server takes all rows of a commit in one round trip.
fn insert(conn: &mut Conn, rows: &[&NewPrecheck]) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(conn) => {
            let insert =
                |new: &&NewPrecheck| diesel::insert_into(prechecks::table).values(&new.row).execute_typed(conn).map(drop);
            rows.iter().try_for_each(insert)
        }
        Conn::Postgres(conn) => rows
            .chunks(GROUP_ROWS)
            .try_for_each(|chunk| InsertPrechecks::of(chunk.iter().map(|new| &new.row)).execute_typed(conn).map(drop)),
    }
}

/// An organisation and a counterparty.
type Pair = (OrganisationId, VaspId);

/// The counterparties already recorded today: each pair is written once a day, however many pre-checks it has.
#[derive(Default)]
struct Noted {
    day: i64,
    pairs: HashSet<Pair>,
}

impl Noted {
    /// Maximum number of pairs to remember. Beyond it, the set is cleared.
    const PAIRS_MAX: usize = 100_000;
    /// Microseconds of a day.
    const DAY_MICROS: i64 = 86_400_000_000;

    fn day_of(watch: &WatchRow) -> i64 {
        watch.relied_at.map_or(0, UtcTime::micros).div_euclid(Self::DAY_MICROS)
    }

    /// Returns the pairs not recorded yet, in the same order on every node, so that two nodes do not wait for each other.
    fn missing<'a>(&mut self, rows: &[&'a NewPrecheck]) -> BTreeMap<Pair, &'a WatchRow> {
        let watches = rows.iter().filter_map(|new| new.reliance.counterparty.as_ref());
        let today = watches.clone().map(Self::day_of).max().unwrap_or(self.day);
        // A clock that was set back also starts another day.
        if today != self.day {
            self.day = today;
            self.pairs.clear();
        }
        let pair = |watch: &WatchRow| (watch.organisation, watch.vasp);
        let is_new = |watch: &&WatchRow| !self.pairs.contains(&pair(watch));
        watches.filter(is_new).map(|watch| (pair(watch), watch)).collect()
    }

    /// Remembers the pairs that are now on disk.
    fn keep(&mut self, written: &BTreeMap<Pair, &WatchRow>) {
        if self.pairs.len() >= Self::PAIRS_MAX {
            self.pairs.clear();
        }
        let today = written.iter().filter(|(_, watch)| Self::day_of(watch) == self.day);
        self.pairs.extend(today.map(|(pair, _)| *pair));
    }
}

impl Conn {
    /// Returns a recorded pre-check of an organisation; `None` if it belongs to another one.
    pub fn precheck(&mut self, id: PrecheckId, organisation: OrganisationId) -> Result<Option<PrecheckRow>, StoreError> {
        prechecks::table
            .find((organisation, id))
            .select(PrecheckRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("prechecks"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vasp(number: usize) -> VaspId {
        VaspId::first_at(UtcTime::EPOCH.plus_secs(i64::try_from(number).unwrap()))
    }

    fn asked(number: usize, hour: i64) -> NewPrecheck {
        let record = PrecheckRecord {
            id: PrecheckId::first_at(UtcTime::EPOCH),
            recorded_at: UtcTime::EPOCH,
            sequence: 1,
            recommendation: None,
            codes: None,
            counterparty: None,
            policy: None,
            request_digest: None,
            verdict_digest: None,
            evidence_digest: None,
            erased_at: None,
            floor_days: 1_827,
            floor_by: "DE@2024-12-30".parse().unwrap(),
            kept_until: UtcTime::EPOCH,
        };
        let row =
            PrecheckRow { record, organisation: OrganisationId::first_at(UtcTime::EPOCH), sealed: vec![], destination: None };
        let watch = WatchRow {
            organisation: OrganisationId::first_at(UtcTime::EPOCH),
            vasp: vasp(number),
            asked: vasp_words::sql::Flag(false),
            relied_at: Some(UtcTime::EPOCH.plus_secs(hour * 3_600)),
            jurisdiction: None,
            sequence: 1,
            findings: None,
            version: 1,
            created_at: UtcTime::EPOCH,
        };
        NewPrecheck { row, reliance: Reliance { counterparty: Some(watch), destination: None }, once: None }
    }

    fn missing(noted: &mut Noted, rows: &[NewPrecheck]) -> Vec<VaspId> {
        noted.missing(&rows.iter().collect::<Vec<_>>()).keys().map(|(_, vasp)| *vasp).collect()
    }

    #[test]
    fn a_counterparty_is_noted_once_a_day_and_only_what_was_written_counts() {
        let mut noted = Noted::default();
        let rows = [asked(2, 1), asked(1, 2), asked(2, 3)];
        assert_eq!(missing(&mut noted, &rows), [vasp(1), vasp(2)]);
        assert_eq!(missing(&mut noted, &rows), [vasp(1), vasp(2)], "nothing was written");

        let rows: Vec<&NewPrecheck> = rows.iter().collect();
        let written = noted.missing(&rows);
        noted.keep(&written);

        assert!(noted.missing(&rows).is_empty());
        assert_eq!(missing(&mut noted, &[asked(3, 23), asked(1, 23)]), [vasp(3)]);
        assert_eq!(missing(&mut noted, &[asked(1, 24)]), [vasp(1)], "the next day");
        assert_eq!(missing(&mut noted, &[asked(1, 23)]), [vasp(1)], "a clock set back");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut noted = Noted::default();
        noted.pairs.extend((0..Noted::PAIRS_MAX).map(|number| (OrganisationId::first_at(UtcTime::EPOCH), vasp(number + 2))));
        let rows = [asked(1, 1)];
        let rows: Vec<&NewPrecheck> = rows.iter().collect();
        let written = noted.missing(&rows);

        noted.keep(&written);

        assert_eq!(noted.pairs.len(), 1);
    }
}
