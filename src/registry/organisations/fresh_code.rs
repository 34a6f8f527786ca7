//! A fresh code of the caller's authenticator app, sent with a request. So nobody who finds an open session can create an operator's key.
//! It is checked before the transaction of the request, because a wrong code counts as a sign-in attempt.
//!
//! Source: NIST SP 800-63B-4 section 2.2.3: reauthentication.

use crate::acts::{Act, CallerNetwork, Reply};
use crate::node::ServiceError;
use crate::proposals::require_session;
use crate::sign_in::{SecondFactor, Stepped};
use vasp_record::role::OrganisationKind;

/// The code with which the caller authenticates again, and the caller's network address.
#[derive(Debug)]
pub struct FreshCode {
    /// The code; `None` if the request has none.
    pub second: Option<SecondFactor>,
    /// The network address; `None` if it is unknown.
    pub from: Option<CallerNetwork>,
}

/// Uses up the caller's code, if the request creates a credential of an operator's user. Returns the stored answer of a repeated request.
///
/// # Errors
/// `ServiceError::SessionNeeded` without a session; `IllegalStep` without an app; `Invalid` (`wrong_code`); `BackOff`, `Store`.
pub(super) fn use_up<T>(act: &mut Act<'_, T>, kind: OrganisationKind, code: &FreshCode) -> Result<Option<Reply>, ServiceError> {
    if kind != OrganisationKind::Operator {
        return Ok(None);
    }
    require_session(act.identity)?;
    let kept = act.kept()?;
    if kept.is_none() {
        let mut step =
            Stepped { registry: act.registry, identity: act.identity, from: code.from, now: act.now, rng: &mut *act.rng };
        step.step("session.fresh_code", code.second.as_ref(), true, |_, _| Ok(()))?;
    }
    Ok(kept)
}
