//! Documents that members hand in: sealed files in a folder, and their rows.

pub(crate) mod http;
pub(crate) mod keep;
pub mod of_record;

pub use keep::{
    NewDocument, OpenedDocument, keep_document, list_documents, read_document, read_document_content, sweep_documents,
};
