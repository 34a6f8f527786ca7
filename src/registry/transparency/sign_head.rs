//! Signs the head of the log. First it extends the tiles up to the head from the stored envelopes. It does so in parts, so that a log of
//! any size continues where the last part ended. Then it compares: the root from the tiles must be the root of the log's head, and the last
//! signed tree must be its beginning. If anything does not fit, it signs nothing.

use super::keys::Keys;
use super::tiles::{Tiles, tile};
use super::unfit;
use crate::node::{Registry, ServiceError};
use vasp_log::{Frontier, TILE_WIDTH, TileEdge, TileError, checkpoint_text, leaf_hash, signed_note, to_base64};
use vasp_pki::receipt::ReceiptCheckpoint;
use vasp_record::signing_key::SigningPurpose;
use vasp_store::{CheckpointRow, Conn, EnvelopeRow, LogTileRow};

/// Maximum number of entries added to the tiles in one transaction.
const ENTRIES_AT_ONCE: u64 = 16_384;

/// The outcome of one transaction.
enum Step {
    /// The head is signed.
    Signed(CheckpointRow),
    /// There are more entries to add.
    More,
    /// Another key is in use now.
    OtherKey,
}

/// Signs the head and returns the checkpoint. `None` if another key is in use now.
pub(super) fn sign_head(registry: &Registry, keys: &Keys) -> Result<Option<ReceiptCheckpoint>, ServiceError> {
    loop {
        match registry.store().derive(|conn| step(conn, keys))? {
            Step::Signed(row) => {
                let root = to_base64(&row.root);
                return Ok(Some(ReceiptCheckpoint { size: row.size, root }));
            }
            Step::OtherKey => return Ok(None),
            Step::More => {}
        }
    }
}

fn step(conn: &mut Conn, keys: &Keys) -> Result<Step, ServiceError> {
    conn.lock_signing()?;
    let purpose = SigningPurpose::Checkpoint;
    let rows = conn.signing_keys()?;
    if !rows.iter().any(|row| row.purpose == purpose && row.ended_at.is_none() && row.id == keys.checkpoints.id()) {
        return Ok(Step::OtherKey);
    }
    let (head, newest) = (conn.log_head()?, conn.newest_checkpoint()?);
    let signed = match newest {
        Some(row) if row.size == head.sequence => return Ok(Step::Signed(row)),
        // The database was restored from before the last signature. Another log must not be signed under the same name.
        Some(row) if row.size > head.sequence => return Err(unfit("checkpoints", "size", row.size)),
        signed => signed,
    };
    let size = u64::try_from(head.sequence).map_err(|_| unfit("log_head", "sequence", head.sequence))?;
    if extend(conn, size)? < size {
        return Ok(Step::More);
    }
    let frontier = Frontier::from_bytes(size, &head.frontier).map_err(|_| unfit("log_head", "frontier", size))?;
    let mut tiles = Tiles::of(conn);
    let root = tiles.root(size)?;
    if root != frontier.root() {
        return Err(unfit("log_tiles", "hashes", size));
    }
    if let Some(signed) = signed {
        check_beginning(&mut tiles, &signed)?;
    }
    let text = checkpoint_text(&keys.origin, size, &root);
    let signature = keys.checkpoints.sign(text.as_bytes());
    let note = signed_note(&text, &keys.origin, keys.checkpoints.public_key(), &signature);
    let row = CheckpointRow { size: head.sequence, root: root.to_vec(), note };
    conn.add_checkpoint(&row)?;
    Ok(Step::Signed(row))
}

/// Checks that the last signed tree is the beginning of the tree in the tiles.
fn check_beginning(tiles: &mut Tiles<'_>, signed: &CheckpointRow) -> Result<(), ServiceError> {
    let size = u64::try_from(signed.size).map_err(|_| unfit("checkpoints", "size", signed.size))?;
    if signed.root == tiles.root(size)? { Ok(()) } else { Err(unfit("checkpoints", "root", signed.size)) }
}

/// Adds to the tiles what they lack of the first `size` entries, up to a limit. Returns how many entries they have then.
fn extend(conn: &mut Conn, size: u64) -> Result<u64, ServiceError> {
    let covered = covered(conn)?;
    if covered >= size {
        return if covered == size { Ok(size) } else { Err(unfit("log_tiles", "number", covered)) };
    }
    let untiled = |_: TileError| unfit("log_tiles", "hashes", covered);
    let mut failure = None;
    let edge = TileEdge::at::<TileError>(covered, |level, number| match tile(conn, level, number) {
        Ok(found) => Ok(found.unwrap_or_default()),
        Err(error) => {
            failure = Some(error);
            Ok(Vec::new())
        }
    });
    if let Some(error) = failure {
        return Err(error);
    }
    let mut edge = edge.map_err(untiled)?;
    let (after, limit) = (i64::try_from(covered), i64::try_from((size - covered).min(ENTRIES_AT_ONCE)));
    let (Ok(after), Ok(limit)) = (after, limit) else { return Err(unfit("log_tiles", "number", covered)) };
    for row in conn.envelopes(after, limit)? {
        let expected = edge.size().saturating_add(1);
        if u64::try_from(row.sequence) != Ok(expected) {
            return Err(unfit("changes", "sequence", expected));
        }
        edge.push(leaf_hash(&entry(&row)?));
    }
    let reached = edge.size();
    if reached == covered {
        return Err(unfit("changes", "sequence", size));
    }
    let row = |tile: vasp_log::Tile| {
        let number = i64::try_from(tile.number).map_err(|_| unfit("log_tiles", "number", tile.number))?;
        Ok(LogTileRow { level: i16::from(tile.level), number, hashes: tile.hashes })
    };
    let tiles: Vec<LogTileRow> = edge.into_tiles().into_iter().map(row).collect::<Result<_, ServiceError>>()?;
    conn.put_log_tiles(&tiles)?;
    Ok(reached)
}

/// Returns the number of entries in the tiles.
pub(super) fn covered(conn: &mut Conn) -> Result<u64, ServiceError> {
    let Some(last) = conn.last_log_tile(0)? else { return Ok(0) };
    let width = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let number = u64::try_from(last.number).map_err(|_| unfit("log_tiles", "number", last.number))?;
    Ok(number.saturating_mul(width(TILE_WIDTH)).saturating_add(width(last.hashes.len() / 32)))
}

/// Returns the bytes of an entry.
pub(super) fn entry(row: &EnvelopeRow) -> Result<Vec<u8>, ServiceError> {
    row.envelope().bytes().map_err(|_| unfit("changes", "recorded_at", row.sequence))
}
