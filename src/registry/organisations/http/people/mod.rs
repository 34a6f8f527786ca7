//! How the routes about users render their answers.

pub(crate) mod views;

use crate::acts::Reply;
use crate::http::write::reply;
use crate::organisations::{Invited, MachineMade, User};
use actix_web::http::StatusCode;
use views::{InvitedView, MachineMadeView, UserView};

/// The error text for a missing user.
pub(crate) const NO_USER: &str = "There is no such user.";

/// Renders a user.
pub(crate) fn user(user: &User) -> Reply {
    reply(StatusCode::OK, Some(user.row.version.to_string()), UserView::from(user.clone()))
}

/// Renders an invited person.
pub(crate) fn invited(invited: &Invited) -> Reply {
    reply(StatusCode::CREATED, Some(invited.user.row.version.to_string()), InvitedView::from(invited.clone()))
}

/// Renders a new program.
pub(crate) fn machine(made: &MachineMade) -> Reply {
    let MachineMade { user, key, secret } = made.clone();
    let version = user.row.version.to_string();
    let view = MachineMadeView { user: user.into(), api_key: key, secret, secret_already_shown: false };
    reply(StatusCode::CREATED, Some(version), view)
}
