//! Imports: which file is read how, and what follows from it in the registry. The parsers are the crate `vasp-ingest`.

pub(crate) mod screening_list;
pub use screening_list::import_screening_list;
pub(crate) mod documents;
pub(crate) mod file;
pub(crate) mod http;
pub(crate) mod lei;
pub(crate) mod links;
pub(crate) mod register;
pub(crate) mod seed;
pub(crate) mod sources;

pub use documents::{DocumentKind, import_document};
pub use file::{ImportFormat, ImportJob, import_file, import_file_by, import_together};
pub use lei::import_lei_records;
pub use links::import_group_links;
pub use register::{RegisterOptions, import_register};
pub use seed::{is_seeded, load_seed};
pub use sources::{SourceAge, list_sources};
