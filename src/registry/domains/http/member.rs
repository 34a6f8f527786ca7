//! `/v1/vasps/{vasp}/domains`: the domains of a VASP. Everybody reads; a member proves its own.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::MemberDomainView;
use crate::acts::{Identity, Reply};
use crate::domains;
use crate::domains::{MemberDomain, NewDomain, challenge_domain, withdraw_domain};
use crate::http::blocking::blocking;
use crate::http::caller::check;
use crate::http::paths::{NamedVasp, VaspPath};
use crate::http::permission::{MemberEdit, MemberRead, OfVasp};
use crate::http::write::{Answer, Bare, Sent, act, act_at_length, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::node::{ServiceError, find_vasp, invalid};
use vasp_routing::{delete, get, post};
use vasp_words::host::Host;

/// A domain to prove.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDomain)]
pub(crate) struct NewDomainBody {
    /// The domain or host, in Unicode or A-labels. It must be below a public suffix. IP addresses and hosts that many VASPs share are
    /// refused.
    #[schema(example = "travelrule.example.com")]
    domain: String,
    /// Whether hosts below it belong to the VASP too. Ask for this only if nobody else can get a name there.
    #[serde(default)]
    covers_subdomains: bool,
}

/// One domain of a VASP.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct DomainPath {
    /// The id of a record, an LEI that only one live record has, or `mine`.
    #[param(value_type = String, example = "529900HNOAA1KXQJUQ27")]
    vasp: NamedVasp,
    /// The domain.
    #[param(example = "travelrule.example.com")]
    domain: String,
}

/// The domains of a VASP.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DomainList)]
pub(crate) struct DomainListView {
    /// In order of name, without withdrawn domains.
    items: Vec<MemberDomainView>,
    /// Always null, because the answer has all domains: a VASP has at most 100.
    next_cursor: Option<String>,
}

impl DomainPath {
    /// Reads the domain. A text that is no domain gets the same answer as an unknown domain.
    fn host(&self) -> Result<Host, Problem> {
        self.domain.parse().map_err(|_| missing())
    }
}

fn missing() -> Problem {
    ServiceError::NotFound("The VASP has no such domain.".to_owned()).into()
}

impl TryFrom<NewDomainBody> for NewDomain {
    type Error = Problem;
    fn try_from(body: NewDomainBody) -> Result<Self, Problem> {
        let domain =
            body.domain.parse::<Host>().map_err(|error| Problem::from(invalid("/domain", error.code(), error.to_string())))?;
        Ok(Self { domain, covers_subdomains: body.covers_subdomains })
    }
}

fn answer(status: StatusCode) -> impl FnOnce(&MemberDomain) -> Reply + Send + 'static {
    move |domain| reply(status, Some(domain.version.to_string()), MemberDomainView::from(domain))
}

/// List the domains of a VASP.
///
/// Only the VASP itself sees challenges, domains that it has not proven yet, and what checks saw.
#[utoipa::path(tag = "vasps", params(VaspPath), responses((status = 200, description = "The domains", body = DomainListView), Problems))]
#[get("/v1/vasps/{vasp}/domains")]
pub(crate) async fn list_domains(who: Caller<OfVasp>, path: Path<VaspPath>, app: Data<App>) -> Result<Answer, Problem> {
    let own = own_reader(&who, path.vasp, &app).await?;
    let items = domains_of(&who, path.vasp, own, &app).await?;
    Ok(Answer(reply(StatusCode::OK, None, DomainListView { items, next_cursor: None })))
}

/// Returns the domains of a VASP in order of name, as far as the caller may see them. A VASP sees its own with their challenges.
async fn domains_of(
    who: &Caller<OfVasp>,
    vasp: NamedVasp,
    own: Option<Identity>,
    app: &App,
) -> Result<Vec<MemberDomainView>, Problem> {
    let generation = app.registry.pin(app.clock.now());
    let record = match &own {
        Some(own) => own.vasp.and_then(|id| generation.records().get(id).cloned()),
        None => Some(find_vasp(generation.records(), vasp.name(who.identity.as_ref())?)?),
    };
    let mut found = match own {
        Some(own) => {
            let registry = app.registry.clone();
            let rows = blocking(move || domains::list_domains(&registry, &own)).await?;
            rows.iter().map(MemberDomainView::from).collect()
        }
        None => Vec::new(),
    };
    let shown = record.iter().flat_map(|record| &record.domains);
    let others: Vec<_> =
        shown.filter(|shown| !found.iter().any(|known| known.is(&shown.domain))).map(MemberDomainView::from).collect();
    found.extend(others);
    found.sort_by(MemberDomainView::by_name);
    Ok(found)
}

/// Returns the caller if it reads its own VASP, verified or not.
async fn own_reader(who: &Caller<OfVasp>, vasp: NamedVasp, app: &App) -> Result<Option<Identity>, Problem> {
    let Some(identity) = who.identity.as_ref().filter(|identity| check::<MemberRead>(identity).is_ok()) else { return Ok(None) };
    Ok(vasp.is_own(app, identity).await?.then(|| identity.clone()))
}

/// Request a challenge that proves a domain.
///
/// Publish the record or the file that the answer names, then call `POST …/verify`. Leave it published, because the registry checks
/// it daily. The domain is lost a week after the record or file is gone. A new challenge replaces a pending or lost one of the same
/// domain.
#[utoipa::path(
    tag = "vasps",
    params(VaspPath),
    request_body = NewDomainBody,
    responses((status = 201, description = "The challenge", body = MemberDomainView), Problems)
)]
#[post("/v1/vasps/{vasp}/domains")]
pub(crate) async fn create_domain(
    who: Caller<MemberEdit>,
    path: Path<VaspPath>,
    sent: Sent<NewDomainBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, new) = (who.known()?, NewDomain::try_from(sent.body)?);
    path.vasp.own(&app, &identity).await?;
    act(&app, identity, sent.once, answer(StatusCode::CREATED), move |act| challenge_domain(act, new)).await
}

/// Get a domain of a VASP; your own with its challenge and what the last check saw.
#[utoipa::path(tag = "vasps", params(DomainPath), responses((status = 200, description = "The domain", body = MemberDomainView), Problems))]
#[get("/v1/vasps/{vasp}/domains/{domain}")]
pub(crate) async fn get_domain(who: Caller<OfVasp>, path: Path<DomainPath>, app: Data<App>) -> Result<Answer, Problem> {
    let host = path.host()?;
    let own = own_reader(&who, path.vasp, &app).await?;
    if let Some(own) = own.clone() {
        let (registry, host) = (app.registry.clone(), host.clone());
        if let Some(row) = blocking(move || domains::find_domain(&registry, &own, &host)).await? {
            return Ok(Answer(answer(StatusCode::OK)(&row)));
        }
    }
    let shown = domains_of(&who, path.vasp, own, &app).await?.into_iter().find(|domain| domain.is(host.as_str()));
    Ok(Answer(reply(StatusCode::OK, None, shown.ok_or_else(missing)?)))
}

/// Check a domain now, by both methods.
///
/// This takes up to ten seconds. If neither method proves the domain, the answer is 409, and `errors` says what each method and each
/// DNS resolver saw. If another record has proven the domain, the answer is 409 `domain_taken`. Operators are then informed, and the
/// other proof is checked again.
#[utoipa::path(tag = "vasps", params(DomainPath), responses((status = 200, description = "The domain is proven", body = MemberDomainView), Problems))]
#[post("/v1/vasps/{vasp}/domains/{domain}/verify")]
pub(crate) async fn verify_domain(
    who: Caller<MemberEdit>,
    path: Path<DomainPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, host) = (who.known()?, path.host()?);
    path.vasp.own(&app, &identity).await?;
    act_at_length(&app, identity, sent.once, answer(StatusCode::OK), move |act| domains::verify_domain(act, &host)).await
}

/// Withdraw a domain, at once and whatever its version.
#[utoipa::path(tag = "vasps", params(DomainPath), responses((status = 200, description = "The domain as it was", body = MemberDomainView), Problems))]
#[delete("/v1/vasps/{vasp}/domains/{domain}")]
pub(crate) async fn delete_domain(
    who: Caller<MemberEdit>,
    path: Path<DomainPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, host) = (who.known()?, path.host()?);
    path.vasp.own(&app, &identity).await?;
    act(&app, identity, sent.once, answer(StatusCode::OK), move |act| withdraw_domain(act, &host)).await
}
