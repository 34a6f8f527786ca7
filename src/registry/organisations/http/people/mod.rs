//! What the member and operator routes about users share: request bodies, and how answers are rendered.

pub(crate) mod views;

use actix_web::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::acts::Reply;
use crate::http::write::reply;
use crate::organisations::{Invited, MachineMade, NewMachine, User, UserChange};
use vasp_record::role::{Role, Scope};
use vasp_words::time::UtcTime;
use views::{InvitedView, MachineMadeView, UserView};

/// The error text for a missing user.
pub(crate) const NO_USER: &str = "There is no such user.";

/// The complete list of roles that a user is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserRoles {
    /// Roles left out end at once. New roles that need two people wait for the second person.
    #[schema(value_type = Vec<String>, example = json!(["reviewer"]))]
    roles: Vec<Role>,
}

/// A program to add to an organisation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddMachineTo {
    /// Id of the organisation.
    pub(crate) organisation: String,
    /// 1 to 200 characters.
    name: String,
    /// What its first key may do.
    #[schema(value_type = Vec<String>, example = json!(["resolve", "precheck"]))]
    scopes: Vec<Scope>,
    /// When its first key expires; for a program of an operator, within 90 days. Null: after 90 days for operators, never for others.
    expires_at: Option<UtcTime>,
    /// Any of `editor` (members), `compliance`, `admin` (members, gateways). No roles by default.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!([]), required = false)]
    roles: Vec<Role>,
    /// For a program of an operator: the current code of your authenticator app.
    #[schema(example = "287082")]
    totp: Option<String>,
    /// For a program of an operator: a recovery code instead of `totp`.
    recovery_code: Option<String>,
}

impl From<UserRoles> for UserChange {
    fn from(sent: UserRoles) -> Self {
        Self { name: None, roles: Some(sent.roles) }
    }
}

impl From<AddMachineTo> for NewMachine {
    fn from(sent: AddMachineTo) -> Self {
        let AddMachineTo { organisation: _, name, scopes, expires_at, roles, totp, recovery_code } = sent;
        Self { name, scopes, roles, expires_at, totp, recovery_code }
    }
}

/// Renders a user.
pub(crate) fn user(user: &User) -> Reply {
    reply(StatusCode::OK, Some(user.row.version.to_string()), UserView::from(user.clone()))
}

/// Renders an invited person.
pub(crate) fn invited(invited: &Invited) -> Reply {
    reply(StatusCode::CREATED, Some(invited.user.row.version.to_string()), InvitedView::from(invited.clone()))
}

/// Renders an invited person after a decision on the link.
pub(crate) fn handed_out(invited: &Invited) -> Reply {
    reply(StatusCode::OK, Some(invited.user.row.version.to_string()), InvitedView::from(invited.clone()))
}

/// Renders a new program.
pub(crate) fn machine(made: &MachineMade) -> Reply {
    let MachineMade { user, key, secret } = made.clone();
    let version = user.row.version.to_string();
    let view = MachineMadeView { user: user.into(), api_key: key, secret, secret_already_shown: false };
    reply(StatusCode::CREATED, Some(version), view)
}
