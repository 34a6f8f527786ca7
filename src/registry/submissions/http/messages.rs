//! `/v1/vasps/{vasp}/messages`: what the member and the registry write to each other about the open case.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::MessageListView;
use crate::http::blocking::blocking;
use crate::http::paths::VaspPath;
use crate::http::permission::{MemberEdit, MemberRead};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::submissions;
use crate::submissions::CaseMessage;
use vasp_routing::{get, post};

/// A message to the registry.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = MessageInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageInput {
    /// The text, 1 to 10,000 characters.
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
}

/// List the messages about the open case of your VASP.
#[utoipa::path(tag = "vasps", params(VaspPath), responses((status = 200, description = "The messages, oldest first", body = MessageListView), Problems))]
#[get("/v1/vasps/{vasp}/messages")]
pub(crate) async fn list_messages(who: Caller<MemberRead>, path: Path<VaspPath>, app: Data<App>) -> Result<Answer, Problem> {
    let (registry, identity) = (app.registry.clone(), who.known()?);
    path.vasp.own(&app, &identity).await?;
    let messages = blocking(move || submissions::read_messages(&registry, &identity)).await?;
    Ok(Answer(reply(StatusCode::OK, None, MessageListView::from(messages))))
}

/// Send a message to the registry about the open case of your VASP.
#[utoipa::path(tag = "vasps", params(VaspPath), request_body = MessageInput, responses((status = 201, description = "The message", body = CaseMessage), Problems))]
#[post("/v1/vasps/{vasp}/messages")]
pub(crate) async fn create_message(
    who: Caller<MemberEdit>,
    path: Path<VaspPath>,
    sent: Sent<MessageInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, text) = (who.known()?, sent.body.text);
    path.vasp.own(&app, &identity).await?;
    let render = |message: &CaseMessage| reply(StatusCode::CREATED, None, message);
    act(&app, identity, sent.once, render, move |act| submissions::send_message(act, &text)).await
}
