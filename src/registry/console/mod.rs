//! The console: pages on which people do the daily work. It is a client of the registry's own API, inside the same process (`api`): a page
//! reads what operations answer, and a form sends one operation. So nothing can be done here that the API refuses, permissions and rules
//! are written once, and a refusal is shown in the API's words at the field that it names.
//!
//! How a page goes: `visit` knows the session of its cookie and whether the permission of the page's type is there. A function of a page
//! reads documents through a `Desk` and returns a `Sheet`: rows, tables and forms as data, which one template renders. A form is made from
//! the OpenAPI document (`operation`), with the fields of the operation's body. A form that was sent makes the page anew first (`send`): if
//! what the person saw has changed meanwhile, nothing is sent, and the page marks what is new.

mod api;
mod cookies;
mod field;
mod find;
mod form;
mod names;
mod operation;
mod send;
mod sheet;
mod shown;
mod top;
mod visit;

pub(crate) mod pages;
pub(crate) mod sign_in;

pub(crate) use api::Api;
pub(crate) use find::find;
