//! Recomputes the whole log from what is stored: every payload gives its commitment, every envelope its leaf, the leaves the tree
//! that the head and the newest checkpoint name. For a database that was copied or put back; asks nobody and writes nothing.

use aws_lc_rs::digest::{SHA256, digest};

use super::unfit;
use crate::service::ServiceError;
use vasp_log::{Frontier, leaf_hash, to_base64};
use vasp_store::{ChangeRow, Conn, Store};
use vasp_words::time::UtcTime;

/// Entries read at once.
const PAGE: i64 = 1_000;

/// A log that is what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedLog {
    /// How many entries it has.
    pub entries: i64,
    /// How many payloads were erased.
    pub erased: u64,
    /// The root over all entries, base64.
    pub root: String,
    /// How many entries the newest checkpoint covers.
    pub signed: Option<i64>,
}

/// Recomputes the log.
///
/// # Errors
/// `Store`; where the log contradicts itself, with the sequence that does not fit.
pub fn verify_log(store: &Store) -> Result<VerifiedLog, ServiceError> {
    store.read(verify)
}

fn verify(conn: &mut Conn) -> Result<VerifiedLog, ServiceError> {
    let (head, signed) = (conn.log_head()?, conn.newest_checkpoint()?);
    let (mut frontier, mut last, mut last_at, mut erased) = (Frontier::default(), 0, UtcTime::EPOCH, 0);
    let check_signed = |frontier: &Frontier, size: i64| match &signed {
        Some(checkpoint) if checkpoint.size == size && checkpoint.root != frontier.root() => {
            Err(unfit("checkpoints", "root", size))
        }
        _ => Ok(()),
    };
    check_signed(&frontier, 0)?;
    loop {
        let entries = conn.log_entries(last, PAGE)?;
        if entries.is_empty() {
            break;
        }
        for ChangeRow { envelope, salt, payload } in entries {
            let envelope = envelope.envelope();
            let (sequence, recorded_at) = (envelope.sequence, envelope.recorded_at);
            let wrong = |column| unfit("changes", column, sequence);
            if sequence != last + 1 {
                return Err(wrong("sequence"));
            }
            if recorded_at <= last_at {
                return Err(wrong("recorded_at"));
            }
            match (salt, payload) {
                (Some(salt), Some(payload)) => {
                    if digest(&SHA256, &[salt.as_slice(), payload.as_bytes()].concat()).as_ref() != envelope.payload_commitment {
                        return Err(wrong("payload_commitment"));
                    }
                }
                _ => erased += 1,
            }
            (last, last_at) = (sequence, recorded_at);
            frontier.append(leaf_hash(&envelope.bytes().map_err(|_| wrong("recorded_at"))?));
            check_signed(&frontier, sequence)?;
        }
    }
    if head.sequence != last {
        return Err(unfit("log_head", "sequence", head.sequence));
    }
    if head.frontier != frontier.to_bytes() {
        return Err(unfit("log_head", "frontier", head.sequence));
    }
    match signed.as_ref().map(|checkpoint| checkpoint.size) {
        Some(size) if size > last => Err(unfit("checkpoints", "size", size)),
        signed => Ok(VerifiedLog { entries: last, erased, root: to_base64(&frontier.root()), signed }),
    }
}
