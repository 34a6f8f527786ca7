//! Which policy judges a pre-check: the one that the request names, or else the one that the organisation put in force, or else the
//! registry's default. A request may only choose a stricter policy. Two people must put a looser policy in force; an API key alone may
//! not choose one.

use std::sync::Arc;

use crate::directory::{Documents, OwnPolicies};
use crate::node::{ServiceError, invalid};
use vasp_rules::policy::{Policy, PolicyReference};

/// Whose policies a request may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shelf {
    /// The asker's own policies.
    Own,
    /// The policies of an organisation that delegated pre-checks to the asker. The asker must not find its drafts by trying names.
    OfAnother,
}

/// Returns the policy that a request names, or the one in force. `pointer` builds the JSON Pointer for errors.
pub(super) fn choose(
    documents: &Documents,
    own: &OwnPolicies,
    shelf: Shelf,
    wanted: Option<&PolicyReference>,
    pointer: &dyn Fn(&str) -> String,
) -> Result<Arc<Policy>, ServiceError> {
    let shipped = &documents.policy.value;
    let in_force = own.active().unwrap_or(shipped);
    let Some(wanted) = wanted else { return Ok(Arc::clone(in_force)) };
    let is_shown = |found: &&Arc<Policy>| shelf == Shelf::Own || Arc::ptr_eq(found, in_force) || Arc::ptr_eq(found, shipped);
    let Some(found) = find(shipped, own, wanted).filter(is_shown) else {
        let detail = format!("this organisation has no policy {wanted}; the registry's default is {shipped}");
        return Err(invalid(pointer("policy"), "unknown_policy", detail));
    };
    if Arc::ptr_eq(found, in_force) {
        return Ok(Arc::clone(found));
    }
    if found.looser_than(in_force).is_empty() {
        return Ok(Arc::clone(found));
    }
    // The error does not say in which points it is looser. An asker by delegation may use the policy in force, but need not know its
    // content.
    let detail = format!("{found} is looser than {in_force}, which is in force; name a policy that is not looser, or none");
    Err(invalid(pointer("policy"), "looser_policy", detail))
}

/// Returns the policy with this name. The name of the registry's default is reserved for it.
pub(crate) fn find<'a>(shipped: &'a Arc<Policy>, own: &'a OwnPolicies, wanted: &PolicyReference) -> Option<&'a Arc<Policy>> {
    if wanted.name.as_str() == shipped.name() {
        return wanted.version.is_none_or(|version| version == shipped.version()).then_some(shipped);
    }
    own.get(wanted)
}
