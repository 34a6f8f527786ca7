//! Reads the public part of the log: the newest checkpoint, tiles, entries and proofs. It never returns more than the newest checkpoint
//! covers, and never a payload. The entry with sequence n is the leaf n - 1.

use rand_core::RngCore;

use super::sign_head::entry;
use super::tiles::{Tiles, tile};
use super::{prepare_signing, unfit};
use crate::node::{Registry, ServiceError, invalid_value};
use vasp_log::{TILE_WIDTH, TileKind, TilePath, consistency_proof, inclusion_proof, leaf_hash, tile_width, to_base64};
use vasp_store::{CheckpointRow, Conn};
use vasp_words::time::UtcTime;

/// A proof that an entry is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// Place in the log, from 1.
    pub sequence: i64,
    /// Number of entries in the tree.
    pub size: i64,
    /// The entry.
    pub envelope: serde_json::Value,
    /// Hash of the entry, base64.
    pub leaf_hash: String,
    /// The proof, base64, from the leaf up.
    pub hashes: Vec<String>,
    /// The root, base64.
    pub root_hash: String,
}

/// A proof that the log was only appended to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Number of entries in the older tree.
    pub from: i64,
    /// Number of entries in the newer tree.
    pub to: i64,
    /// The root of the older tree, base64.
    pub from_root_hash: String,
    /// The proof, base64.
    pub hashes: Vec<String>,
    /// The root of the newer tree, base64.
    pub to_root_hash: String,
}

/// A tile, or a bundle of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTile {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether the tile is full and so never changes.
    pub is_whole: bool,
}

/// Returns the newest checkpoint, which covers every acknowledged change.
pub fn read_checkpoint(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<CheckpointRow, ServiceError> {
    let head = registry.store().read(Conn::log_head).map_err(ServiceError::Store)?;
    prepare_signing(registry, head.sequence, now, rng)?;
    let newest = registry.store().read(Conn::newest_checkpoint).map_err(ServiceError::Store)?;
    newest.ok_or_else(|| ServiceError::NotFound("There is no signed checkpoint yet.".to_owned()))
}

/// Returns the number of entries that the newest checkpoint covers.
fn signed(conn: &mut Conn) -> Result<i64, ServiceError> {
    Ok(conn.newest_checkpoint()?.map_or(0, |row| row.size))
}

fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Returns a tile or a bundle of entries, in full or up to the width in the path.
///
/// # Errors
/// `ServiceError::NotFound` if the newest checkpoint does not cover it; `Store`.
pub fn read_log_tile(registry: &Registry, path: TilePath) -> Result<LogTile, ServiceError> {
    registry.store().read(|conn| {
        let size = signed(conn)?;
        let level = match path.kind {
            TileKind::Hashes(level) => level,
            TileKind::Entries => 0,
        };
        let missing =
            || ServiceError::NotFound(format!("The newest checkpoint covers {size} entries, so it has no tile {path}."));
        if tile_width(level, path.number, whole(size)) < path.width {
            return Err(missing());
        }
        let bytes = match path.kind {
            TileKind::Entries => bundle(conn, path)?,
            TileKind::Hashes(_) => {
                let mut hashes = tile(conn, level, path.number)?.ok_or_else(missing)?;
                hashes.truncate(path.width.saturating_mul(32));
                hashes
            }
        };
        Ok(LogTile { bytes, is_whole: path.width == TILE_WIDTH })
    })
}

/// Source: C2SP tlog-tiles, "Log entries": the length in two bytes, then the entry.
fn bundle(conn: &mut Conn, path: TilePath) -> Result<Vec<u8>, ServiceError> {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let after = i64::try_from(path.number).unwrap_or(i64::MAX).saturating_mul(count(TILE_WIDTH));
    let mut bytes = Vec::new();
    for row in conn.envelopes(after, count(path.width))? {
        let entry = entry(&row)?;
        let wrong = |_| unfit("changes", "kind", row.sequence);
        bytes.extend_from_slice(&u16::try_from(entry.len()).map_err(wrong)?.to_be_bytes());
        bytes.extend_from_slice(&entry);
    }
    Ok(bytes)
}

fn fault(pointer: &str, detail: String) -> ServiceError {
    invalid_value(pointer, detail)
}

/// Refuses an empty tree, and sizes that are not signed yet.
fn check_size(pointer: &str, asked: Option<i64>, signed: i64) -> Result<i64, ServiceError> {
    let size = asked.unwrap_or(signed);
    if size > signed {
        return Err(ServiceError::NotFound(format!("The newest checkpoint covers {signed} entries, not {size}.")));
    }
    if size < 1 { Err(fault(pointer, format!("the size of the tree must be 1 to {signed}, not {size}"))) } else { Ok(size) }
}

fn written(hashes: &[[u8; 32]]) -> Vec<String> {
    hashes.iter().map(|hash| to_base64(hash)).collect()
}

/// Proves that an entry is in the tree over the first `size` entries. `None` means the tree of the newest checkpoint.
///
/// # Errors
/// `ServiceError::NotFound` for a size beyond the newest checkpoint; `Invalid` for a sequence outside the tree; `Store`.
pub fn prove_inclusion(registry: &Registry, sequence: i64, size: Option<i64>) -> Result<InclusionProof, ServiceError> {
    registry.store().read(|conn| {
        let newest = signed(conn)?;
        let size = check_size("?size", size, newest)?;
        if !(1..=size).contains(&sequence) {
            return Err(fault(
                "?sequence",
                format!("in a tree of {size} entries, the sequence must be 1 to {size}, not {sequence}"),
            ));
        }
        let row = conn.envelopes(sequence - 1, 1)?.pop();
        let row = row.ok_or_else(|| ServiceError::NotFound(format!("There is no entry {sequence}.")))?;
        let leaf = leaf_hash(&entry(&row)?);
        let mut tiles = Tiles::of(conn);
        let hashes = inclusion_proof(whole(sequence - 1), whole(size), &mut |height, index| tiles.subtree(height, index))?;
        let root = tiles.root(whole(size))?;
        Ok(InclusionProof {
            sequence,
            size,
            envelope: row.envelope().members(),
            leaf_hash: to_base64(&leaf),
            hashes: written(&hashes),
            root_hash: to_base64(&root),
        })
    })
}

/// Proves that the tree over the first `to` entries begins with the tree over the first `from`. `None` means the tree of the newest
/// checkpoint.
///
/// # Errors
/// `ServiceError::NotFound` for sizes beyond the newest checkpoint; `Invalid` if `from` is not 1 to `to`; `Store`.
pub fn prove_consistency(registry: &Registry, from: i64, to: Option<i64>) -> Result<ConsistencyProof, ServiceError> {
    registry.store().read(|conn| {
        let newest = signed(conn)?;
        let to = check_size("?to", to, newest)?;
        let from = check_size("?from", Some(from), newest)?;
        if from > to {
            return Err(fault("?from", format!("`from` must be 1 to {to}, not {from}, because the log only grows")));
        }
        let mut tiles = Tiles::of(conn);
        let hashes = consistency_proof(whole(from), whole(to), &mut |height, index| tiles.subtree(height, index))?;
        let (before, after) = (tiles.root(whole(from))?, tiles.root(whole(to))?);
        Ok(ConsistencyProof {
            from,
            to,
            from_root_hash: to_base64(&before),
            hashes: written(&hashes),
            to_root_hash: to_base64(&after),
        })
    })
}
