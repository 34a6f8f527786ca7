//! Adds users. People redeem a one-time link, which never reaches the person who invites them (`hand_out`). Programs get a key that is
//! shown only once.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::api_keys::{Powers, add_key, end_of_key, within_own};
use super::credentials::{check_email_is_free, is_founder, user_row};
use super::fresh_code::FreshCode;
use super::hand_out::{Way, bind, deliver};
use super::roles_and_scopes::{check_roles, check_scopes};
use super::{ApiKey, NewUser, Reach, User, fresh_code, grants, tell, view};
use crate::acts::{Act, CallerNetwork, Deed, Identity, Reply};
use crate::node::ServiceError;
use crate::sign_in::SecondFactor;
use crate::sign_in::enrolment::EnrolmentLink;
use vasp_record::role::{Role, Scope, UserKind, UserState};
use vasp_store::{Organisation, Transaction, UserRow};
use vasp_words::ids::{OrganisationId, UserId};
use vasp_words::time::UtcTime;

/// A person to invite.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InviteUser)]
pub struct Invitation {
    /// 1 to 200 characters.
    pub name: String,
    /// The address with which the person signs in; no other user may have it.
    #[schema(example = "ada@example.org")]
    pub email: String,
    /// Any of `reviewer`, `approver`, `admin` (operators), `editor` (members), `compliance`, `senior_management`, `admin` (members and
    /// gateways). Roles in an operator's organisation, `compliance` and `senior_management` wait for a second person.
    #[schema(value_type = Vec<String>, example = json!(["editor"]))]
    pub roles: Vec<Role>,
    /// The account at an OpenID provider with which the person signs in, without a link. Null: the person redeems a link.
    pub account: Option<InvitedAccount>,
}

/// A person's account at an OpenID provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitedAccount {
    /// The provider's name in this registry, as `GET /v1/session/oidc` lists it.
    #[schema(example = "example")]
    pub provider: String,
    /// The provider's name for the account (`sub`), 1 to 255 characters.
    pub subject: String,
}

/// A program to add to your organisation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddMachine)]
pub struct NewMachine {
    /// 1 to 200 characters.
    pub name: String,
    /// What its first key may do.
    #[schema(value_type = Vec<String>, example = json!(["resolve", "precheck"]))]
    pub scopes: Vec<Scope>,
    /// When its first key expires; for a program of an operator, within 90 days. Null: after 90 days for operators, never for others.
    pub expires_at: Option<UtcTime>,
    /// Any of `editor` (members), `compliance`, `admin` (members, gateways). No roles by default.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!([]), required = false)]
    pub roles: Vec<Role>,
    /// For users of an operator: the current code of your authenticator app.
    #[schema(example = "287082")]
    pub totp: Option<String>,
    /// For users of an operator: a recovery code instead of `totp`.
    pub recovery_code: Option<String>,
}

/// An invited person.
#[derive(Clone, PartialEq, Eq)]
pub struct Invited {
    /// The user, with the proposal about the link, if one waits.
    pub user: User,
    /// The link, if the caller hands it out; else `None`.
    pub link: Option<EnrolmentLink>,
    /// Whether the link goes to the person by mail.
    pub mailed: bool,
}

/// A program with its first key.
#[derive(Clone, PartialEq, Eq)]
pub struct MachineMade {
    /// The user.
    pub user: User,
    /// Its key.
    pub key: ApiKey,
    /// The whole key, as a client sends it.
    pub secret: String,
}

/// Adds a person, who must redeem a one-time link before acting.
///
/// # Errors
/// `ServiceError::NotFound` for an organisation out of reach, `IllegalStep` for a closed one, `Invalid`, `Conflict` for an e-mail
/// address or account in use; `SessionNeeded`; `Mail` if the person is invited but the mail was not sent; and those of [`Act::run`].
pub fn invite_user(act: Act<'_, Invited>, organisation: OrganisationId, new: Invitation) -> Result<Reply, ServiceError> {
    let (registry, mut mail) = (act.registry, None);
    let reply = act.run("user.invite", |transaction, identity| {
        transaction.lock_credentials()?;
        let organisation = Reach::of(identity).open_organisation(transaction.conn(), identity, organisation)?;
        let user = NewUser { name: new.name, email: Some(new.email), kind: UserKind::Person, roles: new.roles };
        let row = add_user(transaction, identity, &organisation, &user, UserState::Invited)?;
        if let Some(account) = &new.account {
            bind(registry, transaction, row.id, account)?;
        }
        let bound = new.account.as_ref().map(|account| &account.provider);
        let details =
            json!({"organisation": organisation.id, "roles": user.roles, "founder": row.founder.0, "account_at": bound});
        tell(transaction, identity, organisation.id, "user.invite", row.id, &details);
        let way = Way { registry, mail: &mut mail };
        Ok(Deed::new(way.send(transaction, identity, &row)?, row.id, details))
    })?;
    deliver(registry, mail)?;
    Ok(reply)
}

/// Sends a new link to a person who has not redeemed one, in the same way as the first. The earlier link stops working. Only the inviter
/// may ask: somebody who was handed a link must not decide on the next one.
///
/// # Errors
/// `ServiceError::NotFound`; `Forbidden` for callers other than the inviter; `IllegalStep` if the person is no longer invited, or needs
/// no link; `SessionNeeded`, `Mail`; and those of [`Act::run`].
pub fn invite_again(act: Act<'_, Invited>, id: UserId) -> Result<Reply, ServiceError> {
    let (registry, mut mail) = (act.registry, None);
    let reply = act.run("user.invite_again", |transaction, identity| {
        transaction.lock_credentials()?;
        let (row, organisation) = Reach::of(identity).user(transaction.conn(), identity, id)?;
        if row.state != UserState::Invited {
            return Err(ServiceError::IllegalStep(format!("The user does not need a link: the user is {}.", row.state)));
        }
        if row.created_by != Some(identity.user) {
            let detail = "Only the person who sent the invitation can create another link. Disable the user, and invite the \
                          person yourself.";
            return Err(ServiceError::Forbidden(detail.to_owned()));
        }
        if !transaction.conn().oidc_links_of(id)?.is_empty() {
            return Err(ServiceError::IllegalStep(
                "The person signs in with an account at a provider and does not need a link.".to_owned(),
            ));
        }
        tell(transaction, identity, organisation.id, "user.invite_again", id, &json!({}));
        let way = Way { registry, mail: &mut mail };
        Ok(Deed::new(way.send(transaction, identity, &row)?, id, json!({})))
    })?;
    deliver(registry, mail)?;
    Ok(reply)
}

/// Adds a program with its first key.
///
/// # Errors
/// `ServiceError::NotFound` for an organisation out of reach, `IllegalStep` for a closed one, `Invalid`; `Forbidden` for scopes
/// beyond those of the caller's own credential in its own organisation; and those of [`Act::run`].
pub fn add_machine(
    mut act: Act<'_, MachineMade>,
    organisation: OrganisationId,
    (new, from): (NewMachine, Option<CallerNetwork>),
) -> Result<Reply, ServiceError> {
    let code = FreshCode { second: SecondFactor::of(new.totp, new.recovery_code)?, from };
    let kind = act
        .registry
        .store()
        .read(|conn| Ok::<_, ServiceError>(Reach::of(act.identity).organisation(conn, act.identity, organisation)?.kind))?;
    if let Some(kept) = fresh_code::use_up(&mut act, kind, &code)? {
        return Ok(kept);
    }
    let environment = act.registry.environment();
    act.run("machine_user.create", |transaction, identity| {
        transaction.lock_credentials()?;
        let organisation = Reach::of(identity).open_organisation(transaction.conn(), identity, organisation)?;
        check_scopes(&organisation, &new.scopes)?;
        let expires_at = end_of_key(transaction, identity, organisation.kind, new.expires_at)?;
        let powers = Powers { scopes: &new.scopes, expires_at, certificate: None, origins: None };
        if organisation.id == identity.organisation {
            within_own(transaction.conn(), identity, powers)?;
        }
        let user = NewUser { name: new.name, email: None, kind: UserKind::Machine, roles: new.roles };
        let row = add_user(transaction, identity, &organisation, &user, UserState::Active)?;
        let (key, secret) = add_key(transaction, identity, row.id, String::new(), environment, powers)?;
        let details = json!({"organisation": organisation.id, "roles": user.roles, "scopes": new.scopes, "key": key.id});
        tell(transaction, identity, organisation.id, "machine_user.create", row.id, &details);
        let made = MachineMade {
            user: grants::held(transaction, identity, &row)?,
            key: view::one_key(transaction.conn(), identity, key)?,
            secret,
        };
        Ok(Deed::new(made, row.id, details))
    })
}

fn add_user(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    organisation: &Organisation,
    user: &NewUser,
    state: UserState,
) -> Result<UserRow, ServiceError> {
    check_roles(organisation, user)?;
    let now = transaction.now();
    let id = UserId::new(now, transaction.conn_and_rng().1);
    let row = UserRow {
        created_with: Some(identity.credential),
        ..user_row(id, organisation.id, user, state, Some(identity.user), now)?
    };
    let row = UserRow { founder: is_founder(transaction.conn(), &row)?, ..row };
    check_email_is_free(transaction, &row)?;
    transaction.add_user(&row)?;
    let mut roles = user.roles.clone();
    roles.sort();
    roles.dedup();
    grants::give(transaction, identity, &row, organisation.kind, roles)?;
    Ok(row)
}
