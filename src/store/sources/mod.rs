//! Where data comes from: what was imported, rows of registers that wait, new rulebooks, and amendments of the table of authorities.

mod authority_amendments;
mod held_rows;
mod imports;
mod rulebook_imports;
mod source_states;

pub use authority_amendments::AuthorityAmendmentRow;
pub use held_rows::{HeldFileRow, HeldRowRow, NamedAuthority};
pub use imports::{ImportFilter, ImportRow, ImportedRow, ImportedRowOutcome};
pub use rulebook_imports::RulebookImportRow;
pub use source_states::{SourceSnapshot, SourceState};
