//! Resolve: which VASP owns an address, Travel Address, host, certificate or identifier.
//!
//! The steps of a question:
//!
//! - `http::resolution` reads the query.
//! - `Directory::pin` pins one generation of the directory; `node::pin_at` does, for a question about the past.
//! - `answer::read_question` turns the subject into a typed value, or reports what is wrong with it.
//! - `enumeration` refuses a caller who asked for too many unknown addresses.
//! - `Directory::claims_at` returns the claims on the account. Expired claims, and claims that this reader may not see, are dropped.
//! - `vasp_record::resolution` merges the remaining claims by party.
//! - `http::view` renders the answer; for a group, with the entities that it may be (`brand`).
//!
//! No step asks the database while the claim index is in memory. The worker answers such a question itself. If the question may need
//! the database (`may_ask_store`), another thread answers it.
//!
//! Pure codecs read Travel Addresses, LNURLs and URLs. `host_owner` looks for a delegated path, a platform host and a proven domain, in
//! this order. It also warns of look-alike names.

pub(crate) mod answer;
mod brand;
pub(crate) mod host_owner;
pub(crate) mod http;
pub(crate) mod networks;
pub(crate) mod parse_address;
pub(crate) mod published;

pub use answer::{Effort, ResolveAnswer, ResolveQuestion, may_ask_store, read_question, resolve};
pub(crate) use brand::brand_of;
pub use networks::{list_networks, read_network};
pub use parse_address::{ParsedAddress, WrittenAddress, parse_address};
pub use published::known_scheme;
