//! Documents that members submit: sealed files in a folder, and their rows.
//!
//! A file is read as a whole, up to its size limit. Its type is compared with its first bytes. Its content is sealed under the
//! organisation's data key and written to disk. Only then is its row written, and then the file gets its name. A crash in between leaves a
//! draft; the server completes or removes it when it is older than an hour.

pub(crate) mod http;
pub(crate) mod keep;
pub mod of_record;

pub use keep::{
    NewDocument, OpenedDocument, keep_document, list_documents, read_document, read_document_content, sweep_documents,
};
