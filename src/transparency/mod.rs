//! The change log's proofs: envelopes, salted commitments, the Merkle tree, and the roots of claim batches. Knows no
//! tables and no HTTP; the store is given a [`Sealer`] when it is opened.

mod audit_chain;
mod audit_file;
mod batch;
mod envelope;
mod tree;

pub use audit_chain::{AuditLine, audit_hash};
pub use audit_file::{AuditFault, AuditFile, AuditSummary, ExportedEnd, ExportedEvent, ExportedHead, Extent};
pub use batch::{BatchSeed, BatchTree, RowCommitment};
pub use envelope::{Sealer, envelope_bytes};
pub use tree::{Frontier, FrontierError, leaf_hash};
