//! `/v1/proposals`: what two people decide, of every kind. `kinds` is the table of the kinds: who may read, make and decide one, and the
//! decision behind it. `proposals` has the mechanism; each capability makes its own proposals.

pub(crate) mod http;
mod kinds;
