//! `/v1/approval-rules`: rules by which two people approve many counterparties at once. They are for an organisation's compliance people;
//! nobody else can read them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use super::RuleDecision;
use super::end::end_rule;
use super::read::{ApprovalRuleView, list_rules, read_rule};
use crate::acts::{Act, Reply};
use crate::http::blocking::blocking;
use crate::http::listing::{id_in_path, page, pages};
use crate::http::permission::{RelationshipWork, Relationships};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::node::Page;
use crate::proposals::http::{ProposalView, ReasonInput, SubjectPath, proposed};
use crate::proposals::{Decided, propose};
use vasp_record::proposal::Reason;
use vasp_routing::{get, post};
use vasp_rules::approval_rule::{Approval, Criteria};
use vasp_rules::relationship::{Terms, TrackChange};
use vasp_words::ids::ApprovalRuleId;

const MISSING: &str = "There is no such approval rule.";

/// A rule, and what it decides about everybody whom it covers.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalRuleInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalRuleInput {
    /// Whom it covers.
    criteria: Criteria,
    /// The decision on the Travel Rule track: `approved` or `approved_with_conditions`.
    travel_rule: TrackChange,
    /// The terms that each firm gets. They state nothing about one firm: no `licence_seen`, `questionnaire_version`, `screened`.
    terms: Option<Terms>,
    /// The reason for the decision.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

pages! {
    /// A page of approval rules.
    ApprovalRuleListView as ApprovalRuleList of ApprovalRuleView;
}

fn shown(rule: &ApprovalRuleView) -> Reply {
    reply(StatusCode::OK, None, rule.clone())
}

/// List your approval rules, with whom each approves now.
#[utoipa::path(tag = "member", responses((status = 200, description = "All rules, in order of id.", body = ApprovalRuleListView), Problems))]
#[get("/v1/approval-rules")]
pub(crate) async fn list_approval_rules(who: Caller<Relationships>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, now) = (who.known()?, app.clock.now());
    let rules = blocking(move || list_rules(&app.registry, &identity, now)).await?;
    let all = rules.len();
    Ok(page::<_, ApprovalRuleView>(Page::of(rules.into_iter(), all, |one| one.id)))
}

/// Get an approval rule, with whom it approves now, who left it, and who newly meets it.
#[utoipa::path(tag = "member", params(SubjectPath), responses((status = 200, description = "The rule.", body = ApprovalRuleView), Problems))]
#[get("/v1/approval-rules/{id}")]
pub(crate) async fn get_approval_rule(
    who: Caller<Relationships>,
    path: Path<SubjectPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<ApprovalRuleId>(&path.id, MISSING)?);
    let now = app.clock.now();
    Ok(Answer(shown(&blocking(move || read_rule(&app.registry, &identity, id, now)).await?)))
}

/// Propose to approve everybody whom a rule covers.
///
/// The proposal lists whom it covers now, and the firms of that kind that it leaves out, with the reason. Another person approves exactly that
/// list, whatever your policy says of single control. Who meets the rule later becomes a proposal of the registry, which two people sign. Who
/// no longer meets it is not approved from that moment.
#[utoipa::path(tag = "member", request_body = ApprovalRuleInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/approval-rules/propose")]
pub(crate) async fn propose_approval_rule(
    who: Caller<RelationshipWork>,
    sent: Sent<ApprovalRuleInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let ApprovalRuleInput { criteria, travel_rule, terms, reason } = sent.body;
    let service = move |mut act: Act<'_, Decided>| {
        let id = ApprovalRuleId::new(act.now, act.rng);
        let decision = RuleDecision::of(&mut act, id)?;
        let approval = Approval { criteria, travel_rule, terms };
        propose(act, &decision, |held| decision.begun(held, approval, reason.as_str()), &reason)
    };
    act(&app, identity, sent.once, proposed, service).await
}

/// End an approval rule.
///
/// It takes effect at once, with one person: whomever the rule approved is approved no more.
#[utoipa::path(tag = "member", params(SubjectPath), request_body = ReasonInput, responses((status = 200, description = "The rule.", body = ApprovalRuleView), Problems))]
#[post("/v1/approval-rules/{id}/end")]
pub(crate) async fn end_approval_rule(
    who: Caller<RelationshipWork>,
    path: Path<SubjectPath>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<ApprovalRuleId>(&path.id, MISSING)?);
    let reason = sent.body.reason;
    act(&app, identity, sent.once, shown, move |act| end_rule(act, id, &reason)).await
}
