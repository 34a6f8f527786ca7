//! Use cases, one file each; a use case owns its transaction. Callers are `api`, `jobs` and `cli`; HTTP is unknown here.

mod error;
//mod import_claims;
mod import_documents;
mod import_links;
mod import_register;
mod import_report;

pub use error::ImportError;
//pub use import_claims::import_claims;
pub use import_documents::{DocumentKind, import_document};
pub use import_links::import_group_links;
pub use import_register::{RegisterOptions, import_register};
pub use import_report::ImportReport;
