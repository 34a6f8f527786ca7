//! `/v1/delegations`: which other organisations may ask on behalf of the caller's organisation.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::people::views::{DelegationListView, DelegationView};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, id_in_path, page};
use crate::http::permission::OwnAdmin;
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::organisations;
use crate::organisations::{Delegation, NewDelegation};
use vasp_routing::{delete, get, post};
use vasp_words::ids::DelegationId;

fn rendered(status: StatusCode) -> impl FnOnce(&Delegation) -> Reply + Send {
    move |delegated| reply(status, None, DelegationView::from(delegated.clone()))
}

/// List the delegations that your organisation made, oldest first.
#[utoipa::path(tag = "member", params(ListQuery), responses((status = 200, description = "A page of delegations.", body = DelegationListView), Problems))]
#[get("/v1/delegations")]
pub(crate) async fn list_delegations(who: Caller<OwnAdmin>, query: Query<ListQuery>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || organisations::list_delegations(&app.registry, &identity, &after, limit)).await?;
    Ok(page::<_, DelegationView>(found))
}

/// Delegate pre-checks for your VASP to another organisation.
///
/// With the scope `precheck`, pre-checks of that organisation may name your VASP as `originator.vasp`. It takes effect at once.
#[utoipa::path(tag = "member", request_body = NewDelegation, responses((status = 201, description = "The delegation.", body = DelegationView), Problems))]
#[post("/v1/delegations")]
pub(crate) async fn create_delegation(
    who: Caller<OwnAdmin>,
    sent: Sent<NewDelegation>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let new = sent.body;
    act(&app, who.known()?, sent.once, rendered(StatusCode::CREATED), move |act| organisations::delegate(act, new)).await
}

/// Withdraw a delegation.
///
/// It ends at once on this node, and within a second on other nodes.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The delegation's id.")), responses((status = 200, description = "The delegation, with its end.", body = DelegationView), Problems))]
#[delete("/v1/delegations/{id}")]
pub(crate) async fn delete_delegation(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let id = id_in_path::<DelegationId>(&path, "There is no such delegation in force.")?;
    act(&app, identity, sent.once, rendered(StatusCode::OK), move |act| organisations::withdraw_delegation(act, id)).await
}
