//! The tree's hashes as tiles: the position of each hash, and the right edge, to which leaves are added. The content of a full tile never
//! changes.
//!
//! Source: C2SP tlog-tiles, "Merkle Tree" and "Partial Tiles".

use super::tree::{Hash, node_hash};

/// Number of hashes in a full tile.
pub const TILE_WIDTH: usize = 256;

/// Number of tree levels between two levels of tiles.
const TILE_HEIGHT: u32 = 8;

/// Number of tile levels that a log can have: sizes are below 2^63.
pub const LEVELS: u8 = 8;

/// The hashes from which a perfect subtree's hash is computed: `count` hashes of a tile, from `first` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TilePlace {
    /// Level of the tile.
    pub level: u8,
    /// Position of the tile within its level.
    pub number: u64,
    first: usize,
    count: usize,
}

impl TilePlace {
    /// Returns the place of the perfect subtree over the 2^`height` leaves from `index << height` on.
    #[must_use]
    pub fn of(height: u32, index: u64) -> Self {
        let inside = height % TILE_HEIGHT;
        let start = index << inside;
        let width = u64::try_from(TILE_WIDTH).unwrap_or(u64::MAX);
        Self {
            level: u8::try_from(height / TILE_HEIGHT).unwrap_or(u8::MAX),
            number: start / width,
            first: usize::try_from(start % width).unwrap_or(usize::MAX),
            count: 1 << inside,
        }
    }

    /// Returns the subtree's hash from the bytes of its tile; `None` if the tile is too short.
    #[must_use]
    pub fn hash_in(&self, tile: &[u8]) -> Option<[u8; 32]> {
        let (hashes, _) = tile.as_chunks::<32>();
        hashes.get(self.first..self.first.checked_add(self.count)?).and_then(perfect_root)
    }
}

/// Returns the root over 2^n hashes; `None` for no hashes.
fn perfect_root(hashes: &[Hash]) -> Option<Hash> {
    match hashes {
        [] => None,
        [hash] => Some(*hash),
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            Some(node_hash(&perfect_root(left)?, &perfect_root(right)?))
        }
    }
}

/// Returns how many hashes a tile has in a log of `size` entries; 0 if there is no such tile.
#[must_use]
pub fn tile_width(level: u8, number: u64, size: u64) -> usize {
    let hashes = size.checked_shr(u32::from(level).saturating_mul(TILE_HEIGHT)).unwrap_or(0);
    let width = u64::try_from(TILE_WIDTH).unwrap_or(u64::MAX);
    let before = number.saturating_mul(width);
    usize::try_from(hashes.saturating_sub(before).min(width)).unwrap_or(0)
}

/// A tile to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Level of the tile.
    pub level: u8,
    /// Position of the tile within its level.
    pub number: u64,
    /// Its hashes, 32 bytes each.
    pub hashes: Vec<u8>,
}

/// The stored tiles do not match the size of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the last tile of level {level} has {bytes} bytes, which is wrong for a log of {size} entries")]
pub struct TileError {
    /// Level of the tile.
    pub level: u8,
    /// Length of the tile, in bytes.
    pub bytes: usize,
    /// Number of entries whose hashes the log has.
    pub size: u64,
}

/// The right edge of a log's tiles: the last, unfinished tile of each level.
#[derive(Clone, Debug, Default)]
pub struct TileEdge {
    size: u64,
    levels: Vec<Vec<Hash>>,
    whole: Vec<Tile>,
}

impl TileEdge {
    /// Returns the number of the unfinished tile of a level, if a log of `size` entries has one.
    #[must_use]
    pub fn unfinished(level: u8, size: u64) -> Option<u64> {
        let hashes = size.checked_shr(u32::from(level).saturating_mul(TILE_HEIGHT))?;
        let width = u64::try_from(TILE_WIDTH).ok()?;
        (hashes % width > 0).then_some(hashes / width)
    }

    /// Starts at the edge of a log of `size` entries; `tile` returns the bytes of its unfinished tiles.
    ///
    /// # Errors
    /// The error of `tile`; a [`TileError`] if the tiles do not match the size.
    pub fn at<E: From<TileError>>(size: u64, mut tile: impl FnMut(u8, u64) -> Result<Vec<u8>, E>) -> Result<Self, E> {
        let mut levels = Vec::new();
        for level in 0..LEVELS {
            let bytes = match Self::unfinished(level, size) {
                Some(number) => tile(level, number)?,
                None => Vec::new(),
            };
            let (hashes, rest) = bytes.as_chunks::<32>();
            let expected = Self::unfinished(level, size).map_or(0, |number| tile_width(level, number, size));
            if !rest.is_empty() || hashes.len() != expected {
                return Err(TileError { level, bytes: bytes.len(), size }.into());
            }
            levels.push(hashes.to_vec());
        }
        Ok(Self { size, levels, whole: Vec::new() })
    }

    /// Returns the number of entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        self.size = self.size.saturating_add(1);
        let mut hash = leaf;
        for (level, hashes) in (0u8..).zip(&mut self.levels) {
            hashes.push(hash);
            if hashes.len() < TILE_WIDTH {
                return;
            }
            let tile = std::mem::take(hashes);
            // The full tile ends at the current end of the log.
            let number = (self.size >> (u32::from(level).saturating_add(1).saturating_mul(TILE_HEIGHT))).saturating_sub(1);
            self.whole.push(Tile { level, number, hashes: tile.concat() });
            hash = perfect_root(&tile).unwrap_or_default();
        }
    }

    /// Returns every tile that is new or longer than before.
    #[must_use]
    pub fn into_tiles(self) -> Vec<Tile> {
        let size = self.size;
        let edge = (0u8..).zip(self.levels).filter_map(|(level, hashes)| {
            let number = Self::unfinished(level, size)?;
            Some(Tile { level, number, hashes: hashes.concat() })
        });
        self.whole.into_iter().chain(edge).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf_hash;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Source: C2SP tlog-tiles, "Partial Tiles": the example of 70,000 entries, and of 256.
    #[test]
    fn a_tree_has_the_tiles_of_the_published_examples() {
        let widths =
            |level, size: u64| (0u64..).map(move |number| tile_width(level, number, size)).take_while(|width| *width > 0);

        assert_eq!(widths(0, 70_000).collect::<Vec<_>>(), [vec![256; 273], vec![112]].concat());
        assert_eq!(widths(1, 70_000).collect::<Vec<_>>(), [256, 17]);
        assert_eq!(widths(2, 70_000).collect::<Vec<_>>(), [1]);
        assert_eq!(widths(3, 70_000).count(), 0);
        assert_eq!((widths(0, 256).collect::<Vec<_>>(), widths(1, 256).collect::<Vec<_>>()), (vec![256], vec![1]));
    }

    fn leaf(index: u64) -> Hash {
        leaf_hash(&index.to_be_bytes())
    }

    #[test]
    fn tiles_grow_the_same_in_any_steps_and_hold_what_the_standard_says() {
        let sizes = [0u64, 1, 255, 256, 257, 65_535, 65_536, 65_793, 70_000];
        let (mut tiles, mut at) = (BTreeMap::<(u8, u64), Vec<u8>>::new(), 0);
        for size in sizes {
            let mut edge = TileEdge::at::<TileError>(at, |level, number| Ok(tiles[&(level, number)].clone())).unwrap();
            (at..size).for_each(|index| edge.push(leaf(index)));
            assert_eq!(edge.size(), size);
            tiles.extend(edge.into_tiles().into_iter().map(|tile| ((tile.level, tile.number), tile.hashes)));
            at = size;

            for ((level, number), hashes) in &tiles {
                assert_eq!(hashes.len(), 32 * tile_width(*level, *number, size), "level {level} number {number} of {size}");
            }
        }
        assert_eq!(tiles.len(), 274 + 2 + 1);
        // The 17th hash of the second tile of level 1 covers the leaves from (256 + 16) * 256 on.
        let first = (256 + 16) * 256;
        let leaves: Vec<Hash> = (first..first + 256).map(leaf).collect();
        assert_eq!(tiles[&(1, 1)][16 * 32..], perfect_root(&leaves).unwrap());
        assert_eq!(tiles[&(0, 273)][..32], leaf(273 * 256));
    }

    #[test]
    fn an_edge_that_does_not_fit_is_refused() {
        let short = TileEdge::at::<TileError>(3, |_, _| Ok(vec![0; 64])).unwrap_err();

        assert_eq!(short, TileError { level: 0, bytes: 64, size: 3 });
    }

    proptest! {
        #[test]
        fn every_perfect_subtree_is_found_in_its_tile(height in 0u32..17, index in 0u64..4) {
            let size = (index + 1) << height;
            prop_assume!(size <= 131_072);
            let mut edge = TileEdge::at::<TileError>(0, |_, _| Ok(Vec::new())).unwrap();
            (0..size).for_each(|index| edge.push(leaf(index)));
            let place = TilePlace::of(height, index);
            let tiles = edge.into_tiles();
            let tile = tiles.iter().find(|tile| (tile.level, tile.number) == (place.level, place.number)).unwrap();

            let leaves: Vec<Hash> = (index << height..(index + 1) << height).map(leaf).collect();
            prop_assert_eq!(place.hash_in(&tile.hashes), perfect_root(&leaves));
        }
    }
}
