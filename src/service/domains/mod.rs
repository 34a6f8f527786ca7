//! A member's domains: challenge, look, proof, loss. A proof becomes a fact of the record once the record is the member's own;
//! before that it is kept and taken up by the approval. Callers are `api` and `jobs`.

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

pub use approval::{proven_domains, take_up_domains};
pub use challenge::{NewDomain, challenge_domain};
pub use read::{list_domains, read_domain};
pub use recheck::recheck_due_domains;
pub use verify::verify_domain;
pub use withdraw::withdraw_domain;

use super::member::own_submission;
use super::{Fault, Identity, ServiceError};
use vasp_record::dns_answer::DnssecStatus;
use vasp_record::domain_look::DomainLook;
use vasp_record::domain_proof::{Challenge, ProofMethod};
use vasp_record::domain_standing::{DomainState, Standing};
use vasp_record::vasp::DomainScope;
use vasp_store::{Conn, MemberDomainRow, StoreError};
use vasp_words::host::Host;
use vasp_words::time::UtcTime;

/// Who says what a member proved.
const ORIGIN: &str = "member";

/// A domain that a member says is its VASP's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDomain {
    /// What is to be published.
    pub challenge: Challenge,
    /// Whether hosts below it count too.
    pub covers_subdomains: bool,
    /// Where it stands.
    pub standing: Standing,
    /// How it was proven last, and what the DNS answer's signatures proved.
    pub proof: Option<(ProofMethod, Option<DnssecStatus>)>,
    /// When it was looked at last, and what was seen.
    pub last_look: Option<(UtcTime, DomainLook)>,
    /// Version of the row.
    pub version: i64,
}

impl MemberDomain {
    /// Reads a row.
    fn read(row: &MemberDomainRow) -> Result<Self, ServiceError> {
        let wrong = |column| {
            ServiceError::Store(StoreError::Inconsistent {
                table: "member_domains",
                column,
                id: format!("{} {}", row.vasp, row.domain),
            })
        };
        let at = |micros: i64, column| UtcTime::from_micros(micros).map_err(|_| wrong(column));
        let maybe = |micros: Option<i64>, column| micros.map(|micros| at(micros, column)).transpose();
        let challenge = Challenge {
            domain: row.domain.parse().map_err(|_| wrong("domain"))?,
            token: row.token.parse().map_err(|_| wrong("token"))?,
            expires_at: at(row.expires_at, "expires_at")?,
        };
        let standing = Standing {
            state: DomainState::from_text(&row.state).ok_or_else(|| wrong("state"))?,
            proven_at: maybe(row.proven_at, "proven_at")?,
            failing_since: maybe(row.failing_since, "failing_since")?,
            next_look_at: maybe(row.next_look_at, "next_look_at")?,
        };
        let method = row.proven_by.as_deref().map(|text| ProofMethod::from_text(text).ok_or_else(|| wrong("proven_by")));
        let dnssec =
            row.dnssec.as_deref().map(|text| DnssecStatus::from_text(text).ok_or_else(|| wrong("dnssec"))).transpose()?;
        let seen = row.last_look.as_deref().map(|text| serde_json::from_str(text).map_err(|_| wrong("last_look"))).transpose()?;
        Ok(Self {
            challenge,
            covers_subdomains: row.covers_subdomains,
            standing,
            proof: method.transpose()?.map(|method| (method, dnssec)),
            last_look: maybe(row.last_look_at, "last_look_at")?.zip(seen),
            version: row.version,
        })
    }
}

/// Returns the public id of the VASP that the caller's organisation keeps: the record it writes, else its own.
fn own_vasp(conn: &mut Conn, identity: &Identity) -> Result<Option<String>, ServiceError> {
    let submission = own_submission(conn, identity)?;
    Ok(submission.map(|row| row.vasp).or_else(|| identity.vasp.map(|id| id.to_string())))
}

/// Returns a domain of the caller's VASP that its own organisation asked for. A record that somebody else asked to adopt before
/// may have domains of theirs: they prove nothing for the caller, and are not shown to it.
fn own_row(conn: &mut Conn, identity: &Identity, domain: &Host) -> Result<Option<MemberDomainRow>, ServiceError> {
    let Some(vasp) = own_vasp(conn, identity)? else { return Ok(None) };
    let row = conn.member_domain(&vasp, domain.as_str())?;
    Ok(row.filter(|row| row.organisation == identity.organisation.to_string()))
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
fn details(vasp: &str, domain: &Host) -> Value {
    json!({"vasp": vasp, "domain": domain.as_str()})
}

/// The value of a `domain_scope` fact.
fn scope(covers_subdomains: bool) -> DomainScope {
    if covers_subdomains { DomainScope::Subdomains } else { DomainScope::Host }
}
