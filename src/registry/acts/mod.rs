//! Acts on behalf of a caller: who it is, whether the credential still holds, once under an idempotency key, in one transaction with
//! the line in the audit chain. What is refused leaves a line too.

pub(crate) mod key_uses;
pub use key_uses::{KeyUses, keep_key_uses};
pub(crate) mod activity;
pub use activity::{IDLE_SECS, keep_session_stamps};
mod act;
mod asker;
pub mod authenticate;
pub(crate) mod refusals;
pub(crate) mod sealed_traces;

pub use act::{Act, Deed, Flights, Once, Reply};
pub(crate) use act::{Flight, event, in_progress, key_reused};
pub use asker::Asker;
pub(crate) use authenticate::may_act;
pub use authenticate::{Identity, WrongConnection, authenticate, authenticate_certificate};
pub use refusals::{Refusal, note_refusal};
