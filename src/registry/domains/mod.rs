//! A member's domains: challenge, look, proof, loss. A proof becomes a fact of the record once the record is the member's own;
//! before that it is kept and taken up by the approval. Called by its routes and by `job`.
//!
//! How a look goes: it holds no transaction. `vasp_outbound` asks every resolver by itself and validates DNSSEC here;
//! `vasp_record::dns_answer` decides whether the answers together prove anything (at least two alike, none different, none bogus); a
//! well-known file is fetched from checked addresses only. `settle` then does all that follows in one transaction: the row, the facts with
//! their valid time, the evidence that lasts 30 days, and a case where one is needed. What is due is taken by a conditional update, so that
//! several nodes look once.

pub(crate) mod http;
pub(crate) mod job;
pub mod paths;
pub use job::recheck_domains;
mod approval;
mod challenge;
mod look;
mod read;
mod recheck;
mod settle;
mod tell;
mod verify;
mod withdraw;

use serde_json::{Value, json};

pub use approval::{give_up_domains, proven_domains, take_up_domains};
pub use challenge::{NewDomain, challenge_domain};
pub use read::{list_domains, read_domain};
pub use recheck::recheck_due_domains;
pub use vasp_store::MemberDomain;
pub use verify::verify_domain;
pub use withdraw::withdraw_domain;

use crate::acts::Identity;
use crate::node::{Fault, ServiceError};
use vasp_record::vasp::DomainScope;
use vasp_store::Conn;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;

/// Who says what a member proved.
const ORIGIN: &str = "member";

/// Returns the VASP that the caller's organisation keeps: the record it writes, else its own.
fn own_vasp(conn: &mut Conn, identity: &Identity) -> Result<Option<VaspId>, ServiceError> {
    let submission = conn.kept_record_of(identity.organisation)?;
    Ok(submission.map(|row| row.vasp).or(identity.vasp))
}

/// Returns a domain of the caller's VASP that its own organisation asked for. Others that ask to adopt the same record have domains of
/// their own: they prove nothing for the caller, and are not shown to it.
fn own_row(conn: &mut Conn, identity: &Identity, domain: &Host) -> Result<Option<MemberDomain>, ServiceError> {
    let Some(vasp) = own_vasp(conn, identity)? else { return Ok(None) };
    Ok(conn.member_domain((vasp, identity.organisation), domain)?)
}

/// There is no such domain, or it is another's: the same words for both.
fn not_found() -> ServiceError {
    ServiceError::NotFound("Your VASP has no such domain here.".to_owned())
}

/// A conflict about a domain.
fn conflict(code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Conflict(Fault { pointer: "/domain".to_owned(), code, detail: detail.into() })
}

/// What the audit chain says of a domain.
fn details(vasp: VaspId, domain: &Host) -> Value {
    json!({"vasp": vasp, "domain": domain.as_str()})
}

/// The value of a `domain_scope` fact.
fn scope(covers_subdomains: bool) -> DomainScope {
    if covers_subdomains { DomainScope::Subdomains } else { DomainScope::Host }
}
