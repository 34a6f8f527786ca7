//! The hashes of the log's tree, in tiles, and the signed checkpoints. Both follow from the log alone.

use super::edge::*;
use super::prepared_once::AddToCounter;
use super::schema::{checkpoints, log_tiles};
use super::{Conn, StoreError};
use diesel::upsert::excluded;

/// Hashes that are neighbours in the tree: 256 of them, or fewer at its right edge.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = log_tiles)]
pub struct LogTileRow {
    /// Level: 0 for hashes of leaves, 1 for hashes of whole tiles of level 0, and so on.
    pub level: i16,
    /// Position in the level, from 0.
    pub number: i64,
    /// The hashes, 32 bytes each.
    pub hashes: Vec<u8>,
}

/// A signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = checkpoints)]
pub struct CheckpointRow {
    /// Number of changes that it covers.
    pub size: i64,
    /// Root of their tree.
    pub root: Vec<u8>,
    /// The signed note.
    pub note: String,
}

impl Conn {
    /// Locks signing until the end of the transaction, so that nobody else can make a signing key, add hashes or sign.
    pub fn lock_signing(&mut self) -> Result<(), StoreError> {
        AddToCounter { name: "signing", more: 0 }.run(self).map(drop).map_err(StoreError::on("counters"))
    }

    /// Returns a tile.
    pub fn log_tile(&mut self, level: i16, number: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let tile = log_tiles::table.find((level, number)).select(log_tiles::hashes);
        tile.first(self).optional().map_err(StoreError::on("log_tiles"))
    }

    /// Returns the last tile of a level.
    pub fn last_log_tile(&mut self, level: i16) -> Result<Option<LogTileRow>, StoreError> {
        let tiles = log_tiles::table.filter(log_tiles::level.eq(level)).order(log_tiles::number.desc());
        tiles.select(LogTileRow::as_select()).first(self).optional().map_err(StoreError::on("log_tiles"))
    }

    /// Writes tiles. Those at the right edge replace shorter ones.
    pub fn put_log_tiles(&mut self, tiles: &[LogTileRow]) -> Result<(), StoreError> {
        for tile in tiles {
            let insert = diesel::insert_into(log_tiles::table).values(tile);
            let insert = insert.on_conflict((log_tiles::level, log_tiles::number)).do_update();
            let insert = insert.set(log_tiles::hashes.eq(excluded(log_tiles::hashes)));
            upsert(insert).execute(self).map_err(StoreError::on("log_tiles"))?;
        }
        Ok(())
    }

    /// Returns the newest checkpoint.
    pub fn newest_checkpoint(&mut self) -> Result<Option<CheckpointRow>, StoreError> {
        let newest = checkpoints::table.order(checkpoints::size.desc()).select(CheckpointRow::as_select());
        newest.first(self).optional().map_err(StoreError::on("checkpoints"))
    }

    /// Stores a checkpoint. There is one for each size: a second one is an error, whatever it contains.
    pub fn add_checkpoint(&mut self, row: &CheckpointRow) -> Result<(), StoreError> {
        diesel::insert_into(checkpoints::table).values(row).execute(self).map(drop).map_err(StoreError::on("checkpoints"))
    }
}
