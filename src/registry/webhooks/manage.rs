//! Creates, changes and deletes webhooks and their secrets. A secret is shown once and stored sealed under the organisation's data key.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::kinds::check_kinds;
use super::purpose;
use super::signature::WebhookSecret;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::alerts::WEBHOOKS_MAX;
use crate::node::{Page, Registry, ServiceError, invalid};
use vasp_outbound::ReceiverUrl;
use vasp_pki::DataKey;
use vasp_record::alert::WebhookState;
use vasp_rules::alert::Severity;
use vasp_store::{Conn, WebhookRow};
use vasp_words::ids::WebhookId;
use vasp_words::time::UtcTime;

/// The port that messages are sent to.
const HTTPS_PORT: u16 = 443;
/// Maximum length of a description, in characters.
const DESCRIPTION_MAX: usize = 500;
/// Longest time that messages are also signed with the previous secret, in hours.
const OVERLAP_HOURS_MAX: u16 = 168;
/// For how long messages are also signed with the previous secret by default, in hours.
const OVERLAP_HOURS: u16 = 24;

pub(super) const MISSING: &str = "There is no such webhook.";

/// A webhook with its new secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeWebhook {
    /// The webhook.
    pub webhook: WebhookRow,
    /// The secret, to show once.
    pub secret: WebhookSecret,
}

/// A webhook to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhook {
    /// The URL that messages are sent to.
    pub url: String,
    /// Kinds of alerts, or prefixes of kinds. Empty for all kinds.
    pub kinds: Vec<String>,
    /// The lowest severity that is sent.
    pub min_severity: Severity,
    /// The purpose of the webhook.
    pub description: String,
}

/// A change of a webhook. Fields that you leave out stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeWebhook)]
pub struct WebhookChange {
    url: Option<String>,
    kinds: Option<Vec<String>>,
    #[schema(value_type = Option<String>)]
    min_severity: Option<Severity>,
    description: Option<String>,
    /// True: messages wait and nothing is sent. False: the webhook is active again, even if its receiver answered 410 Gone.
    paused: Option<bool>,
}

/// Lists the webhooks of the caller's organisation, oldest first.
pub fn list_webhooks(
    registry: &Registry,
    identity: &Identity,
    after: &str,
    limit: usize,
) -> Result<Page<WebhookRow, String>, ServiceError> {
    let own = identity.organisation;
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.webhooks_of(own, after, Page::wanted(limit))?))?;
    Ok(Page::of(rows.into_iter(), limit, |item| item.id.to_string()))
}

/// Returns a webhook of the caller's organisation.
pub fn read_webhook(registry: &Registry, identity: &Identity, id: WebhookId) -> Result<WebhookRow, ServiceError> {
    registry.store().read(|conn| own(conn, identity, id))
}

/// Creates a webhook with a secret.
///
/// # Errors
/// `ServiceError::Invalid` for a URL that the registry does not call, for unknown kinds, and for too many webhooks; and what [`Act::run`]
/// returns.
pub fn create_webhook(act: Act<'_, MadeWebhook>, new: NewWebhook) -> Result<Reply, ServiceError> {
    let key = act.registry.data_key(act.identity.organisation, act.now, act.rng)?;
    check_url(act.registry, &new.url)?;
    let kinds = check_kinds(&new.kinds)?;
    check_description(&new.description)?;
    act.run_privately("webhook.create", |transaction, identity| {
        let (organisation, now) = (identity.organisation, transaction.now());
        let there = transaction.conn().webhooks_of(organisation, "", Page::wanted(WEBHOOKS_MAX))?.len();
        if there >= WEBHOOKS_MAX {
            let detail = format!("an organisation may have at most {WEBHOOKS_MAX} webhooks; delete one first");
            return Err(invalid("/url", "too_many", detail));
        }
        let rng = transaction.conn_and_rng().1;
        let (id, secret) = (WebhookId::new(now, rng), WebhookSecret::draw(rng));
        let row = WebhookRow {
            secret: seal(&key, id, &secret, rng)?,
            id,
            organisation,
            url: new.url,
            kinds,
            min_severity: new.min_severity,
            description: new.description,
            state: WebhookState::Active,
            old_secret: None,
            old_secret_until: None,
            failing_since: None,
            version: 1,
            created_by: identity.user,
            created_at: now,
            deleted_at: None,
        };
        transaction.add_webhook(&row)?;
        let details = told(&row);
        Ok(Deed::new(MadeWebhook { webhook: row, secret }, id, details))
    })
}

/// Changes a webhook if `allows` accepts its current version.
///
/// # Errors
/// `ServiceError::NotFound`, `Changed`, `Invalid`; what [`Act::run`] returns.
pub fn change_webhook(
    act: Act<'_, WebhookRow>,
    id: WebhookId,
    change: WebhookChange,
    allows: impl Fn(&str) -> bool,
) -> Result<Reply, ServiceError> {
    if let Some(url) = &change.url {
        check_url(act.registry, url)?;
    }
    let kinds = change.kinds.as_deref().map(check_kinds).transpose()?;
    if let Some(description) = &change.description {
        check_description(description)?;
    }
    act.run_privately("webhook.change", |transaction, identity| {
        let mut row = at_version(transaction.conn(), identity, id, allows)?;
        row.url = change.url.unwrap_or(row.url);
        row.kinds = kinds.unwrap_or(row.kinds);
        row.min_severity = change.min_severity.unwrap_or(row.min_severity);
        row.description = change.description.unwrap_or(row.description);
        if let Some(paused) = change.paused {
            row.state = if paused { WebhookState::Paused } else { WebhookState::Active };
        }
        transaction.change_webhook(&row)?;
        let details = told(&row);
        Ok(Deed::new(row, id, details))
    })
}

/// Deletes a webhook; nothing more is sent to it.
///
/// # Errors
/// `ServiceError::NotFound`, `Changed`; what [`Act::run`] returns.
pub fn delete_webhook(act: Act<'_, WebhookRow>, id: WebhookId, allows: impl Fn(&str) -> bool) -> Result<Reply, ServiceError> {
    act.run_privately("webhook.delete", |transaction, identity| {
        let mut row = at_version(transaction.conn(), identity, id, allows)?;
        row.deleted_at = Some(transaction.now());
        // No message is signed with the secret any more.
        (row.secret, row.old_secret) = (vec![], None);
        transaction.change_webhook(&row)?;
        let details = told(&row);
        Ok(Deed::new(row, id, details))
    })
}

/// Draws a new secret. For some hours messages are also signed with the previous secret.
///
/// # Errors
/// `ServiceError::NotFound`, `Invalid`; what [`Act::run`] returns.
pub fn rotate_secret(act: Act<'_, MadeWebhook>, id: WebhookId, overlap_hours: Option<u16>) -> Result<Reply, ServiceError> {
    let overlap = overlap_hours.unwrap_or(OVERLAP_HOURS);
    if overlap > OVERLAP_HOURS_MAX {
        let detail = format!("the old secret can stay in use for 0 to {OVERLAP_HOURS_MAX} hours, not {overlap}");
        return Err(invalid("/overlap_hours", "invalid_value", detail));
    }
    let key = act.registry.data_key(act.identity.organisation, act.now, act.rng)?;
    act.run_privately("webhook.rotate", |transaction, identity| {
        let (now, mut row) = (transaction.now(), own(transaction.conn(), identity, id)?);
        let rng = transaction.conn_and_rng().1;
        let secret = WebhookSecret::draw(rng);
        let old = std::mem::replace(&mut row.secret, seal(&key, id, &secret, rng)?);
        row.old_secret = (overlap > 0).then_some(old);
        row.old_secret_until = row.old_secret.is_some().then(|| now.plus_secs(i64::from(overlap) * 3_600));
        row.version += 1;
        transaction.change_webhook(&row)?;
        let details = json!({"url": row.url, "old_secret_until": row.old_secret_until.map(UtcTime::micros)});
        Ok(Deed::new(MadeWebhook { webhook: row, secret }, id, details))
    })
}

/// Returns a webhook of the caller's organisation. Webhooks of other organisations are reported as missing.
pub(super) fn own(conn: &mut Conn, identity: &Identity, id: WebhookId) -> Result<WebhookRow, ServiceError> {
    let found = conn.webhook(id)?.filter(|row| row.organisation == identity.organisation);
    found.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))
}

/// Returns a webhook for a change, with its version increased.
fn at_version(
    conn: &mut Conn,
    identity: &Identity,
    id: WebhookId,
    allows: impl Fn(&str) -> bool,
) -> Result<WebhookRow, ServiceError> {
    let mut row = own(conn, identity, id)?;
    if !allows(&row.version.to_string()) {
        return Err(ServiceError::Changed("The webhook changed since you read it; read it again.".to_owned()));
    }
    row.version += 1;
    Ok(row)
}

fn seal(key: &DataKey, id: WebhookId, secret: &WebhookSecret, rng: &mut dyn rand_core::RngCore) -> Result<Vec<u8>, ServiceError> {
    key.seal(&purpose(id), secret.bytes(), rng).map_err(ServiceError::Key)
}

fn told(row: &WebhookRow) -> serde_json::Value {
    json!({"url": row.url, "kinds": row.kinds, "min_severity": row.min_severity, "state": row.state})
}

fn check_url(registry: &Registry, url: &str) -> Result<(), ServiceError> {
    // A process that makes no calls checks URLs as if it called public hosts.
    let read = match registry.outbound() {
        Ok(outbound) => outbound.receiver(url),
        Err(_) => url.parse().map(ReceiverUrl::Public),
    };
    let read =
        read.map_err(|error| invalid("/url", error.code(), format!("{error}; messages are sent only to public hosts by HTTPS")))?;
    match read {
        ReceiverUrl::Local(_) => Ok(()),
        ReceiverUrl::Public(url) => match url.port() {
            None | Some(HTTPS_PORT) => Ok(()),
            Some(port) => {
                Err(invalid("/url", "invalid_port", format!("messages are sent only to port {HTTPS_PORT}, not {port}")))
            }
        },
    }
}

fn check_description(text: &str) -> Result<(), ServiceError> {
    let long = text.chars().count() > DESCRIPTION_MAX;
    if long || text.chars().any(char::is_control) {
        let detail = format!("a description must be one line of at most {DESCRIPTION_MAX} characters");
        return Err(invalid("/description", "invalid_value", detail));
    }
    Ok(())
}
