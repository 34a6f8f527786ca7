//! Documents that members hand in: sealed files in a folder, and their rows.
//!
//! A file is read whole within its own limit, its type compared with its first bytes, its content sealed under the organisation's data key
//! and put on disk; only then is its row written. A crash in between leaves a file that no row needs; the server sweeps those that are
//! older than an hour.

pub(crate) mod http;
pub(crate) mod keep;
pub mod of_record;

pub use keep::{
    NewDocument, OpenedDocument, keep_document, list_documents, read_document, read_document_content, sweep_documents,
};
