//! The change log's cryptography: envelopes, salted commitments, the Merkle tree with its tiles, checkpoints and proofs, and the roots of
//! claim batches. It contains no database and no HTTP code; the store gets a [`Sealer`] when it is opened.

pub mod audit;
mod audit_chain;
mod audit_file;
mod batch;
pub mod change;
mod checkpoint;
mod envelope;
mod proof;
mod tile;
mod tile_path;
mod tree;

pub use audit_chain::{AuditLine, audit_hash};
pub use audit_file::{AuditFault, AuditFile, AuditSummary, ExportedEnd, ExportedEvent, ExportedHead, Extent};
pub use batch::{BatchSeed, BatchTree, RowCommitment};
pub use checkpoint::{Checkpoint, NotACheckpoint, checkpoint_text, note_key_id, signed_note, to_base64, verifier_key};
pub use envelope::{Envelope, Sealer};
pub use proof::{consistency_proof, inclusion_proof, root_of, verify_consistency, verify_inclusion};
pub use tile::{LEVELS, TILE_WIDTH, Tile, TileEdge, TileError, TilePlace, tile_width};
pub use tile_path::{TileKind, TilePath, TilePathError};
pub use tree::{Frontier, FrontierError, leaf_hash};
