//! `/v1/organisations`: the customers of the registry.

use std::num::NonZeroU32;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use super::people::views::{OrganisationListView, OrganisationView};
use crate::acts::{Act, Reply};
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, id_in_path, page};
use crate::http::permission::{OperatorAdmin, Review};
use crate::http::write::{Answer, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::organisations;
use crate::organisations::{AddressBudget, BudgetDecision, NewOrganisation, Organisation, OrganisationChange};
use crate::proposals::http::{ProposalView, SubjectPath, proposed};
use crate::proposals::{Decided, propose};
use vasp_record::proposal::Reason;
use vasp_routing::{get, patch, post};
use vasp_words::ids::OrganisationId;

const MISSING: &str = "There is no such organisation.";

/// How many of its own unproven addresses a member may ask about in a day.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewAddressBudget)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAddressBudget {
    /// The number of different addresses a day (UTC); null for the registry's default, `--not-found-budget`.
    #[schema(value_type = Option<u32>, minimum = 1, example = 50000)]
    own_address_budget: Option<NonZeroU32>,
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

fn rendered(status: StatusCode) -> impl FnOnce(&Organisation) -> Reply + Send {
    move |made| reply(status, Some(made.version.to_string()), OrganisationView::from(made.clone()))
}

/// Create an organisation.
#[utoipa::path(tag = "operator", request_body = NewOrganisation, responses((status = 201, description = "The organisation.", body = OrganisationView), Problems))]
#[post("/v1/organisations")]
pub(crate) async fn create_organisation(
    who: Caller<OperatorAdmin>,
    sent: Sent<NewOrganisation>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let new = sent.body;
    act(&app, who.known()?, sent.once, rendered(StatusCode::CREATED), move |act| organisations::open_organisation(act, new)).await
}

/// List the organisations, oldest first.
#[utoipa::path(tag = "operator", params(ListQuery), responses((status = 200, description = "A page of organisations.", body = OrganisationListView), Problems))]
#[get("/v1/organisations")]
pub(crate) async fn list_organisations(
    _who: Caller<OperatorAdmin>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (after, limit) = query.0.part();
    let found = blocking(move || organisations::list_organisations(&app.registry, &after, limit)).await?;
    Ok(page::<_, OrganisationView>(found))
}

/// Get an organisation.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The organisation's id.")), responses((status = 200, description = "The organisation.", body = OrganisationView), Problems))]
#[get("/v1/organisations/{id}")]
pub(crate) async fn get_organisation(who: Caller<OperatorAdmin>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<OrganisationId>(&path, MISSING)?);
    let found = blocking(move || organisations::read_organisation(&app.registry, &identity, id)).await?;
    Ok(Answer(rendered(StatusCode::OK)(&found)))
}

/// Rename an organisation, close it, or open it again.
///
/// Closing takes effect at once. A closed organisation of the registry's own people cannot be opened again.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The organisation's id.")), request_body = OrganisationChange, responses((status = 200, description = "The organisation.", body = OrganisationView), Problems))]
#[patch("/v1/organisations/{id}")]
pub(crate) async fn update_organisation(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    version: Version,
    sent: Sent<OrganisationChange>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<OrganisationId>(&path, MISSING)?);
    let (change, is_current) = (sent.body, version.test());
    let write = move |act: Act<'_, Organisation>| organisations::change_organisation(act, id, change, is_current);
    act(&app, identity, sent.once, rendered(StatusCode::OK), write).await
}

/// Propose how many of its own unproven addresses a member may ask about in a day.
///
/// Counted are different addresses that the member's VASP claims without proof. Beyond the number, questions about such addresses are
/// answered with 429 until midnight UTC, and all other questions as before.
#[utoipa::path(tag = "operator", params(SubjectPath), request_body = NewAddressBudget, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/organisations/{id}/propose")]
pub(crate) async fn propose_address_budget(
    who: Caller<Review>,
    path: Path<SubjectPath>,
    sent: Sent<NewAddressBudget>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (id, NewAddressBudget { own_address_budget, reason }) = (id_in_path(&path.id, MISSING)?, sent.body);
    let content = AddressBudget(own_address_budget);
    let service = move |act: Act<'_, Decided>| propose(act, &BudgetDecision(id), |_| Ok(content), &reason);
    act(&app, who.known()?, sent.once, proposed, service).await
}
