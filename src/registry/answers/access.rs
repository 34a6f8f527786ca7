//! A member gives one asking organisation access to its answers, until a day; taking it back acts at once. One organisation has one
//! access: another one takes its place.

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
const MISSING: &str = "There is no such access in force.";

/// Access to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccess {
    /// To whom.
    pub organisation: OrganisationId,
    /// Sections; none: all.
    pub sections: Option<BTreeSet<String>>,
    /// The ownership chain.
    pub ownership: OwnershipAccess,
    /// Until when.
    pub expires_at: UtcTime,
}

/// Gives access, and grants what the organisation asked for.
///
/// # Errors
/// `ServiceError::Invalid` for an organisation, section or end that cannot be; `NotFound` where there is no VASP to answer for;
/// `Store`.
pub fn give_access(act: Act<'_, AnswersAccess>, new: &NewAccess) -> Result<Reply, ServiceError> {
    let vasp = own_vasp(act.identity)?;
    let generation = act.registry.pin(act.now);
    check_sections(&generation.documents().questionnaire.value, new.sections.as_ref())?;
    act.run("questionnaire.access.give", |transaction, identity| {
        transaction.lock_credentials()?;
        let (now, own) = (transaction.now(), identity.organisation);
        check(transaction.conn(), identity, new, now)?;
        let revision = transaction.next_private_revision(own)?;
        transaction.end_answers_access(own, (None, Some(new.organisation)), revision, now)?;
        transaction.decide_access_requests(own, (None, Some(new.organisation)), AccessRequestState::Granted, now)?;
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
        tell(transaction, identity, row.grantee, ("questionnaire.access.give", &row.id.to_string(), &details));
        let id = row.id;
        Ok(Deed::new(row, id, details))
    })
}

fn check(conn: &mut Conn, identity: &Identity, new: &NewAccess, now: UtcTime) -> Result<(), ServiceError> {
    if new.organisation == identity.organisation {
        return Err(invalid("/organisation", "own_organisation", "an organisation reads its own answers already"));
    }
    let there = conn.organisation(new.organisation)?.filter(|found| found.closed_at.is_none());
    // Only members have the scope that reading answers takes.
    if there.is_none_or(|found| found.kind != OrganisationKind::Member) {
        return Err(invalid("/organisation", "unknown_organisation", "there is no such member"));
    }
    let latest = now.plus_secs(ACCESS_DAYS_MAX * DAY_SECS);
    if new.expires_at <= now || new.expires_at > latest {
        let detail = format!("access ends after now ({now}) and within two years, by {latest}");
        return Err(invalid("/expires_at", "invalid_value", detail));
    }
    Ok(())
}

/// Takes access back: at once here, within a second elsewhere.
///
/// # Errors
/// `ServiceError::NotFound` where the organisation gave none such, or it ended already; `Store`.
pub fn withdraw_access(act: Act<'_, AnswersAccess>, id: AnswersAccessId) -> Result<Reply, ServiceError> {
    act.run("questionnaire.access.withdraw", |transaction, identity| {
        let (own, now) = (identity.organisation, transaction.now());
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        let revision = transaction.next_private_revision(own)?;
        if transaction.end_answers_access(own, (Some(id), None), revision, now)? == 0 {
            return Err(missing());
        }
        let ended = transaction.conn().answers_access_of(own, "", i64::MAX)?;
        let row = ended.into_iter().find(|row| row.id == id).ok_or_else(missing)?;
        let details = json!({"organisation": row.grantee});
        tell(transaction, identity, row.grantee, ("questionnaire.access.withdraw", &id.to_string(), &details));
        Ok(Deed::new(row, id, details))
    })
}

/// Lists the access that the caller's organisation gave, oldest first, what ended too.
pub fn list_access(
    registry: &Registry,
    identity: &Identity,
    (after, limit): (&str, usize),
) -> Result<Page<AnswersAccess, String>, ServiceError> {
    let (own, wanted) = (identity.organisation, Page::wanted(limit));
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.answers_access_of(own, after, wanted)?))?;
    Ok(Page::of(rows.into_iter(), limit, |item| item.id.to_string()))
}
