//! What the member's and the operator's routes about users share: what is sent, and how answers are rendered.

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

/// What a user that is not there is answered with.
pub(crate) const NO_USER: &str = "There is no such user.";

/// All roles that a user is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserRoles {
    /// Those left out end at once; new ones that take two people wait for the second.
    #[schema(value_type = Vec<String>, example = json!(["reviewer"]))]
    roles: Vec<Role>,
}

/// A program to be added to an organisation.
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
    /// When its first key expires; an operator's within 90 days. Null: after 90 days for operators, never for others.
    expires_at: Option<UtcTime>,
    /// Of `editor` (members), `compliance`, `admin` (members, gateways); none without.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!([]), required = false)]
    roles: Vec<Role>,
    /// For a program of an operator: the code that the caller's app shows.
    #[schema(example = "287082")]
    totp: Option<String>,
    /// For a program of an operator: a recovery code in its place.
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

/// Answers with a user.
pub(crate) fn user(user: &User) -> Reply {
    reply(StatusCode::OK, Some(user.row.version.to_string()), UserView::from(user.clone()))
}

/// Answers with an invited person.
pub(crate) fn invited(invited: &Invited) -> Reply {
    reply(StatusCode::CREATED, Some(invited.user.row.version.to_string()), InvitedView::from(invited.clone()))
}

/// Answers with what became of an invited person's link.
pub(crate) fn handed_out(invited: &Invited) -> Reply {
    reply(StatusCode::OK, Some(invited.user.row.version.to_string()), InvitedView::from(invited.clone()))
}

/// Answers with a new program.
pub(crate) fn machine(made: &MachineMade) -> Reply {
    let MachineMade { user, key, secret } = made.clone();
    let version = user.row.version.to_string();
    let view = MachineMadeView { user: user.into(), api_key: key, secret, secret_already_shown: false };
    reply(StatusCode::CREATED, Some(version), view)
}
