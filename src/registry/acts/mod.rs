//! Acts on behalf of a caller: who it is, whether the credential still holds, once under an idempotency key, in one transaction with
//! the line in the audit chain. What is refused leaves a line too.
//!
//! How a write goes: the handler's signature names the permission; `http::write` reads the body, `Idempotency-Key` and `If-Match`; the
//! capability runs its deed by [`Act`]. `Act` first looks again whether the credential, its roles and its scopes still hold, because a body
//! can take minutes to arrive. Then one transaction holds the deed, its line in the private audit chain, and the answer that a repetition
//! gets. The answer leaves once this node's directory has caught up with the write.
//!
//! Every writer locks rows in one order: the counter of VASPs, the submission, the case, everything else, the head of the audit chain, the
//! head of the log.

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
