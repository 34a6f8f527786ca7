//! `/v1/authorities/amendments`: authorities to add or to replace, which wait for the approval of two people.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::acts::{Act, Reply};
use crate::authorities::{
    Amendment, AuthoritiesDecision, AuthorityChange, AuthorityNote, create_amendment, list_amendments, read_amendment,
};
use crate::http::blocking::blocking;
use crate::http::listing::{after, id_in_path, page, pages};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::{OperatorRead, Review};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::proposals::http::{ProposalView, ReasonInput, SubjectPath, proposed};
use crate::proposals::{Decided, propose};
use vasp_record::authority::{AuthorityEntry, Registration};
use vasp_record::licence::Authority;
use vasp_record::proposal::ProposalState;
use vasp_routing::{get, post};
use vasp_words::country::Country;
use vasp_words::ids::AuthorityAmendmentId;
use vasp_words::time::UtcTime;

const MISSING: &str = "There is no such amendment of the table of authorities.";

/// A name of an authority in one language.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AuthorityNameInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameInput {
    /// ISO 639 code of the language.
    #[schema(example = "de")]
    language: String,
    name: String,
}

/// An authority to add to the table, or to replace in it as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AuthorityInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorityInput {
    /// The country, a hyphen, and letters or digits in upper case.
    #[schema(example = "MU-FSC")]
    id: String,
    name: String,
    #[serde(default)]
    names: Vec<NameInput>,
    country: Country,
    /// Id of its jurisdiction in the rulebook; leave it out if the rulebook has none.
    jurisdiction: Option<String>,
    /// Short name of the regime under which it decides.
    #[schema(example = "VAITOS Act")]
    regime: String,
    registration: Registration,
    /// Address of its register; leave it out if it publishes none.
    register_page: Option<String>,
    /// Other spellings of its name that registers use. A row that waits names one of these, or one of the names.
    #[serde(default)]
    spellings: Vec<String>,
    /// Where this comes from.
    source: String,
}

/// Authorities to add or to replace.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = AuthorityAmendmentInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmendmentInput {
    /// 1 to 1,000 authorities. One whose id is known replaces the known one; none is removed.
    authorities: Vec<AuthorityInput>,
}

/// An amendment of the table of authorities.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuthorityAmendment)]
pub(crate) struct AmendmentView {
    id: AuthorityAmendmentId,
    /// `pending`, `approved`, `declined` or `superseded`.
    state: ProposalState,
    /// The file that it came from; `operators` if a person sent it.
    source: String,
    /// SHA-256 of the amended table.
    sha256: String,
    /// Id of the user who made it; null if it came from the command line.
    made_by: Option<String>,
    made_at: UtcTime,
    /// The latest proposal about it; null if there is none.
    proposal: Option<ProposalView>,
    /// The changes, by authority and member.
    #[schema(value_type = Vec<AuthorityChangeView>)]
    changes: Vec<AuthorityChange>,
    /// What to look at before you approve, such as a jurisdiction that the rulebook does not have.
    #[schema(value_type = Vec<AuthorityNoteView>)]
    notes: Vec<AuthorityNote>,
}

/// One member of an authority that changes.
#[derive(ToSchema)]
#[schema(as = AuthorityChange)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct AuthorityChangeView {
    /// Id of the authority.
    authority: String,
    /// The member; null if the whole authority is added.
    member: Option<String>,
    /// The old value; null if there was none.
    #[schema(value_type = Value)]
    from: Value,
    /// The new value; null if there is none.
    #[schema(value_type = Value)]
    to: Value,
}

/// Something about an authority to look at.
#[derive(ToSchema)]
#[schema(as = AuthorityNote)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct AuthorityNoteView {
    /// Id of the authority.
    authority: String,
    detail: String,
}

pages! {
    /// A page of amendments.
    AmendmentListView as AuthorityAmendmentList of AmendmentView;
}

/// Selects amendments.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AmendmentQuery {
    /// Only those in this state; all if you leave it out.
    state: Option<ProposalState>,
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

fn rendered(amendment: &Amendment) -> Reply {
    reply(StatusCode::OK, None, AmendmentView::from(amendment.clone()))
}

fn created(amendment: &Amendment) -> Reply {
    reply(StatusCode::CREATED, None, AmendmentView::from(amendment.clone()))
}

/// Add or replace authorities, once two people have approved it.
///
/// Propose the amendment next. Rows of registers that wait for one of these authorities are imported when it is approved.
#[utoipa::path(tag = "operator", request_body = AmendmentInput, responses((status = 201, description = "The amendment.", body = AmendmentView), Problems))]
#[post("/v1/authorities/amendments")]
pub(crate) async fn create_authority_amendment(
    who: Caller<Review>,
    sent: Sent<AmendmentInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let rows: Vec<AuthorityEntry> = sent.body.authorities.into_iter().map(AuthorityEntry::from).collect();
    act(&app, who.known()?, sent.once, created, move |act| create_amendment(act, rows)).await
}

/// List amendments of the table of authorities, oldest first.
#[utoipa::path(tag = "operator", params(AmendmentQuery), responses((status = 200, description = "A page of amendments.", body = AmendmentListView), Problems))]
#[get("/v1/authorities/amendments")]
pub(crate) async fn list_authority_amendments(
    _who: Caller<OperatorRead>,
    query: Query<AmendmentQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let AmendmentQuery { state, limit, cursor } = query.0;
    let (after, limit) = (after(cursor), Limit::or_default(limit));
    let found = blocking(move || list_amendments(&app.registry, state, &after, limit)).await?;
    Ok(page::<_, AmendmentView>(found))
}

/// Get an amendment of the table of authorities.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "Id of the amendment.")), responses((status = 200, description = "The amendment.", body = AmendmentView), Problems))]
#[get("/v1/authorities/amendments/{id}")]
pub(crate) async fn get_authority_amendment(
    _who: Caller<OperatorRead>,
    path: Path<String>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let id = id_in_path::<AuthorityAmendmentId>(&path, MISSING)?;
    let amendment = blocking(move || read_amendment(&app.registry, id)).await?;
    Ok(Answer(rendered(&amendment)))
}

/// Propose to put an amendment in force.
///
/// Returns 412 if another amendment came into force since this one was made. The displayed changes would then no longer be the real ones.
#[utoipa::path(tag = "operator", params(SubjectPath), request_body = ReasonInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/authorities/amendments/{id}/propose")]
pub(crate) async fn propose_authority_amendment(
    who: Caller<Review>,
    path: Path<SubjectPath>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (id, reason) = (id_in_path(&path.id, MISSING)?, sent.body.reason);
    let service = move |act: Act<'_, Decided>| propose(act, &AuthoritiesDecision(id), AuthoritiesDecision::content, &reason);
    act(&app, who.known()?, sent.once, proposed, service).await
}

impl From<AuthorityInput> for AuthorityEntry {
    fn from(input: AuthorityInput) -> Self {
        let AuthorityInput { id, name, names, country, jurisdiction, regime, registration, register_page, spellings, source } =
            input;
        Self {
            authority: Authority { id, name, country }.into(),
            names: names.into_iter().map(|NameInput { language, name }| (language, name)).collect(),
            jurisdiction,
            regime,
            registration,
            register_page,
            spellings,
            source,
        }
    }
}

impl From<Amendment> for AmendmentView {
    fn from(of: Amendment) -> Self {
        Self {
            id: of.row.id,
            state: of.row.state,
            source: of.row.source,
            sha256: hex::encode(&of.row.digest),
            made_by: of.row.made_by.map(|id| id.to_string()),
            made_at: of.row.made_at,
            proposal: of.proposal.as_ref().map(ProposalView::from),
            changes: of.changes,
            notes: of.notes,
        }
    }
}
