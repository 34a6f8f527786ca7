//! Links that open the report of a recorded pre-check once, for people without an account, such as an auditor. Anyone who has the link can
//! use it. So it works once, for 72 hours, and only while its maker is active, the API key or client certificate that made it is valid, and
//! the organisation is open. The organisation can end the links of a pre-check at any time.
//!
//! Source: docs/prechecks.md, "What is kept".

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;
use serde_json::json;

use super::record::missing;
use crate::acts::authenticate::may_act;
use crate::acts::sealed_traces::tell_privately;
use crate::acts::{Act, Deed, Reply};
use crate::node::{Fault, Registry, ServiceError};
use vasp_record::bearer::ReportSecret;
use vasp_store::{ReportLinkRow, StoreError};
use vasp_words::ids::{CredentialId, PrecheckId};
use vasp_words::time::UtcTime;

/// How long a link works, in seconds: over a weekend.
const LINK_SECS: i64 = 72 * 3_600;

/// Maximum number of links of one organisation that were not opened and have not expired.
const OPEN_MAX: i64 = 100;

const WRONG: &str =
    "The link is unknown, was already opened, was ended, or has expired. Ask the person who sent it for a new one.";

/// A link to give away; its secret is shown only once.
#[derive(Clone, PartialEq, Eq)]
pub struct ReportLink {
    /// The part of the link after the `#`, `vp_…`.
    pub secret: String,
    /// When it stops working.
    pub expires_at: UtcTime,
}

impl ReportLink {
    /// Returns the address to open. Browsers do not send the part after the `#`, so no log has the secret.
    #[must_use]
    pub fn url(&self, public_url: &str) -> String {
        format!("{}/report#{}", public_url.trim_end_matches('/'), self.secret)
    }
}

fn hash(secret: &ReportSecret) -> Vec<u8> {
    digest(&SHA256, secret.bytes()).as_ref().to_vec()
}

/// Makes a link to the report of a pre-check of the caller's organisation.
///
/// # Errors
/// `ServiceError::NotFound` if the organisation has no such pre-check; `IllegalStep` if its request and answer were erased; `Conflict` if
/// too many links wait; and those of [`Act::run`].
pub fn create_report_link(act: Act<'_, ReportLink>, id: PrecheckId) -> Result<Reply, ServiceError> {
    act.run_privately("precheck.report_link", |transaction, identity| {
        let (organisation, now) = (identity.organisation, transaction.now());
        let record = transaction.conn().precheck_record(id, organisation)?.ok_or_else(|| missing(id))?;
        if record.erased_at.is_some() {
            return Err(ServiceError::IllegalStep(format!("The request and answer of {id} were erased, so there is no report.")));
        }
        if transaction.conn().open_report_links(organisation, now)? >= OPEN_MAX {
            let detail = format!(
                "Your organisation has {OPEN_MAX} links to reports that nobody opened, which is the maximum. Each ends when it is opened, after \
                 72 hours, or with DELETE /v1/prechecks/{{id}}/report-link."
            );
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "too_many", detail }));
        }
        let secret = ReportSecret::draw(transaction.conn_and_rng().1);
        let expires_at = now.plus_secs(LINK_SECS);
        let (secret_sha256, created_by, created_with) = (hash(&secret), identity.user, identity.credential);
        transaction.add_report_link(&ReportLinkRow { secret_sha256, organisation, precheck: id, created_by, created_with, expires_at })?;
        Ok(Deed::new(ReportLink { secret: secret.to_string(), expires_at }, id, json!({"expires_at": expires_at})))
    })
}

/// Ends the links to the report of a pre-check that were not opened. Returns how many.
///
/// # Errors
/// `ServiceError::NotFound` if the organisation has no such pre-check; and those of [`Act::run`].
pub fn end_report_links(act: Act<'_, usize>, id: PrecheckId) -> Result<Reply, ServiceError> {
    act.run_privately("precheck.report_link_end", |transaction, identity| {
        transaction.conn().precheck_record(id, identity.organisation)?.ok_or_else(|| missing(id))?;
        let ended = transaction.end_report_links(id)?;
        Ok(Deed::new(ended, id, json!({"ended": ended})))
    })
}

/// Returns the link with a secret, without using it up.
///
/// # Errors
/// `ServiceError::NotFound` if it does not work: unknown, opened, ended, expired, or its maker, its organisation or the key that
/// made it may no longer act; `Store`.
pub fn find_report_link(registry: &Registry, secret: &str, now: UtcTime) -> Result<ReportLinkRow, ServiceError> {
    let secret = secret.parse().map_err(|_| wrong())?;
    let found = registry.store().read::<_, ServiceError>(|conn| {
        let Some(link) = conn.report_link(&hash(&secret), now)? else { return Ok(None) };
        let maker = conn.user(link.created_by)?.ok_or_else(|| StoreError::missing("users"))?;
        Ok(may_act(conn, &maker)?.then_some(link))
    })?;
    found.filter(|link| is_valid(registry, link.created_with, now)).ok_or_else(wrong)
}

/// Returns whether the credential that made a link may still be used, so that a stolen key leaves no links behind. The end of a session
/// does not count: people sign out every day. A new password ends what sessions made.
fn is_valid(registry: &Registry, created_with: CredentialId, now: UtcTime) -> bool {
    if matches!(created_with, CredentialId::Session(_)) {
        return true;
    }
    let credentials = registry.directory().credentials();
    credentials.get(created_with).is_some_and(|credential| {
        credential.expires_at.is_none_or(|end| now < end)
            && credential.certificate.is_none_or(|bound| !credentials.is_revoked(&bound))
    })
}

/// Uses a link up, and tells its organisation that it was opened.
///
/// # Errors
/// `ServiceError::NotFound` if somebody was faster; `Store`.
pub fn use_report_link(
    registry: &Registry,
    link: &ReportLinkRow,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(), ServiceError> {
    let key = registry.data_key(link.organisation, now, rng)?;
    registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        if !transaction.use_report_link(&link.secret_sha256)? {
            return Err(wrong());
        }
        let (organisation, precheck) = (link.organisation.to_string(), link.precheck.to_string());
        let details = json!({"link_of": link.created_by});
        tell_privately(transaction, &organisation, &key, "precheck.report_open", Some(&precheck), &details)
    })?;
    registry.let_others_know();
    Ok(())
}

fn wrong() -> ServiceError {
    ServiceError::NotFound(WRONG.to_owned())
}
