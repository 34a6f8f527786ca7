//! A member's domains: challenge, check, proof and loss. A proof becomes a fact of the record if the record is the member's own.
//! Before that, the proof is only stored, and the approval of the record turns it into a fact. The routes and `job` call this module.
//!
//! A check holds no transaction. `vasp_outbound` asks every resolver separately and validates DNSSEC in this process.
//! `vasp_record::dns_answer` decides whether the answers together prove anything: at least two must be alike, none different and none
//! bogus. A well-known file is fetched only from checked addresses. `settle` then writes all results in one transaction: the row, the
//! facts with their valid time, the evidence that lasts 30 days, and a case if one is needed. A node takes a due check by a
//! conditional update, so that only one of several nodes makes it.

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
pub use read::{find_domain, list_domains};
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

/// Origin of the facts that a member proved.
const ORIGIN: &str = "member";

/// Returns the VASP of the caller's organisation: the one of its submission if it has one, otherwise its own.
fn own_vasp(conn: &mut Conn, identity: &Identity) -> Result<Option<VaspId>, ServiceError> {
    let submission = conn.kept_record_of(identity.organisation)?;
    Ok(submission.map(|row| row.vasp).or(identity.vasp))
}

/// Returns a domain of the caller's VASP that the caller's organisation asked for. Other organisations that ask to adopt the same
/// record have their own domains. Those prove nothing for the caller and are not shown to it.
fn own_row(conn: &mut Conn, identity: &Identity, domain: &Host) -> Result<Option<MemberDomain>, ServiceError> {
    let Some(vasp) = own_vasp(conn, identity)? else { return Ok(None) };
    Ok(conn.member_domain(vasp, identity.organisation, domain)?)
}

/// Returns the error for an unknown domain. It is the same for another organisation's domain.
fn not_found() -> ServiceError {
    ServiceError::NotFound("The VASP has no such domain.".to_owned())
}

/// Returns the error for a conflict about a domain.
fn conflict(code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Conflict(Fault { pointer: "/domain".to_owned(), code, detail: detail.into() })
}

/// Returns the details about a domain for the audit chain.
fn details(vasp: VaspId, domain: &Host) -> Value {
    json!({"vasp": vasp, "domain": domain.as_str()})
}

/// Returns the value of a `domain_scope` fact.
fn scope(covers_subdomains: bool) -> DomainScope {
    if covers_subdomains { DomainScope::Subdomains } else { DomainScope::Host }
}
