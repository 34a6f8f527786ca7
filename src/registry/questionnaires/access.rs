//! Gives an organisation access to the member's answers until a day, and withdraws it. A withdrawal takes effect at once. An
//! organisation has at most one access: a new one replaces the old one.

use std::collections::BTreeSet;

use serde_json::json;

use super::{check_sections, own_vasp};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Page, Registry, ServiceError, invalid};
use crate::organisations::tell;
use vasp_record::answers_access::{AccessRequestState, OwnershipAccess, Sections};
use vasp_record::role::OrganisationKind;
use vasp_rules::questionnaire::access::ACCESS_DAYS_MAX;
use vasp_store::{AnswersAccess, Conn};
use vasp_words::ids::{AnswersAccessId, OrganisationId};
use vasp_words::time::UtcTime;

const DAY_SECS: i64 = 86_400;
const MISSING: &str = "There is no such access, or it is no longer in force.";

/// The access to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccess {
    /// The organisation that may read.
    pub organisation: OrganisationId,
    /// The sections that it may read. `None` means all.
    pub sections: Option<BTreeSet<String>>,
    /// Whether it may read the chain of owners.
    pub ownership: OwnershipAccess,
    /// When the access expires.
    pub expires_at: UtcTime,
}

/// Gives access. This also grants the organisation's open request.
///
/// # Errors
/// `ServiceError::Invalid` if the organisation, a section or the expiry is not allowed. `NotFound` if the caller's organisation has no
/// VASP to answer for. Also `Store`.
pub fn give_access(act: Act<'_, AnswersAccess>, new: &NewAccess) -> Result<Reply, ServiceError> {
    let vasp = own_vasp(act.identity)?;
    let generation = act.registry.pin(act.now);
    check_sections(&generation.documents().questionnaire.value, new.sections.as_ref())?;
    act.run("questionnaire.access.give", |transaction, identity| {
        transaction.lock_credentials()?;
        let (now, own) = (transaction.now(), identity.organisation);
        check(transaction.conn(), identity, new, now)?;
        let revision = transaction.next_private_revision(own)?;
        transaction.end_answers_access(own, None, Some(new.organisation), revision, now)?;
        transaction.decide_access_requests(own, None, Some(new.organisation), AccessRequestState::Granted, now)?;
        let row = AnswersAccess {
            id: AnswersAccessId::new(now, transaction.conn_and_rng().1),
            organisation: own,
            grantee: new.organisation,
            sections: new.sections.clone().map(Sections),
            ownership: new.ownership,
            expires_at: new.expires_at,
            created_by: identity.user,
            created_at: now,
            ended_at: None,
            revision_from: revision,
            revision_to: None,
        };
        transaction.add_answers_access(&row)?;
        let details = json!({"vasp": vasp, "organisation": row.grantee, "sections": new.sections,
            "ownership": row.ownership.is_granted(), "expires_at": new.expires_at});
        tell(transaction, identity, row.grantee, "questionnaire.access.give", row.id.to_string(), &details);
        let id = row.id;
        Ok(Deed::new(row, id, details))
    })
}

fn check(conn: &mut Conn, identity: &Identity, new: &NewAccess, now: UtcTime) -> Result<(), ServiceError> {
    if new.organisation == identity.organisation {
        return Err(invalid(
            "/organisation",
            "own_organisation",
            "this is your own organisation, which can already read its answers",
        ));
    }
    let there = conn.organisation(new.organisation)?.filter(|found| found.closed_at.is_none());
    // Only members can have the scope for reading answers.
    if there.is_none_or(|found| found.kind != OrganisationKind::Member) {
        return Err(invalid(
            "/organisation",
            "unknown_organisation",
            "there is no open organisation of kind member with this id",
        ));
    }
    let latest = now.plus_secs(ACCESS_DAYS_MAX * DAY_SECS);
    if new.expires_at <= now || new.expires_at > latest {
        let detail = format!("the end of access must be after now ({now}) and within two years, at the latest {latest}");
        return Err(invalid("/expires_at", "invalid_value", detail));
    }
    Ok(())
}

/// Withdraws access. It takes effect at once on this node, and within a second on the others.
///
/// # Errors
/// `ServiceError::NotFound` if the organisation gave no such access, or if it has already ended. Also `Store`.
pub fn withdraw_access(act: Act<'_, AnswersAccess>, id: AnswersAccessId) -> Result<Reply, ServiceError> {
    act.run("questionnaire.access.withdraw", |transaction, identity| {
        let (own, now) = (identity.organisation, transaction.now());
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        let revision = transaction.next_private_revision(own)?;
        if transaction.end_answers_access(own, Some(id), None, revision, now)? == 0 {
            return Err(missing());
        }
        let ended = transaction.conn().answers_access_of(own, "", i64::MAX)?;
        let row = ended.into_iter().find(|row| row.id == id).ok_or_else(missing)?;
        let details = json!({"organisation": row.grantee});
        tell(transaction, identity, row.grantee, "questionnaire.access.withdraw", id.to_string(), &details);
        Ok(Deed::new(row, id, details))
    })
}

/// Lists the access that the caller's organisation gave, oldest first; also access that has ended.
pub fn list_access(
    registry: &Registry,
    identity: &Identity,
    after: &str,
    limit: usize,
) -> Result<Page<AnswersAccess, String>, ServiceError> {
    let (own, wanted) = (identity.organisation, Page::wanted(limit));
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.answers_access_of(own, after, wanted)?))?;
    Ok(Page::of(rows.into_iter(), limit, |item| item.id.to_string()))
}
