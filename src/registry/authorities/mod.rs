//! The authorities that registers and licences name: their table, and how two people amend it. The registry's own certificate authority
//! is in `authority`.
//!
//! The table is a reference document (`directory::KnownAuthorities`), compiled in until it is amended. An amendment adds authorities or
//! replaces them, and removes none. Rows of registers that waited for an authority are then imported (`registers::settle_held_rows`).

mod amend;
mod change;
mod decide;
pub(crate) mod http;
mod read;

pub use amend::{create_amendment, import_authorities};
pub use change::{AuthorityChange, AuthorityNote};
pub use decide::{AuthoritiesDecision, settle_waiting_rows};
pub use read::{Amendment, AuthorityFilter, list_amendments, list_authorities, read_amendment};
