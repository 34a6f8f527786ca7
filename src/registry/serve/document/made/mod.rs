//! Makes the OpenAPI document. `utoipa` makes it from the handlers, and the extractors of each handler add what they ask for; what is the
//! same everywhere is added here. Only a program with the feature `describe` has this.

mod answers;
mod examples;
mod ids;
mod in_place;
mod inputs;
mod responses;
mod shared;
mod texts;
mod variants;
mod webhooks;

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{Components, Server, Tag};

use super::super::{HANDLERS, Routes};
use super::METHODS;
use crate::http::access::security_schemes;

/// The prefix of a schema's name in a reference.
const SCHEMAS: &str = "#/components/schemas/";

/// Returns the document.
pub(super) fn describe() -> Value {
    let mut document = Routes::openapi();
    document.info.title = "VASP registry".to_owned();
    document.info.description = Some(
        "A counterparty VASP directory and discovery registry for the crypto Travel Rule. Every answer echoes `X-Request-Id`; \
         every error is an RFC 9457 problem whose `type` leads to a page that explains it. Treat a value that you do not know as `hold`: \
         lists with `x-extensible-enum` may get new values. Answers may get new members. Amounts are decimal strings; times are \
         RFC 3339 strings in UTC. A GET that answers with `items` sends them as CSV to a caller that prefers `text/csv`; `Link` then leads to \
         the next page."
            .to_owned(),
    );
    let mut server = Server::new("/");
    server.description = Some("The server that you got this document from.".to_owned());
    document.servers = Some(vec![server]);
    document.tags = Some(tags());
    describe_extractors(&mut document);
    let components = document.components.get_or_insert_with(Components::new);
    for (name, scheme) in security_schemes() {
        components.add_security_scheme(name, scheme);
    }
    responses::describe(&mut document);
    texts::settle(&mut document);
    // Serialising a document of texts, numbers and lists does not fail.
    let mut document = serde_json::to_value(document).unwrap_or_default();
    webhooks::add(&mut document);
    ids::add_patterns(&mut document);
    ids::add_cursor_patterns(&mut document);
    variants::name(&mut document);
    responses::name_problems(&mut document);
    inputs::part(&mut document);
    answers::settle(&mut document);
    in_place::settle(&mut document);
    examples::add(&mut document);
    shared::share_headers(&mut document);
    document
}

/// Adds what the extractors of each handler ask for.
fn describe_extractors(document: &mut utoipa::openapi::OpenApi) {
    let handlers: BTreeMap<&str, fn(&mut Operation)> = HANDLERS.iter().copied().collect();
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        if let Some(describe) = operation.operation_id.as_deref().and_then(|id| handlers.get(id)) {
            describe(operation);
        }
        // A handler without any credentials in its signature is open to everybody.
        operation.security.get_or_insert_default();
    }
}

/// Returns the operations of a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// Calls `edit` with every operation of the document: its path, and its members.
fn each_operation(document: &mut Value, mut edit: impl FnMut(&str, &mut Map<String, Value>)) {
    let Some(Value::Object(paths)) = document.get_mut("paths") else { return };
    for (path, item) in paths {
        for method in METHODS {
            if let Some(Value::Object(operation)) = item.get_mut(method) {
                edit(path, operation);
            }
        }
    }
}

/// Returns the document's schemas, by name.
fn schemas(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.get_mut("components")?.get_mut("schemas")?.as_object_mut()
}

/// Calls `edit` with every object inside a JSON value, the inner ones first.
fn each_object(value: &mut Value, edit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|member| each_object(member, edit));
            edit(members);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, edit)),
        _ => {}
    }
}

/// Returns the topics of the routes, in the order of the documentation.
fn tags() -> Vec<Tag> {
    vec![
        tag("resolve", "Who owns an address, Travel Address, domain, LEI or id"),
        tag("prechecks", "May we deal with them, on this date, for this transfer"),
        tag("log", "The change log with its proofs, and the keys that sign"),
        tag("ca", "The registry's certificate authority: its certificates and CRLs"),
        tag("vasps", "The directory: records of VASPs and their history"),
        tag("protocols", "Travel Rule protocols and what an endpoint of each needs"),
        tag("networks", "Blockchain networks and what is known of them"),
        tag("rules", "Travel Rule duties by jurisdiction and date, and the lists of FATF and the EU"),
        tag("session", "People: signing in and out, passwords, second factors, enrolment"),
        tag(
            "member",
            "What a VASP maintains itself: its record, domains, endpoints, claims, documents, users, delegations, keys and certificates",
        ),
        tag("policies", "How an organisation judges a pre-check's findings: its policies, their versions and proposals"),
        tag("proposals", "What two people decide: waiting and decided, of every kind"),
        tag("people", "Users and programs of an organisation, and the audit chain"),
        tag("watch", "Alerts about counterparties that an organisation relied on, and webhooks"),
        tag("operator", "The registry's own work: cases, organisations, users and roles, audit"),
        tag("sandbox", "What only a sandbox has: its catalogue, its clock, names under `.test`"),
        tag("service", "The server itself: health, readiness, documentation"),
    ]
}

fn tag(name: &str, description: &str) -> Tag {
    let mut tag = Tag::new(name);
    tag.description = Some(description.to_owned());
    tag
}
