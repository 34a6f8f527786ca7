//! Imports: how each file is read, and what it changes in the registry. The parsers are in the crate `vasp-ingest`.
//!
//! How a register's file is imported:
//! - `file` chooses the parser by the format. The parser returns a snapshot and a report of every refused row.
//! - `registers` matches entities, by LEI or else by authority and name, and computes timelines.
//! - `ledger` turns the difference into rows and into changes of the history.
//!
//! One transaction writes one change for each changed VASP and one for the snapshot. A running server sees it within a second
//! (`node::tail`).

pub(crate) mod screening_list;
pub use screening_list::import_screening_list;
pub(crate) mod documents;
pub(crate) mod file;
mod format;
pub(crate) mod http;
pub(crate) mod journal;
pub(crate) mod lei;
pub(crate) mod links;
mod list_changes;
pub(crate) mod seed;
mod shrink;
pub(crate) use shrink::OWN_RATES;
pub(crate) mod sources;
mod succession;
mod vasp_list;

pub use crate::imported::RegisterOptions;
pub use crate::imported::{ImportOutcome, ImportedBy};
pub use crate::registers::import_register;
pub use documents::{DocumentKind, Moment, import_document};
pub use file::{FetchedFrom, ImportJob, import_file, import_file_by, import_file_from, import_together, import_together_from};
pub use format::ImportFormat;
pub use journal::{list_import_rows, list_imports, read_import};
pub use lei::import_lei_records;
pub use links::import_group_links;
pub use seed::{SeedPolicy, is_seeded, load_seed, seed_names};
pub use sources::{HeldSourceKind, SourceAge, list_sources, stored_sources};
pub use vasp_list::import_vasp_list;
