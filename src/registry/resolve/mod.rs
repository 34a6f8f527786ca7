//! Resolve: which VASP owns an address, Travel Address, host, certificate or identifier.
//!
//! How a question goes: `http::resolution` reads the query; `answer::read_question` turns the subject into a typed value or says what is
//! wrong with it; `node::pin_at` pins one generation of the directory; `Directory::claims_at` returns the claims on the account; claims
//! that this reader may not see, and expired ones, are dropped; `vasp_record::resolution` merges the rest by party; `http::view` renders.
//! No step asks the database while the index of claims is in memory. Such a question is answered on the worker itself; one that may have to
//! ask (`may_ask_store`) leaves it.
//!
//! Travel Addresses, LNURLs and URLs are read by pure codecs. `host_owner` looks for a delegated path, a platform host and a proven domain,
//! in this order, and warns of look-alikes.

pub(crate) mod answer;
pub(crate) mod host_owner;
pub(crate) mod http;
pub(crate) mod networks;
pub(crate) mod parse_address;
pub(crate) mod published;

pub use answer::{Effort, ResolveAnswer, ResolveQuestion, may_ask_store, read_question, resolve};
pub use networks::{list_networks, read_network};
pub use parse_address::{WrittenAddress, parse_address};
pub use published::known_scheme;
