//! Shared parts of plain lists: their query, their page, and ids in paths.

use std::fmt::Display;
use std::str::FromStr;

use actix_web::http::StatusCode;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::IntoParams;

use super::caller::check;
use super::paging::{Cursor, Limit, cursor};
use super::permission::OperatorAdmin;
use super::write::{Answer, reply};
use super::{Problem, ProblemCode};
use crate::acts::Identity;
use crate::node::Page;
use vasp_words::ids::OrganisationId;

/// Query of a list: which page of it to return.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// Query of a list that operators may also ask of others.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListOfQuery {
    /// For operators: the id of an organisation, or `all`. Your own organisation if left out.
    #[param(value_type = Option<String>)]
    pub(crate) organisation: Option<Whose>,
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// Query of a creation that operators may also make for others.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ForQuery {
    /// For operators: the id of an organisation. Your own organisation if left out.
    #[param(value_type = Option<String>)]
    pub(crate) organisation: Option<OrganisationId>,
}

/// Whose things an operator asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// An organisation's.
    One(OrganisationId),
    /// Everybody's.
    All,
}

impl FromStr for Whose {
    type Err = <OrganisationId as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" { Ok(Self::All) } else { text.parse().map(Self::One) }
    }
}

impl<'de> Deserialize<'de> for Whose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Whose {
    /// Returns the organisation that a caller asks about; `None` for all.
    ///
    /// # Errors
    /// `Problem` 403 if a caller who is no admin of the registry names one.
    pub(crate) fn of(named: Option<Self>, identity: &Identity) -> Result<Option<OrganisationId>, Problem> {
        match named {
            None => Ok(Some(identity.organisation)),
            Some(whose) => check::<OperatorAdmin>(identity).map(|()| match whose {
                Self::One(organisation) => Some(organisation),
                Self::All => None,
            }),
        }
    }
}

impl ListOfQuery {
    /// Returns the id after which the page begins, and its length.
    pub(crate) fn part(self) -> (String, usize) {
        (after(self.cursor), Limit::or_default(self.limit))
    }
}

impl ListQuery {
    /// Returns the id after which the page begins, and its length.
    pub(crate) fn part(self) -> (String, usize) {
        (after(self.cursor), Limit::or_default(self.limit))
    }
}

/// Returns the id after which a page begins. A text that is not an id selects the start or the end of the list.
pub(crate) fn after(cursor: Option<Cursor<String>>) -> String {
    let after = cursor.map(|cursor| cursor.0).unwrap_or_default();
    if after.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') { after } else { String::new() }
}

/// A page, with its items as the API shows them.
#[derive(Serialize)]
struct PageView<V> {
    items: Vec<V>,
    next_cursor: Option<String>,
}

/// Makes the answer for one page.
pub(crate) fn page<T, V: Serialize + From<T>>(page: Page<T, impl Display>) -> Answer {
    let next_cursor = page.next.as_ref().map(cursor);
    let items: Vec<V> = page.items.into_iter().map(V::from).collect();
    Answer(reply(StatusCode::OK, None, PageView { items, next_cursor }))
}

/// Declares the page types for OpenAPI.
macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident as $schema:ident of $item:ty;)*) => {$(
        $(#[$doc])*
        #[derive(utoipa::ToSchema)]
        #[schema(as = $schema)]
        #[expect(dead_code, reason = "only its description is used; every page is written by `listing::page`")]
        pub(crate) struct $name {
            items: Vec<$item>,
            /// Send it as `cursor` to get the next page; null if this is the last page.
            next_cursor: Option<String>,
        }
    )*};
}
pub(crate) use pages;

/// Reads an id from a path. A text that cannot be an id gets the same 404 as an id that does not exist.
pub(crate) fn id_in_path<I: FromStr>(text: &str, missing: &'static str) -> Result<I, Problem> {
    text.parse().map_err(|_| Problem::new(ProblemCode::NotFound, missing))
}
