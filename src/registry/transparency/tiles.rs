//! The hashes of the log's tree, from its stored tiles.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::unfit;
use crate::node::ServiceError;
use vasp_log::{TilePlace, root_of};
use vasp_store::Conn;

/// The tiles as a transaction has them. Each is read once: the subtrees of one tree lie in few tiles.
pub(super) struct Tiles<'c> {
    conn: &'c mut Conn,
    read: HashMap<(u8, u64), Vec<u8>>,
}

impl<'c> Tiles<'c> {
    /// Reads from a transaction that writes no tile while this lives.
    pub(super) fn of(conn: &'c mut Conn) -> Self {
        Self { conn, read: HashMap::new() }
    }

    /// Returns the root of the tree over the first `size` entries.
    pub(super) fn root(&mut self, size: u64) -> Result<[u8; 32], ServiceError> {
        root_of(size, &mut |height, index| self.subtree(height, index))
    }

    /// Returns the hash of a perfect subtree.
    pub(super) fn subtree(&mut self, height: u32, index: u64) -> Result<[u8; 32], ServiceError> {
        let place = TilePlace::of(height, index);
        let tile = match self.read.entry((place.level, place.number)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(tile(self.conn, place.level, place.number)?.unwrap_or_default()),
        };
        place.hash_in(tile).ok_or_else(|| unfit("log_tiles", "hashes", format!("{}/{}", place.level, place.number)))
    }
}

/// Returns a stored tile.
pub(super) fn tile(conn: &mut Conn, level: u8, number: u64) -> Result<Option<Vec<u8>>, ServiceError> {
    let Ok(number) = i64::try_from(number) else { return Ok(None) };
    conn.log_tile(i16::from(level), number).map_err(ServiceError::Store)
}
