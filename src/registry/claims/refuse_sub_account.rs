//! The owner of an address refuses a sub-account: it says that a memo does not belong to another VASP. Two people of the registry then
//! cannot confirm the sub-account in its place; they must decide the dispute in another way. To take the refusal back, the owner ends it or
//! names the sub-account.

use std::collections::BTreeSet;

use serde_json::json;

use super::end::note;
use super::shown_sub_account::ShownSubAccount;
use super::sub_accounts::{NewSubAccount, OwnAddress, Sides, deed, same, tell};
use crate::acts::{Act, Reply};
use crate::node::ServiceError;
use vasp_store::SubAccountRow;

/// Refuses a sub-account on an address of the caller's VASP. An earlier refusal of the same sub-account stays as it is.
///
/// # Errors
/// `ServiceError::IllegalStep` without a verified VASP, without an own claim on the address, or if the sub-account is in force;
/// `InvalidSubject`, `Invalid`; and those of [`Act::run`].
pub fn refuse_sub_account(act: Act<'_, ShownSubAccount>, new: &NewSubAccount) -> Result<Reply, ServiceError> {
    let (registry, owned) = (act.registry, OwnAddress::of(&act, new)?);
    act.run("sub_account.refuse", |transaction, identity| {
        let row = SubAccountRow { refused_at: Some(transaction.now()), ..owned.row(transaction, new.vasp) };
        // The lock order is the same everywhere: submission, cases, claims.
        transaction.lock_submission(row.owner)?;
        let disputes = Sides::read(transaction, &owned.claimant, &row)?.disputes(transaction)?;
        for case in disputes.iter().map(|dispute| dispute.case_id).collect::<BTreeSet<_>>() {
            transaction.lock_case(case)?;
        }
        owned.lock(transaction, identity)?;
        match same(transaction, &row)? {
            Some(refused) if refused.refused_at.is_some() => return deed(refused),
            Some(counts) if counts.confirmed_at.is_some() => {
                return Err(ServiceError::IllegalStep(format!("The sub-account {} is in force; end it instead.", counts.id)));
            }
            Some(named) => transaction.end_sub_account(named.id, transaction.now())?,
            None => {}
        }
        transaction.add_sub_account(&row)?;
        let body = json!({"sub_account": row.id, "owner": row.owner, "holder": row.holder});
        note(transaction, &disputes, "sub_account_refused", identity.user, &body)?;
        tell(transaction, registry, &row, row.holder, "refused")?;
        deed(row)
    })
}
