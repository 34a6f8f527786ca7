//! Verifies the log itself. Every payload that was not erased gives its commitment, and every envelope gives its leaf. The leaves give the
//! root of the head, of every checkpoint and of the stored tiles. The signature of the newest checkpoint is by a key that the log names.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use vasp_log::{Frontier, checkpoint_text, leaf_hash, note_key_id, to_base64};
use vasp_record::signing_key::SigningPurpose;
use vasp_store::{CheckpointRow, LoggedChange};
use vasp_words::time::UtcTime;

use super::claim_ends::Before;
use super::tiles::{Due, Tiles};
use super::{Place, Verification};
use crate::node::ServiceError;

/// Number of entries read at once.
const PAGE: i64 = 1_000;

/// The state after reading some entries of the log.
#[derive(Default)]
struct Walked {
    frontier: Frontier,
    tiles: Tiles,
    last: i64,
    last_at: Option<UtcTime>,
    full: Vec<Due>,
}

impl Verification<'_> {
    pub(super) fn log(&mut self) -> Result<(), ServiceError> {
        let (mut walked, head) = (Walked::default(), self.head.clone());
        let mut before = Before::default();
        while walked.last < head.sequence {
            let after = walked.last;
            let mut page = self.read(|conn| conn.logged_changes(after, PAGE))?;
            page.retain(|row| row.change.envelope.sequence <= head.sequence);
            let Some(until) = page.last().map(|row| row.change.envelope.sequence) else { break };
            let checkpoints = self.read(|conn| conn.checkpoints_between(after, until))?;
            self.entries(&mut walked, &page, &checkpoints)?;
            self.tables(&page, after, until)?;
            self.claim_ends(&page, after, until, &mut before)?;
            if !self.goes_on(Place::Log) {
                return Ok(());
            }
        }
        self.report.entries = walked.last;
        self.report.root = to_base64(&walked.frontier.root());
        self.end_of_log(&walked)
    }

    fn entries(&mut self, walked: &mut Walked, page: &[LoggedChange], checkpoints: &[CheckpointRow]) -> Result<(), ServiceError> {
        let mut signed = checkpoints.iter().peekable();
        for LoggedChange { change, .. } in page {
            let envelope = change.envelope.envelope();
            let sequence = envelope.sequence;
            if sequence != walked.last + 1 {
                self.altered("changes", walked.last + 1, "the entry is missing");
            }
            if walked.last_at.is_some_and(|last| envelope.recorded_at <= last) {
                self.altered("changes", sequence, "its recorded_at is not after the recorded_at of the previous entry");
            }
            match (&change.salt, &change.payload) {
                (Some(salt), Some(payload)) => {
                    if digest(&SHA256, &[salt.as_slice(), payload.as_bytes()].concat()).as_ref() != envelope.payload_commitment {
                        self.altered("change_payloads", sequence, "the payload does not match its payload_commitment");
                    }
                }
                _ => self.report.erased += 1,
            }
            match envelope.bytes() {
                Ok(bytes) => {
                    let leaf = leaf_hash(&bytes);
                    walked.frontier.append(leaf);
                    walked.tiles.push(leaf, &mut walked.full);
                }
                Err(_) => self.altered("changes", sequence, "it has no canonical form"),
            }
            (walked.last, walked.last_at) = (sequence, Some(envelope.recorded_at));
            if let Some(checkpoint) = signed.next_if(|checkpoint| checkpoint.size == sequence) {
                self.checkpoint(checkpoint, &walked.frontier.root());
            }
        }
        for due in std::mem::take(&mut walked.full) {
            self.tile(&due)?;
        }
        Ok(())
    }

    fn checkpoint(&mut self, row: &CheckpointRow, root: &[u8; 32]) {
        if row.root != root {
            self.altered("checkpoints", row.size, "its root is not the root of the entries that it covers");
        }
        let said = format!("\n{}\n{}\n", row.size, to_base64(root));
        if !row.note.contains(&said) {
            self.altered("checkpoints", row.size, "its note does not have the size and root of the entries");
        }
    }

    fn tile(&mut self, due: &Due) -> Result<(), ServiceError> {
        let stored = self.read(|conn| conn.log_tile(due.level, due.number))?;
        let row = format!("level {} number {}", due.level, due.number);
        match stored {
            // Tiles at the right edge are written with the next signature.
            Some(stored) if due.hashes.starts_with(&stored) && (stored.len() == due.hashes.len() || !due.is_full) => {}
            // While the database is in use, other processes still extend the edge.
            Some(stored) if !due.is_full && stored.starts_with(&due.hashes) => {}
            Some(_) => self.altered("log_tiles", row, "its hashes are not the hashes of the entries"),
            None if due.is_full && self.is_signed_beyond(due)? => self.altered("log_tiles", row, "the tile is missing"),
            None => {}
        }
        Ok(())
    }

    /// Returns whether a checkpoint covers the whole tile.
    fn is_signed_beyond(&self, due: &Due) -> Result<bool, ServiceError> {
        let width = 256i64.saturating_pow(u32::try_from(due.level).unwrap_or(0).saturating_add(1));
        let end = width.saturating_mul(due.number.saturating_add(1));
        let newest = self.read(|conn| conn.newest_checkpoint())?;
        Ok(newest.is_some_and(|newest| newest.size >= end))
    }

    fn end_of_log(&mut self, walked: &Walked) -> Result<(), ServiceError> {
        let head = self.head.clone();
        if head.sequence != walked.last {
            self.altered("log_head", head.sequence, "its sequence is not the sequence of the last entry");
        } else if head.frontier != walked.frontier.to_bytes() {
            self.altered("log_head", head.sequence, "its frontier is not the frontier of the entries");
        } else if walked.last_at.map_or(0, UtcTime::micros) != head.recorded_at_micros {
            self.altered("log_head", head.sequence, "its recorded_at is not the recorded_at of the last entry");
        }
        for due in walked.tiles.edge() {
            self.tile(&due)?;
        }
        let (now, last) = self.read(|conn| Ok((conn.log_head()?.sequence, conn.last_logged()?)))?;
        if last != now {
            self.altered("changes", last, "the log has an entry after the last entry of its head");
        }
        let (newest, keys) = self.read(|conn| Ok((conn.newest_checkpoint()?, conn.signing_keys()?)))?;
        let Some(newest) = newest else { return Ok(()) };
        self.report.signed = Some(newest.size);
        if newest.size > now {
            self.altered("checkpoints", newest.size, "it covers more entries than the log has");
        }
        let keys = keys.iter().filter(|key| key.purpose == SigningPurpose::Checkpoint);
        if !keys.into_iter().any(|key| is_signed(&newest, &key.name, &key.public_key)) {
            self.altered("checkpoints", newest.size, "its note is not signed by a key of this registry");
        }
        if let Some(outside) = self.read(|conn| conn.claim_ended_outside_log())? {
            self.altered("claims", outside, "it ended at a sequence that the log does not have");
        }
        for broken in self.read(|conn| conn.broken_references())? {
            let (table, what) = broken.split_once(' ').unwrap_or(("a table", &broken));
            self.altered("references", table, what);
        }
        Ok(())
    }
}

/// Returns whether a key with this name signed a checkpoint.
///
/// Source: C2SP signed-note, "Format".
fn is_signed(row: &CheckpointRow, name: &str, public_key: &[u8]) -> bool {
    let (Ok(size), Some(root)) = (u64::try_from(row.size), row.root.first_chunk::<32>()) else { return false };
    let text = checkpoint_text(name, size, root);
    let Some(rest) = row.note.strip_prefix(&text) else { return false };
    let begun = format!("\n\u{2014} {name} ");
    let Some(signature) = rest.strip_prefix(&begun).and_then(|rest| rest.strip_suffix('\n')) else { return false };
    let Ok(signature) = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, signature) else { return false };
    let Some((id, signature)) = signature.split_first_chunk::<4>() else { return false };
    *id == note_key_id(name, public_key)
        && UnparsedPublicKey::new(&ED25519, public_key).verify(text.as_bytes(), signature).is_ok()
}
