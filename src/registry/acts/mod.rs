//! TODO acts

pub(crate) mod act;
pub mod authenticate;
pub(crate) mod refusals;
pub(crate) mod sealed_traces;

pub use act::{Act, Deed, Flights, Once, Reply};
pub use authenticate::{Identity, WrongConnection, authenticate, authenticate_certificate};
pub use refusals::{Refusal, note_refusal};
