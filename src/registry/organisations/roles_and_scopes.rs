//! Which roles the users of an organisation may have, and which scopes their credentials may have.

use super::credentials::NewUser;
use crate::node::{ServiceError, invalid};
use vasp_record::role::{Scope, Scopes, UserKind};
use vasp_store::Organisation;

/// Refuses roles that users of the organisation, or programs, cannot have.
pub(crate) fn check_roles(organisation: &Organisation, user: &NewUser) -> Result<(), ServiceError> {
    let kind = organisation.kind;
    for role in &user.roles {
        if !role.exists_in(kind) {
            return Err(invalid(
                "/roles",
                "invalid_value",
                format!("users of an organisation of kind {kind} cannot have the role `{role}`"),
            ));
        }
        if user.kind == UserKind::Machine && !role.is_for_machines(kind) {
            return Err(invalid(
                "/roles",
                "invalid_value",
                format!("a machine user cannot have the role `{role}`, because only people may approve records"),
            ));
        }
    }
    Ok(())
}

/// Refuses scopes that keys of the organisation cannot have.
pub(crate) fn check_scopes(organisation: &Organisation, scopes: &[Scope]) -> Result<(), ServiceError> {
    let kind = organisation.kind;
    match scopes.iter().find(|scope| !scope.exists_in(kind)) {
        None => Ok(()),
        Some(scope) => {
            let known: Vec<&str> = Scope::ALL.iter().filter(|s| s.exists_in(kind)).map(|s| s.as_str()).collect();
            let detail = format!(
                "keys of an organisation of kind {kind} cannot have the scope `{scope}`; they can have {}",
                known.join(", ")
            );
            Err(invalid("/scopes", "invalid_value", detail))
        }
    }
}

/// Returns the scopes of a key; refuses an empty list.
pub(crate) fn some_scopes(scopes: &[Scope]) -> Result<Scopes, ServiceError> {
    Scopes::new(scopes).ok_or_else(|| {
        let known = Scope::ALL.map(Scope::as_str).join(", ");
        invalid("/scopes", "missing_member", format!("a key must have at least one scope of {known}"))
    })
}
