//! Resolve: which VASP owns an address, Travel Address, host, certificate or identifier.

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
