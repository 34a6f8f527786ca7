//! Creates the first organisations, users and API keys, and revokes keys, from the command line. Whoever has access to the database can do
//! so. Here one person gives any role; through the API, the registry's own roles take two people. Credentials are no facts, so the public
//! log does not contain them. The private audit chain records each change.

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;

use serde_json::{Value, json};

use super::roles_and_scopes::{check_roles, check_scopes, some_scopes};
use super::written::{plain_email, plain_name};
use crate::acts::authenticate::{api_key_text, may_act};
use crate::node::{Fault, Registry, ServiceError, invalid};
use crate::sign_in::enrolment::{EnrolmentLink, invite};
use crate::sign_in::session_keys::{RevokedKey, revoke_made_by_sessions};
use crate::sign_in::{SignIn, session_keys};
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_record::bearer::draw_secret;
use vasp_record::environment::Environment;
use vasp_record::role::{GrantState, OrganisationKind, Role, Scope, UserKind, UserState};
use vasp_store::{ApiKeyRow, Conn, Organisation, RoleGrantRow, Transaction, UserRow};
use vasp_words::ids::{ApiKeyId, GrantId, OrganisationId, UserId, VaspId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// A user to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// The name of the person or program.
    pub name: String,
    /// The e-mail address with which a person signs in; `None` for a program.
    pub email: Option<String>,
    /// Person or program.
    pub kind: UserKind,
    /// Its roles.
    pub roles: Vec<Role>,
}

/// A new API key; the secret is shown only once.
#[derive(Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The whole key, as a client sends it.
    pub text: String,
}

/// Creates an organisation, whose own VASP is `vasp`.
///
/// # Errors
/// `ServiceError::Invalid` for an empty name, `ServiceError::Store`.
pub fn create_organisation(
    registry: &Registry,
    name: &str,
    kind: OrganisationKind,
    vasp: Option<VaspId>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<OrganisationId, ServiceError> {
    let id = OrganisationId::new(now, rng);
    let row = organisation_row(id, name, kind, vasp, now)?;
    registry.store().write(now, rng, |transaction| {
        transaction.audit(by_command(
            id,
            "organisation.create",
            &id,
            json!({"name": row.name, "kind": row.kind, "vasp": row.vasp}),
        ));
        transaction.add_organisation(&row)
    })?;
    registry.let_others_know();
    Ok(id)
}

/// Creates a user of an organisation, with roles that take effect at once.
///
/// # Errors
/// `ServiceError::NotFound` for an unknown organisation; `Invalid`; `Conflict` for an e-mail address in use; `Store`.
pub fn create_user(
    registry: &Registry,
    organisation: OrganisationId,
    user: &NewUser,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<UserId, ServiceError> {
    let id = UserId::new(now, rng);
    let row = user_row(id, organisation, user, UserState::Active, None, now)?;
    registry.store().write(now, rng, |transaction| add_user(transaction, organisation, &row, user))?;
    registry.let_others_know();
    Ok(id)
}

/// Creates a person of an organisation. The person may act, with the given roles, after redeeming the link.
pub fn invite_user(
    registry: &Registry,
    organisation: OrganisationId,
    user: &NewUser,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(UserId, EnrolmentLink), ServiceError> {
    let id = UserId::new(now, rng);
    let row = user_row(id, organisation, user, UserState::Invited, None, now)?;
    let invited = registry.store().write(now, rng, |transaction| {
        add_user(transaction, organisation, &row, user)?;
        invite(transaction, &row)
    })?;
    registry.let_others_know();
    Ok((id, invited.value))
}

/// A person who was reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// The link with which the person enrols again.
    pub link: EnrolmentLink,
    /// The keys and client certificates that the person's sessions had created; they are revoked now.
    pub revoked: Vec<RevokedKey>,
}

/// Deletes everything with which a person signs in, ends its sessions, revokes the keys that those created, and returns a link to enrol
/// again. Keys that were created in other ways stay.
///
/// # Errors
/// `ServiceError::NotFound` for an unknown user; `IllegalStep` for a disabled one; `Invalid` for a machine user; `Store`.
pub fn reset_user(registry: &Registry, id: UserId, now: UtcTime, rng: &mut dyn RngCore) -> Result<Reset, ServiceError> {
    let reset = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        let missing = || ServiceError::NotFound(format!("There is no user {id}."));
        let user = transaction.lock_user(id)?.ok_or_else(missing)?;
        transaction.drop_password(id)?;
        transaction.drop_totp(id)?;
        transaction.drop_oidc_links(id)?;
        let ended = transaction.end_sessions_of(id, None)?;
        transaction.forget_signed_in_from(&registry.part::<SignIn>().account(&user))?;
        let told = by_command(user.organisation, "user.reset", &id, Value::Null);
        let revoked = revoke_made_by_sessions(transaction, id, &told)?;
        let payload = json!({"sessions_ended": ended, "keys_revoked": session_keys::ids(&revoked)});
        transaction.audit(AuditEvent { payload, ..told });
        Ok(Reset { link: invite(transaction, &user)?, revoked })
    })?;
    registry.let_others_know();
    Ok(reset.value)
}

/// Adds a user with its roles, and a line in the audit chain.
fn add_user(
    transaction: &mut Transaction<'_>,
    organisation: OrganisationId,
    row: &UserRow,
    user: &NewUser,
) -> Result<(), ServiceError> {
    let now = transaction.now();
    let found = transaction.conn().organisation(organisation)?;
    let found = found.ok_or_else(|| ServiceError::NotFound(format!("There is no organisation {organisation}.")))?;
    check_roles(&found, user)?;
    check_email_is_free(transaction, row)?;
    let founder = is_founder(transaction.conn(), row)?;
    transaction.add_user(&UserRow { founder, ..row.clone() })?;
    for role in &user.roles {
        let grant = RoleGrantRow {
            id: GrantId::new(now, transaction.conn_and_rng().1),
            user_id: row.id,
            role: *role,
            state: GrantState::Active,
            ended_at: None,
        };
        transaction.add_role_grant(&grant)?;
    }
    let details = json!({"name": row.name, "kind": row.kind, "roles": user.roles, "founder": founder.0});
    transaction.audit(by_command(organisation, "user.create", &row.id, details));
    Ok(())
}

/// The maximum number of API keys of an organisation that work at the same time.
const LIVE_KEYS_MAX: i64 = 100;

/// Refuses a key beyond the organisation's maximum. The caller holds the lock on credentials.
pub(crate) fn check_room_for_key(transaction: &mut Transaction<'_>, organisation: OrganisationId) -> Result<(), ServiceError> {
    let now = transaction.now();
    if transaction.live_keys(organisation, now)? < LIVE_KEYS_MAX {
        return Ok(());
    }
    let detail = format!(
        "The organisation has {LIVE_KEYS_MAX} API keys in use, which is the maximum. Revoke keys that nobody uses (see \
         last_used_on), or let programs share a key: the rate limit applies to the organisation, not to each key."
    );
    Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "too_many_keys", detail }))
}

/// Creates an API key for a user. A key of an operator's user ends after 90 days at the latest.
///
/// # Errors
/// `ServiceError::NotFound` for an unknown user, `Invalid` for one that may not act, for scopes that its organisation cannot have and for an
/// end that is past or too late, `Store`.
pub fn create_api_key(
    registry: &Registry,
    user: UserId,
    scopes: &[Scope],
    expires_at: Option<UtcTime>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<NewApiKey, ServiceError> {
    let made = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        transaction.lock_credentials()?;
        let missing = || ServiceError::NotFound(format!("There is no user {user}."));
        let owner = transaction.conn().user(user)?.ok_or_else(missing)?;
        let organisation = transaction.conn().organisation(owner.organisation)?.ok_or_else(missing)?;
        check_scopes(&organisation, scopes)?;
        if !may_act(transaction.conn(), &owner)? {
            let state = owner.state;
            let detail =
                format!("the user, or its organisation, may not act (the user is {state}), so this key would open nothing");
            return Err(invalid("/user", "invalid_value", detail));
        }
        let expires_at = end_of_credential(organisation.kind, expires_at, now)?;
        check_room_for_key(transaction, organisation.id)?;
        let (row, key) = api_key_row(registry.environment(), user, scopes, expires_at, now, transaction.conn_and_rng().1)?;
        let details = json!({"owner": row.owner, "scopes": row.scopes.to_string(), "expires_at": row.expires_at});
        transaction.audit(by_command(organisation.id, "api_key.create", &key.id, details));
        transaction.add_api_key(&row)?;
        Ok(key)
    })?;
    registry.let_others_know();
    Ok(made.value)
}

/// Revokes an API key: at once in this process, within a second in others.
///
/// # Errors
/// `ServiceError::NotFound` if there is no such key in use, `Store`.
pub fn revoke_api_key(registry: &Registry, id: ApiKeyId, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let missing = || ServiceError::NotFound(format!("There is no API key {id} in use."));
    registry.store().write(now, rng, |transaction| {
        let row = transaction.conn().api_key(id)?.ok_or_else(missing)?;
        let owner = transaction.conn().user(row.owner)?.ok_or_else(missing)?;
        if !transaction.revoke_api_key(id, now)? {
            return Err(missing());
        }
        transaction.audit(by_command(owner.organisation, "api_key.revoke", &id, Value::Null));
        Ok(())
    })?;
    registry.let_others_know();
    Ok(())
}

/// Returns an audit event of the command line.
fn by_command(organisation: OrganisationId, action: &str, subject: &impl ToString, payload: Value) -> AuditEvent {
    AuditEvent {
        organisation: Some(organisation.to_string()),
        actor: None,
        credential: Some("command line".to_owned()),
        action: action.to_owned(),
        subject: Some(subject.to_string()),
        outcome: AuditOutcome::Done,
        payload,
    }
}

/// Returns the row of an organisation.
pub(crate) fn organisation_row(
    id: OrganisationId,
    name: &str,
    kind: OrganisationKind,
    vasp: Option<VaspId>,
    now: UtcTime,
) -> Result<Organisation, ServiceError> {
    Ok(Organisation {
        id,
        name: plain_name(name)?,
        kind,
        vasp,
        created_at: now,
        version: 1,
        closed_at: None,
        own_address_budget: None,
    })
}

/// The longest time for which an API key or client certificate of an operator's user works, in seconds: 90 days.
const OPERATORS_LONGEST_SECS: i64 = 90 * 86_400;

/// Returns when an API key or client certificate of a user of such an organisation ends: as requested. For operators, whose credentials
/// vouch for the whole registry, it ends 90 days from now at the latest.
pub(crate) fn end_of_credential(
    kind: OrganisationKind,
    wished: Option<UtcTime>,
    now: UtcTime,
) -> Result<Option<UtcTime>, ServiceError> {
    if kind != OrganisationKind::Operator {
        return Ok(wished);
    }
    let latest = now.plus_secs(OPERATORS_LONGEST_SECS);
    match wished {
        Some(at) if at > latest => {
            let detail = format!(
                "API keys and client certificates of an operator's users can be valid for at most 90 days, until {latest}"
            );
            Err(invalid("/expires_at", "too_late", detail))
        }
        wished => Ok(Some(wished.unwrap_or(latest))),
    }
}

/// Returns the row of an API key, without a name and creator, and the key itself.
pub(crate) fn api_key_row(
    environment: Environment,
    owner: UserId,
    scopes: &[Scope],
    expires_at: Option<UtcTime>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(ApiKeyRow, NewApiKey), ServiceError> {
    if expires_at.is_some_and(|at| at <= now) {
        return Err(invalid("/expires_at", "in_the_past", format!("the end is in the past; it is now {now}")));
    }
    let (secret, id) = (draw_secret(rng), ApiKeyId::new(now, rng));
    let row = ApiKeyRow {
        id,
        owner,
        scopes: some_scopes(scopes)?,
        secret_sha256: digest(&SHA256, &secret).as_ref().to_vec(),
        created_at: now,
        expires_at,
        revoked_at: None,
        name: String::new(),
        created_by: None,
        replaced_by: None,
        created_with: None,
        certificate_sha256: None,
        origins: None,
    };
    Ok((row, NewApiKey { id, text: api_key_text(environment, id, &secret) }))
}

/// Returns the row of a user.
pub(crate) fn user_row(
    id: UserId,
    organisation: OrganisationId,
    user: &NewUser,
    state: UserState,
    created_by: Option<UserId>,
    now: UtcTime,
) -> Result<UserRow, ServiceError> {
    Ok(UserRow {
        id,
        organisation,
        name: plain_name(&user.name)?,
        created_at: now,
        email: user.email.as_deref().map(plain_email).transpose()?,
        kind: user.kind,
        state,
        created_by,
        version: 1,
        created_with: None,
        disabled_from: None,
        link_held_by: None,
        founder: Flag(false),
    })
}

/// Returns whether a person to create is a founder of the organisation: one of its first two people, created by the command line or by an
/// operator.
///
/// Source: docs/organisations.md, "Two people".
pub(crate) fn is_founder(conn: &mut Conn, row: &UserRow) -> Result<Flag, ServiceError> {
    let by_operator = match row.created_by.map(|maker| conn.user(maker)).transpose()?.flatten() {
        Some(maker) => conn.organisation(maker.organisation)?.is_some_and(|home| home.kind == OrganisationKind::Operator),
        None => true,
    };
    Ok(Flag(by_operator && row.kind == UserKind::Person && conn.people_of(row.organisation)? < 2))
}

/// Refuses an e-mail address with which another user signs in.
pub(crate) fn check_email_is_free(transaction: &mut Transaction<'_>, row: &UserRow) -> Result<(), ServiceError> {
    let Some(email) = &row.email else { return Ok(()) };
    match transaction.conn().user_with_email(email)? {
        None => Ok(()),
        Some(_) => Err(ServiceError::Conflict(Fault {
            pointer: "/email".to_owned(),
            code: "email_in_use",
            detail: "another user signs in with this e-mail address".to_owned(),
        })),
    }
}
