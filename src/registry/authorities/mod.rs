//! The authorities that registers and licences name: their table, and how two people amend it. The registry's own certificate authority
//! is in `authority`.
//!
//! The table is a reference document (`directory::KnownAuthorities`), compiled in until it is amended. An amendment adds authorities or
//! replaces them, and removes none. Rows of registers that waited for an authority are then imported (`registers::settle_held_rows`).

pub(crate) mod http;
mod read;

pub use read::{AuthorityFilter, list_authorities};
