//! TODO acts

pub(crate) mod key_uses;
pub use key_uses::{KeyUses, keep_key_uses};
pub(crate) mod activity;
pub use activity::{IDLE_SECS, keep_session_stamps};
pub(crate) mod act;
pub mod authenticate;
pub(crate) mod refusals;
pub(crate) mod sealed_traces;

pub use act::{Act, Deed, Flights, Once, Reply};
pub use authenticate::{Identity, WrongConnection, authenticate, authenticate_certificate};
pub use refusals::{Refusal, note_refusal};
