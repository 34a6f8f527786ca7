//! A fresh code of the caller's app, sent with a request: an open session that somebody finds makes no key of an operator's. Asked
//! before the transaction of the request, as a wrong code counts as an attempt to sign in.
//!
//! Source: NIST SP 800-63B-4 section 2.2.3: reauthentication.

use std::net::IpAddr;

use crate::acts::{Act, Reply};
use crate::node::ServiceError;
use crate::proposals::require_session;
use crate::sign_in::{SecondFactor, Stepped};
use vasp_record::role::OrganisationKind;

/// What the caller proves itself with anew, and from where.
#[derive(Debug)]
pub struct FreshCode {
    /// The code.
    pub second: Option<SecondFactor>,
    /// The network address, if there is one.
    pub from: Option<IpAddr>,
}

/// Uses the caller's code up, where it makes a credential of a user of an operator. Returns the answer that a repeated request got.
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
