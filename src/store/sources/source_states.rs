//! What was fetched from each source, and its newest files. It is not logged: what an import of them changes is.

use crate::backend::written;
use crate::edge::*;
use crate::schema::{source_snapshots, source_states};
use crate::{Conn, StoreError, Transaction};
use vasp_words::time::{Date, UtcTime};

/// What was fetched from a source. A fetch writes all of it but `paused` and `next_look_at`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = source_states, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SourceState {
    /// Id of the source.
    pub id: String,
    /// Whether it is left out of fetches that do not name it.
    pub paused: bool,
    /// The last try.
    pub tried_at: Option<UtcTime>,
    /// The last try in which its files could be read.
    pub succeeded_at: Option<UtcTime>,
    /// The last try in which its files had changed and were imported.
    pub changed_at: Option<UtcTime>,
    /// The day of the facts in them.
    pub known_through: Option<Date>,
    /// The names of the files.
    pub file: Option<String>,
    /// SHA-256 of the file; of several, of their digests.
    pub digest: Option<Vec<u8>>,
    /// Number of rows.
    pub rows_read: Option<i64>,
    /// Why the last try failed; `None` if it did not.
    pub failure: Option<String>,
    /// How many tries failed since the last that did not.
    pub failures: i32,
    /// When a server looks next; `None` if none ever looked.
    pub next_look_at: Option<UtcTime>,
    /// What the publisher's server said of the files, as JSON; `None` if they did not come from one. Of bundles (`bundle`), the pinned key
    /// and the serial of the last one.
    pub validators: Option<String>,
    /// Rises with every change; 0 before the first.
    pub version: i64,
}

/// A file of a source, as it came.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = source_snapshots, treat_none_as_default_value = false)]
pub struct SourceSnapshot {
    /// Id of the source.
    pub source: String,
    /// SHA-256 of the file.
    pub digest: Vec<u8>,
    /// Its name.
    pub file: String,
    /// The day of the facts in it.
    pub observed_on: Option<Date>,
    /// When it came.
    pub fetched_at: UtcTime,
    /// Its size.
    pub size_bytes: i64,
    /// Its bytes, compressed by gzip; `None` if it was too large to be kept.
    pub body: Option<Vec<u8>>,
}

impl Conn {
    /// Returns what was fetched from each source that was ever tried or paused.
    pub fn source_states(&mut self) -> Result<Vec<SourceState>, StoreError> {
        let query = source_states::table.order(source_states::id).select(SourceState::as_select());
        query.load(self).map_err(StoreError::on("source_states"))
    }

    /// Returns the kept files of a source, without their bytes, the newest first: each with its digest, name and size.
    pub fn source_snapshots(&mut self, source: &str) -> Result<Vec<(Vec<u8>, String, i64)>, StoreError> {
        source_snapshots::table
            .filter(source_snapshots::source.eq(source))
            .order((source_snapshots::fetched_at.desc(), source_snapshots::digest))
            .select((source_snapshots::digest, source_snapshots::file, source_snapshots::size_bytes))
            .load(self)
            .map_err(StoreError::on("source_snapshots"))
    }

    /// Returns a kept file of a source.
    pub fn source_snapshot(&mut self, source: &str, digest: &[u8]) -> Result<Option<SourceSnapshot>, StoreError> {
        let query = source_snapshots::table.find((source, digest)).select(SourceSnapshot::as_select());
        query.first(self).optional().map_err(StoreError::on("source_snapshots"))
    }
}

impl Transaction<'_> {
    /// Changes what was fetched from a source, as it is now: a pause in the meantime is no obstacle, and is not lost.
    pub fn change_source_state(&mut self, id: &str, change: impl FnOnce(&mut SourceState)) -> Result<(), StoreError> {
        let first = SourceState { id: id.to_owned(), ..SourceState::default() };
        let insert = diesel::insert_into(source_states::table).values(&first).unless_there();
        written(self.conn(), "source_states", insert)?;
        let found = source_states::table.find(id).select(SourceState::as_select()).locking().get_result(self.conn());
        let mut row: SourceState = found.map_err(StoreError::on("source_states"))?;
        change(&mut row);
        row.version += 1;
        written(self.conn(), "source_states", diesel::update(source_states::table.find(id)).set(&row)).map(drop)
    }

    /// Takes the next look at a source, which was due at `due`, for one server: no other looks until `until`. Returns whether no other
    /// took it first.
    pub fn take_source_look(&mut self, id: &str, due: Option<UtcTime>, until: UtcTime) -> Result<bool, StoreError> {
        let mut is_taken = false;
        self.change_source_state(id, |row| {
            is_taken = row.next_look_at == due && !row.paused;
            if is_taken {
                row.next_look_at = Some(until);
            }
        })?;
        Ok(is_taken)
    }

    /// Keeps a file of a source, and only the newest `most` files of that source. A file that comes again is new again.
    pub fn keep_source_snapshot(&mut self, row: &SourceSnapshot, most: usize) -> Result<(), StoreError> {
        let again = (
            source_snapshots::file.eq(&row.file),
            source_snapshots::observed_on.eq(row.observed_on),
            source_snapshots::fetched_at.eq(row.fetched_at),
        );
        let insert = diesel::insert_into(source_snapshots::table).values(row);
        let insert = upsert(insert.on_conflict((source_snapshots::source, source_snapshots::digest)).do_update().set(again));
        written(self.conn(), "source_snapshots", insert)?;
        let kept = self.conn().source_snapshots(&row.source)?;
        let old: Vec<Vec<u8>> = kept.into_iter().skip(most).map(|(digest, ..)| digest).filter(|one| *one != row.digest).collect();
        let of_source = source_snapshots::table.filter(source_snapshots::source.eq(&row.source));
        let delete = diesel::delete(of_source.filter(source_snapshots::digest.eq_any(&old)));
        written(self.conn(), "source_snapshots", delete).map(drop)
    }
}
