//! Routes of records that a member or the registry keeps: what is sent, and what is shown.

pub(crate) mod draft;
pub(crate) mod licences;
pub(crate) mod messages;
pub(crate) mod view;

use super::Keeper;
use crate::acts::Identity;
use crate::http::paths::NamedVasp;
use crate::http::{App, Problem};
use vasp_record::role::OrganisationKind;

/// Returns whose record the caller means: its own, or as an operator one that the registry keeps.
async fn keeper(vasp: NamedVasp, app: &App, identity: &Identity) -> Result<Keeper, Problem> {
    match identity.kind {
        OrganisationKind::Operator => vasp.id(app, Some(identity)).map(Keeper::Registry),
        OrganisationKind::Member | OrganisationKind::Gateway => vasp.own(app, identity).await.map(|()| Keeper::Member),
    }
}
