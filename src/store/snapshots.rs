//! The snapshots of each register that were read. Together with a record's listing they show when the record was first and last seen. So a
//! snapshot that only confirms records adds one row here and nothing else.

use super::edge::*;
use super::schema::snapshots;
use super::{Conn, StoreError};
use vasp_record::register::Extent;
use vasp_words::time::Date;

/// A snapshot that was read.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = snapshots, treat_none_as_default_value = false)]
pub struct SnapshotRow {
    /// Register, such as `esma-casps`.
    pub register: String,
    /// Day on which it was published or viewed.
    pub observed_on: Date,
    /// File or page.
    pub source: String,
    /// SHA-256 of the file.
    pub digest: Vec<u8>,
    /// How much of the register it has.
    pub extent: Extent,
    /// Sequence of the change that read it.
    pub seq_from: i64,
}

pub(super) fn insert(conn: &mut Conn, row: SnapshotRow) -> Result<(), StoreError> {
    diesel::insert_into(snapshots::table).values(&row).execute(conn).map(drop).map_err(StoreError::on("snapshots"))
}

impl Conn {
    /// Returns the snapshots of registers that were imported at or before `sequence`, in order of register and day. Of several for one
    /// day, the one that was imported last comes last.
    pub fn snapshots_at(&mut self, sequence: i64) -> Result<Vec<SnapshotRow>, StoreError> {
        snapshots::table
            .filter(snapshots::seq_from.le(sequence))
            .order((snapshots::register, snapshots::observed_on, snapshots::seq_from))
            .select(SnapshotRow::as_select())
            .load(self)
            .map_err(StoreError::on("snapshots"))
    }

    /// Returns the sequence of the last snapshot until `sequence`; 0 if there is none.
    pub fn snapshots_sequence(&mut self, sequence: i64) -> Result<i64, StoreError> {
        let last: Option<i64> = snapshots::table
            .filter(snapshots::seq_from.le(sequence))
            .select(diesel::dsl::max(snapshots::seq_from))
            .first(self)
            .map_err(StoreError::on("snapshots"))?;
        Ok(last.unwrap_or(0))
    }
}
