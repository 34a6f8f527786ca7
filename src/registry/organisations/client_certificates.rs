//! Client certificates as credentials: the caller's own, and those of the programs of its organisation for its admins. Like an API key,
//! a certificate never has more permissions, nor a later end, than the credential that enrolled it. Any certificate is accepted, also a
//! self-signed one: its SHA-256 identifies it, and the caller must prove its private key. The registry's own authority enrols the
//! certificates that it issues with [`enrol`].
//!
//! Source: RFC 8705, section 2.2.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::api_keys::{OwnLimits, Powers, key_name, may_hold_keys_of, own_limits, owner_in_reach, within_own};
use super::credentials::end_of_credential;
use super::fresh_code::FreshCode;
use super::roles_and_scopes::{check_scopes, some_scopes};
use super::{KeyOwner, NO_USER, Reach, fresh_code, view};
use crate::acts::{Act, CallerNetwork, Deed, Identity, Reply};
use crate::node::{Fault, Page, Registry, ServiceError, invalid};
use crate::sign_in::SecondFactor;
use vasp_pki as pki;
use vasp_record::client_certificate::{ClientCertificate, Sha256Hex};
use vasp_record::role::{Role, Scope, Scopes};
use vasp_store::{ClientCertificateRow, Conn, Transaction, UserRow};
use vasp_words::ids::{ClientCertificateId, CredentialId, UserId};
use vasp_words::sql::Flag;
use vasp_words::time::{Date, UtcTime};

const NO_CERTIFICATE: &str = "There is no such client certificate.";

/// A client certificate to make a credential.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateClientCertificate)]
pub struct NewCertificate {
    /// The certificate in PEM; it must be the one that the connection uses. Null: the one that the connection uses.
    #[schema(example = "-----BEGIN CERTIFICATE-----\n…")]
    pub pem: Option<String>,
    /// A name for it, 200 characters at most.
    #[serde(default)]
    #[schema(required = false)]
    pub name: String,
    /// Any of the scopes of the credential that you send.
    #[schema(value_type = Vec<String>, example = json!(["resolve", "precheck"]))]
    pub scopes: Vec<Scope>,
    /// When it stops working as a credential: no later than the certificate's own end and the end of the credential that you send. For
    /// users of operators also within 90 days. Null: the earliest of these.
    pub expires_at: Option<UtcTime>,
    /// Id of a program of your organisation, for admins. By default, the certificate is yours.
    pub user: Option<UserId>,
    /// For users of an operator: the current code of your authenticator app.
    #[schema(example = "287082")]
    pub totp: Option<String>,
    /// For users of an operator: a recovery code instead of `totp`.
    pub recovery_code: Option<String>,
}

/// The terms under which a certificate becomes a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateTerms {
    /// The user for whom it acts.
    pub owner: UserId,
    /// The user's name for it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it stops working as a credential; `None` for the latest possible end.
    pub expires_at: Option<UtcTime>,
    /// Whether the registry's own authority issued it.
    pub issued_by_registry: bool,
}

/// A client certificate that acts for a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientCertificate)]
pub struct HeldCertificate {
    pub(crate) id: ClientCertificateId,
    pub(crate) name: String,
    /// Id of the user for whom it acts.
    pub(crate) owner: UserId,
    /// Any of `resolve`, `precheck`, `member`, `compliance`, `operator`, `admin`.
    #[schema(value_type = Vec<String>, example = json!(["resolve", "precheck"]))]
    pub(crate) scopes: Scopes,
    /// `revoked`, `expired` or `active`.
    #[schema(example = "active")]
    pub(crate) state: &'static str,
    /// SHA-256 of the certificate (DER, hex).
    #[schema(value_type = String)]
    pub(crate) sha256: Sha256Hex,
    /// SHA-256 of its public key (`SubjectPublicKeyInfo`, DER, hex).
    #[schema(value_type = String)]
    pub(crate) spki_sha256: Sha256Hex,
    #[schema(example = "CN=gateway.alpha.example")]
    pub(crate) subject: String,
    pub(crate) issuer: String,
    /// The serial number, in hex.
    pub(crate) serial: String,
    #[schema(example = "EC P-256")]
    pub(crate) key: String,
    pub(crate) not_before: UtcTime,
    pub(crate) not_after: UtcTime,
    /// Whether the registry's own authority issued it.
    #[schema(value_type = bool)]
    pub(crate) issued_by_registry: Flag,
    /// Id of the user who made it a credential; null if that user belongs to another organisation.
    pub(crate) created_by: Option<UserId>,
    pub(crate) created_at: UtcTime,
    /// When it stops working as a credential, `not_after` at the latest.
    pub(crate) expires_at: UtcTime,
    pub(crate) revoked_at: Option<UtcTime>,
    /// The day of its last use; null if there is none. Uses are recorded in batches, so a crash may lose the last minute.
    pub(crate) last_used_on: Option<Date>,
}

/// Makes the certificate of the caller's connection a credential. The API key or session proves who the caller is. The connection proves
/// the certificate's private key. So nobody can enrol a certificate of others and have their requests taken for its own.
///
/// # Errors
/// `ServiceError::NotFound` for an owner out of reach; `Forbidden` for scopes beyond those of the caller's own credential, and
/// for certificates of other people; `Invalid`; `Conflict` if it is a credential already; and those of [`Act::run`].
pub fn create_certificate(
    mut act: Act<'_, HeldCertificate>,
    new: NewCertificate,
    shown: Option<&ClientCertificate>,
    from: Option<CallerNetwork>,
) -> Result<Reply, ServiceError> {
    let NewCertificate { pem, name, scopes, expires_at, user, totp, recovery_code } = new;
    let (kind, code) = (act.identity.kind, FreshCode { second: SecondFactor::of(totp, recovery_code)?, from });
    if let Some(kept) = fresh_code::use_up(&mut act, kind, &code)? {
        return Ok(kept);
    }
    act.run("client_certificate.create", |transaction, identity| {
        transaction.lock_credentials()?;
        let owner = user.unwrap_or(identity.user);
        let (user, _) = Reach::Own.user(transaction.conn(), identity, owner)?;
        may_hold_keys_of(identity, &user)?;
        let shown = proven(pem.as_deref(), shown)?;
        let terms = CertificateTerms { owner, name, scopes, expires_at, issued_by_registry: false };
        let row = enrol(transaction, identity, shown, &terms)?;
        let details = json!({"owner": row.owner, "scopes": terms.scopes, "sha256": row.sha256});
        let id = row.id;
        Ok(Deed::new(one_view(transaction, identity, row)?, id, details))
    })
}

/// Returns the certificate whose private key the caller proved. If the request contains a certificate, it must be the same one.
fn proven<'a>(pem: Option<&str>, shown: Option<&'a ClientCertificate>) -> Result<&'a ClientCertificate, ServiceError> {
    let wrong = |code, detail: String| invalid("/pem", code, detail);
    let written = pem.map(|pem| {
        let der = pki::first_certificate(pem).map_err(|error| wrong("invalid_value", error.to_string()))?;
        pki::read_leaf(&der).map_err(|error| wrong("invalid_value", error.to_string()))
    });
    let written = written.transpose()?;
    let detail = "send this request over a connection with the certificate itself (curl --cert … --key …), which proves its key";
    let shown = shown.ok_or_else(|| wrong("possession_not_proven", detail.to_owned()))?;
    match written {
        Some(written) if written.sha256 != shown.sha256 => {
            let detail = format!("the connection uses another certificate, with SHA-256 {}; {detail}", hex::encode(shown.sha256));
            Err(wrong("possession_not_proven", detail))
        }
        _ => Ok(shown),
    }
}

/// Makes a certificate a credential of a user, in the running transaction. From the commit on, a connection with it and no other
/// credentials acts for that user, with `terms.scopes`. The directory learns of it when it next catches up, which [`Act::run`] does before
/// it answers.
///
/// The caller has checked that the user holds the private key (by the handshake, or by the signature of a CSR), and that `identity` may
/// act for `terms.owner`. No scope may go beyond those of `identity`. A caller that enrols certificates it issues, with `resolve` and
/// `precheck`, first filters these scopes with [`Identity::may`], and enrols nothing if none is left. Takes the lock of all credentials.
/// Writes no audit line: the caller's act does.
/// # Errors
/// `ServiceError::Forbidden` for scopes beyond those of `identity`; `Invalid` for a certificate that has expired, is not valid yet, is
/// weak or is for another purpose, for scopes that its organisation cannot have, and for an end after that of the certificate or of the
/// caller's own credential; `NotFound` for an unknown owner; `Conflict` if it is a credential already, or its key was compromised; `Store`.
pub fn enrol(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    certificate: &ClientCertificate,
    terms: &CertificateTerms,
) -> Result<ClientCertificateRow, ServiceError> {
    transaction.lock_credentials()?;
    let now = transaction.now();
    if let Some(unfit) = certificate.unfit(now) {
        return Err(invalid("/pem", unfit.code(), unfit.to_string()));
    }
    let missing = || ServiceError::NotFound(NO_USER.to_owned());
    let conn = transaction.conn();
    let owner = conn.user(terms.owner)?.ok_or_else(missing)?;
    let organisation = conn.organisation(owner.organisation)?.ok_or_else(missing)?;
    check_scopes(&organisation, &terms.scopes)?;
    let limit = end_of_credential(organisation.kind, terms.expires_at, now)?.filter(|_| terms.expires_at.is_none());
    let not_after = limit.map_or(certificate.not_after, |limit| limit.min(certificate.not_after));
    let expires_at = end_of(conn, identity, terms.expires_at, not_after, now)?;
    // A credential that is bound to a certificate may enrol one: the new credential is bound to a private key too.
    let powers = Powers {
        scopes: &terms.scopes,
        expires_at: Some(expires_at),
        certificate: Some(Sha256Hex(certificate.sha256)),
        origins: None,
    };
    within_own(conn, identity, powers)?;
    if conn.client_certificate_in_use(Sha256Hex(certificate.sha256))?.is_some() {
        let detail = "the certificate is already enrolled as a credential; revoke that credential first".to_owned();
        return Err(ServiceError::Conflict(Fault { pointer: "/pem".to_owned(), code: "certificate_in_use", detail }));
    }
    if conn.key_holder(Sha256Hex(certificate.spki_sha256))?.is_some_and(|holder| holder.is_compromised) {
        let detail = "a certificate with this key was revoked because the key was compromised; create a new key".to_owned();
        return Err(ServiceError::Conflict(Fault { pointer: "/pem".to_owned(), code: "key_compromised", detail }));
    }
    let row = ClientCertificateRow {
        id: ClientCertificateId::new(now, transaction.conn_and_rng().1),
        owner: terms.owner,
        name: key_name(&terms.name)?,
        scopes: some_scopes(&terms.scopes)?,
        sha256: Sha256Hex(certificate.sha256),
        spki_sha256: Sha256Hex(certificate.spki_sha256),
        subject: certificate.subject.clone(),
        issuer: certificate.issuer.clone(),
        serial: certificate.serial.clone(),
        key: certificate.key.to_string(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        issued_by_registry: Flag(terms.issued_by_registry),
        created_by: identity.user,
        created_with: identity.credential,
        created_at: now,
        expires_at,
        revoked_at: None,
    };
    transaction.add_client_certificate(&row)?;
    Ok(row)
}

/// Returns when a certificate stops working: as requested, else as late as the certificate and the caller's own credential allow.
fn end_of(
    conn: &mut Conn,
    identity: &Identity,
    wished: Option<UtcTime>,
    not_after: UtcTime,
    now: UtcTime,
) -> Result<UtcTime, ServiceError> {
    match wished {
        None => {
            let OwnLimits { expires_at: own_end, .. } = own_limits(conn, identity)?;
            Ok(own_end.map_or(not_after, |own_end| own_end.min(not_after)))
        }
        Some(at) if at > not_after => Err(invalid(
            "/expires_at",
            "later_than_certificate",
            format!("the credential cannot end after the certificate itself, which ends at {not_after}"),
        )),
        Some(at) if at <= now => Err(invalid("/expires_at", "in_the_past", format!("the end is in the past; it is now {now}"))),
        Some(at) => Ok(at),
    }
}

/// Ends a certificate as a credential, in the running transaction, because the certificate itself was revoked. From the commit on it gives
/// no access here, also on open connections, and neither does any API key bound to it. Returns its id as a credential, for the audit line
/// of the caller's act; `None` if it is not a credential (any more). Takes the lock of all credentials.
pub fn revoke_by_sha256(
    transaction: &mut Transaction<'_>,
    sha256: Sha256Hex,
) -> Result<Option<ClientCertificateId>, ServiceError> {
    transaction.lock_credentials()?;
    let Some(held) = transaction.conn().client_certificate_in_use(sha256)? else { return Ok(None) };
    let now = transaction.now();
    let revoked = transaction.revoke_client_certificate(held.id, now)?;
    Ok(revoked.then_some(held.id))
}

/// Ends all certificates with a key as credentials, in the running transaction, because the key was compromised. Takes the lock of all
/// credentials.
pub fn revoke_by_key(transaction: &mut Transaction<'_>, key: Sha256Hex) -> Result<(), ServiceError> {
    transaction.lock_credentials()?;
    let now = transaction.now();
    for id in transaction.conn().client_certificates_with_key(key)? {
        transaction.revoke_client_certificate(id, now)?;
    }
    Ok(())
}

/// Revokes a certificate as a credential: at once on this node, within a second on others, also on open connections.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if it is revoked already; and those of [`Act::run`].
pub fn revoke_certificate(act: Act<'_, HeldCertificate>, id: ClientCertificateId) -> Result<Reply, ServiceError> {
    act.run("client_certificate.revoke", |transaction, identity| {
        transaction.lock_credentials()?;
        let (held, owner) = own_certificate(transaction.conn(), identity, id)?;
        let now = transaction.now();
        if !transaction.revoke_client_certificate(id, now)? {
            return Err(ServiceError::IllegalStep("The client certificate is already revoked.".to_owned()));
        }
        let revoked = ClientCertificateRow { revoked_at: Some(now), ..held };
        Ok(Deed::new(one_view(transaction, identity, revoked)?, id, json!({"owner": owner.id})))
    })
}

/// Returns a certificate that the caller may revoke: its own, or, for an admin, one of its organisation.
fn own_certificate(
    conn: &mut Conn,
    identity: &Identity,
    id: ClientCertificateId,
) -> Result<(ClientCertificateRow, UserRow), ServiceError> {
    let missing = || ServiceError::NotFound(NO_CERTIFICATE.to_owned());
    let held = conn.client_certificate(id)?.ok_or_else(missing)?;
    let owner = owner_in_reach(conn, identity, held.owner)?.ok_or_else(missing)?;
    Ok((held, owner))
}

/// Lists certificates, oldest first, including revoked ones.
///
/// # Errors
/// `ServiceError::Forbidden` if a caller who is not an admin asks for the certificates of others, `ServiceError::Store`.
pub fn list_certificates(
    registry: &Registry,
    identity: &Identity,
    owner: KeyOwner,
    after: &str,
    limit: usize,
    now: UtcTime,
) -> Result<Page<HeldCertificate, ClientCertificateId>, ServiceError> {
    if owner == KeyOwner::Everybody && !identity.has_any(&[Role::Admin]) {
        return Err(ServiceError::Forbidden("Only an admin can see the certificates of other users.".to_owned()));
    }
    let me = (owner == KeyOwner::Me).then_some(identity.user);
    let held = registry.store().read::<_, ServiceError>(|conn| {
        let rows = conn.client_certificates_within(identity.organisation, me, after, Page::wanted(limit))?;
        views(conn, identity, rows, now)
    })?;
    Ok(Page::of(held.into_iter(), limit, |held| held.id))
}

fn one_view(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    row: ClientCertificateRow,
) -> Result<HeldCertificate, ServiceError> {
    let now = transaction.now();
    let missing = || ServiceError::NotFound(NO_CERTIFICATE.to_owned());
    views(transaction.conn(), identity, vec![row], now)?.pop().ok_or_else(missing)
}

/// Makes views, with one query for the last uses.
fn views(
    conn: &mut Conn,
    identity: &Identity,
    rows: Vec<ClientCertificateRow>,
    now: UtcTime,
) -> Result<Vec<HeldCertificate>, ServiceError> {
    let ids: Vec<CredentialId> = rows.iter().map(|row| CredentialId::Certificate(row.id)).collect();
    let uses: std::collections::HashMap<CredentialId, Date> = conn.uses_of(&ids)?.into_iter().collect();
    let makers = view::known_makers(conn, identity, rows.iter().map(|row| row.created_by))?;
    let view = |row: ClientCertificateRow| HeldCertificate {
        id: row.id,
        name: row.name,
        owner: row.owner,
        scopes: row.scopes,
        state: match row.revoked_at {
            Some(_) => "revoked",
            None if row.expires_at <= now => "expired",
            None => "active",
        },
        sha256: row.sha256,
        spki_sha256: row.spki_sha256,
        subject: row.subject,
        issuer: row.issuer,
        serial: row.serial,
        key: row.key,
        not_before: row.not_before,
        not_after: row.not_after,
        issued_by_registry: row.issued_by_registry,
        created_by: makers.shown(Some(row.created_by)),
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        last_used_on: uses.get(&CredentialId::Certificate(row.id)).copied(),
    };
    Ok(rows.into_iter().map(view).collect())
}
