//! Which policy judges a pre-check: the one that the request names, else the one that the organisation put in force, else the
//! registry's default. A request can only tighten: what is looser than the policy in force is for two people to put in force, not
//! for a key to name.

use std::sync::Arc;

use crate::directory::{Documents, OwnPolicies};
use crate::node::{ServiceError, invalid};
use vasp_rules::policy::{Policy, PolicyReference};

/// Whose policies those are that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shelf {
    /// The asker's.
    Own,
    /// Of an organisation that let the asker ask for it: what it drafts is not shown by trying names.
    OfAnother,
}

/// Returns the policy of a request; `pointer` is where it names one.
pub(super) fn choose(
    documents: &Documents,
    (own, shelf): (&OwnPolicies, Shelf),
    wanted: Option<&PolicyReference>,
    pointer: &dyn Fn(&str) -> String,
) -> Result<Arc<Policy>, ServiceError> {
    let shipped = &documents.policy.value;
    let in_force = own.active().unwrap_or(shipped);
    let Some(wanted) = wanted else { return Ok(Arc::clone(in_force)) };
    let is_shown = |found: &&Arc<Policy>| shelf == Shelf::Own || Arc::ptr_eq(found, in_force) || Arc::ptr_eq(found, shipped);
    let Some(found) = find(shipped, own, wanted).filter(is_shown) else {
        let detail = format!("there is no policy {wanted} of this organisation; the registry's default is {shipped}");
        return Err(invalid(pointer("policy"), "unknown_policy", detail));
    };
    if Arc::ptr_eq(found, in_force) {
        return Ok(Arc::clone(found));
    }
    if found.looser_than(in_force).is_empty() {
        return Ok(Arc::clone(found));
    }
    // Not where: who asks by delegation may use the policy in force, and need not know what it says.
    let detail = format!("{found} is looser than {in_force}, which is in force; a request names one that is not, or none");
    Err(invalid(pointer("policy"), "looser_policy", detail))
}

/// Returns the policy of a name; that of the registry's default is reserved.
pub(crate) fn find<'a>(shipped: &'a Arc<Policy>, own: &'a OwnPolicies, wanted: &PolicyReference) -> Option<&'a Arc<Policy>> {
    if wanted.name.as_str() == shipped.name() {
        return wanted.version.is_none_or(|version| version == shipped.version()).then_some(shipped);
    }
    own.get(wanted)
}
