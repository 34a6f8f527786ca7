//! The stored hashes of the log's tree, and those computed from the entries.

use vasp_log::{Frontier, TILE_WIDTH};

/// A tile computed from the entries.
pub(super) struct Due {
    pub level: i16,
    pub number: i64,
    pub hashes: Vec<u8>,
    /// Whether all its hashes exist; then it is never written again.
    pub is_full: bool,
}

/// The tiles at the right edge of a growing tree.
#[derive(Default)]
pub(super) struct Tiles(Vec<(i64, Vec<[u8; 32]>)>);

impl Tiles {
    /// Adds the hash of an entry. Appends to `full` every tile that it fills.
    pub(super) fn push(&mut self, leaf: [u8; 32], full: &mut Vec<Due>) {
        let (mut hash, mut level) = (leaf, 0);
        loop {
            if self.0.len() == level {
                self.0.push((0, Vec::with_capacity(TILE_WIDTH)));
            }
            let Some((number, hashes)) = self.0.get_mut(level) else { return };
            hashes.push(hash);
            if hashes.len() < TILE_WIDTH {
                return;
            }
            let mut tree = Frontier::default();
            hashes.iter().for_each(|hash| tree.append(*hash));
            hash = tree.root();
            full.push(due(level, *number, hashes));
            hashes.clear();
            *number += 1;
            level += 1;
        }
    }

    /// Returns the tiles that are not full.
    pub(super) fn edge(&self) -> Vec<Due> {
        let levels = self.0.iter().enumerate().filter(|(_, (_, hashes))| !hashes.is_empty());
        levels.map(|(level, (number, hashes))| due(level, *number, hashes)).collect()
    }
}

fn due(level: usize, number: i64, hashes: &[[u8; 32]]) -> Due {
    let is_full = hashes.len() == TILE_WIDTH;
    Due { level: i16::try_from(level).unwrap_or(i16::MAX), number, hashes: hashes.concat(), is_full }
}
