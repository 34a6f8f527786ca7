//! `/v1/member/domains`: the domains of a member's own VASP. For members.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::MemberDomainView;
use crate::acts::Reply;
use crate::domains::{MemberDomain, NewDomain, challenge_domain, list_domains, read_domain, verify_domain, withdraw_domain};
use crate::http::blocking::blocking;
use crate::http::permission::{MemberEdit, MemberRead};
use crate::http::write::{Answer, Bare, Sent, act, act_at_length, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::node::{ServiceError, invalid};
use vasp_routing::{delete, get, post};
use vasp_words::host::Host;

/// A domain to prove.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMemberDomain)]
pub(crate) struct NewMemberDomainBody {
    /// The domain or host, in Unicode or A-labels. It must be below a public suffix. IP addresses and hosts that many VASPs share are
    /// refused.
    #[schema(example = "travelrule.example.com")]
    domain: String,
    /// Whether hosts below it belong to the VASP too. Ask for this only if nobody else can get a name there.
    #[serde(default)]
    covers_subdomains: bool,
}

/// One of the member's domains.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct MemberDomainPath {
    /// The domain.
    #[param(example = "travelrule.example.com")]
    domain: String,
}

/// The member's domains.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberDomainList)]
pub(crate) struct MemberDomainList {
    /// In order of name, without withdrawn domains.
    items: Vec<MemberDomainView>,
    /// Always null, because the answer has all domains: a VASP has at most 100.
    next_cursor: Option<String>,
}

impl MemberDomainPath {
    /// Reads the domain. A text that is no domain gets the same answer as an unknown domain.
    fn host(&self) -> Result<Host, Problem> {
        let missing = |_| Problem::from(ServiceError::NotFound("Your VASP has no such domain.".to_owned()));
        self.domain.parse().map_err(missing)
    }
}

impl TryFrom<NewMemberDomainBody> for NewDomain {
    type Error = Problem;
    fn try_from(body: NewMemberDomainBody) -> Result<Self, Problem> {
        let domain =
            body.domain.parse::<Host>().map_err(|error| Problem::from(invalid("/domain", error.code(), error.to_string())))?;
        Ok(Self { domain, covers_subdomains: body.covers_subdomains })
    }
}

fn answer(status: StatusCode) -> impl FnOnce(&MemberDomain) -> Reply + Send + 'static {
    move |domain| reply(status, Some(domain.version.to_string()), MemberDomainView::from(domain))
}

/// List the domains of your VASP.
#[utoipa::path(tag = "member", responses((status = 200, description = "The domains", body = MemberDomainList), Problems))]
#[get("/v1/member/domains")]
pub(crate) async fn list_member_domains(who: Caller<MemberRead>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, registry) = (who.known()?, app.registry.clone());
    let domains = blocking(move || list_domains(&registry, &identity)).await?;
    let list = MemberDomainList { items: domains.iter().map(MemberDomainView::from).collect(), next_cursor: None };
    Ok(Answer(reply(StatusCode::OK, None, list)))
}

/// Request a challenge that proves a domain.
///
/// Publish the record or the file that the answer names, then call `POST …/verify`. Leave it published, because the registry checks
/// it daily. The domain is lost a week after the record or file is gone. A new challenge replaces a pending or lost one of the same
/// domain.
#[utoipa::path(
    tag = "member",
    request_body = NewMemberDomainBody,
    responses((status = 201, description = "The challenge", body = MemberDomainView), Problems)
)]
#[post("/v1/member/domains")]
pub(crate) async fn create_member_domain(
    who: Caller<MemberEdit>,
    sent: Sent<NewMemberDomainBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, new) = (who.known()?, NewDomain::try_from(sent.body)?);
    act(&app, identity, sent.once, answer(StatusCode::CREATED), move |act| challenge_domain(act, new)).await
}

/// Get a domain of your VASP, with its challenge and what the last check saw.
#[utoipa::path(tag = "member", params(MemberDomainPath), responses((status = 200, description = "The domain", body = MemberDomainView), Problems))]
#[get("/v1/member/domains/{domain}")]
pub(crate) async fn get_member_domain(
    who: Caller<MemberRead>,
    path: Path<MemberDomainPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, registry, host) = (who.known()?, app.registry.clone(), path.host()?);
    let domain = blocking(move || read_domain(&registry, &identity, &host)).await?;
    Ok(Answer(answer(StatusCode::OK)(&domain)))
}

/// Check a domain now, by both methods.
///
/// This takes up to ten seconds. If neither method proves the domain, the answer is 409, and `errors` says what each method and each
/// DNS resolver saw. If another record has proven the domain, the answer is 409 `domain_taken`. Operators are then informed, and the
/// other proof is checked again.
#[utoipa::path(tag = "member", params(MemberDomainPath), responses((status = 200, description = "The domain is proven", body = MemberDomainView), Problems))]
#[post("/v1/member/domains/{domain}/verify")]
pub(crate) async fn verify_member_domain(
    who: Caller<MemberEdit>,
    path: Path<MemberDomainPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, host) = (who.known()?, path.host()?);
    act_at_length(&app, identity, sent.once, answer(StatusCode::OK), move |act| verify_domain(act, &host)).await
}

/// Withdraw a domain, at once and whatever its version.
#[utoipa::path(tag = "member", params(MemberDomainPath), responses((status = 200, description = "The domain as it was", body = MemberDomainView), Problems))]
#[delete("/v1/member/domains/{domain}")]
pub(crate) async fn delete_member_domain(
    who: Caller<MemberEdit>,
    path: Path<MemberDomainPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, host) = (who.known()?, path.host()?);
    act(&app, identity, sent.once, answer(StatusCode::OK), move |act| withdraw_domain(act, &host)).await
}
