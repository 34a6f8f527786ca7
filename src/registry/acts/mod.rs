//! Writes on behalf of a caller: who the caller is, whether the credential still holds, and the idempotency key. One transaction contains
//! the write and its line in the audit chain. Refused writes leave a line too.
//!
//! How a write runs: the handler's signature names the permission. `http::write` reads the body, `Idempotency-Key` and `If-Match`. The
//! capability runs its deed with [`Act`]. `Act` first checks again whether the credential, its roles and its scopes still hold, because a
//! body can take minutes to arrive. Then one transaction contains the deed, its line in the private audit chain, and the answer for a
//! repeated request. The answer is sent when this node's directory has caught up with the write.
//!
//! Every writer locks rows in the same order: the counter of VASPs, the submission, the case, everything else, the head of the audit
//! chain, the head of the log.

pub(crate) mod key_uses;
pub use key_uses::{KeyUses, keep_key_uses};
pub(crate) mod activity;
pub use activity::{IDLE_SECS, keep_session_stamps};
mod act;
mod asker;
pub mod authenticate;
mod caller_network;
pub(crate) mod refusals;
pub(crate) mod sealed_traces;

pub use act::{Act, Deed, Flights, Once, Reply};
pub(crate) use act::{Flight, event, in_progress, key_reused};
pub use asker::Asker;
pub(crate) use authenticate::may_act;
pub use authenticate::{Identity, WrongConnection, authenticate, authenticate_certificate, authenticate_publishable};
pub use caller_network::CallerNetwork;
pub use refusals::{Refusal, note_refusal};
