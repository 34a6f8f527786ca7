//! Creates a challenge for a domain that a member claims to own.

use super::{conflict, details, own_vasp};
use crate::acts::{Act, Deed, Reply};
use crate::node::{ServiceError, invalid, no_vasp};
use vasp_record::domain_proof::{Challenge, check_provable};
use vasp_record::domain_standing::{DomainState, Standing};
use vasp_store::{DeclaredBy, MemberDomain};
use vasp_words::host::Host;

/// Most domains of a VASP, not counting withdrawn ones. The bound is our own, because each domain is checked daily.
const MOST_DOMAINS: usize = 100;

/// A domain to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDomain {
    /// The domain.
    pub domain: Host,
    /// Whether hosts below it are to belong to the VASP too.
    pub covers_subdomains: bool,
}

/// Creates a challenge. It replaces a pending, lost or withdrawn one of the same domain.
///
/// # Errors
/// `ServiceError::Invalid` for a platform's host; `Conflict` if the domain is proven already, if the organisation keeps no record, or
/// if there are too many domains; `Store`.
pub fn challenge_domain(act: Act<'_, MemberDomain>, new: NewDomain) -> Result<Reply, ServiceError> {
    let platforms = act.registry.pin(act.now);
    check_provable(&new.domain, &platforms.documents().platforms.value)
        .map_err(|unprovable| invalid("/domain", "platform_host", unprovable.to_string()))?;
    act.run("domain.challenge", |transaction, identity| {
        let now = transaction.now();
        let vasp = own_vasp(transaction.conn(), identity)?.ok_or_else(no_vasp)?;
        // Other requests that add a domain to this record wait here.
        transaction.lock_submission(vasp)?;
        let known = transaction.lock_member_domain(DeclaredBy { organisation: identity.organisation, vasp }, &new.domain)?;
        let challenge = Challenge::draw(new.domain.clone(), now, transaction.conn_and_rng().1);
        let row = MemberDomain {
            vasp,
            domain: new.domain.clone(),
            organisation: identity.organisation,
            covers_subdomains: new.covers_subdomains,
            token: challenge.token,
            state: DomainState::Pending,
            version: known.as_ref().map_or(1, |row| row.version + 1),
            created_at: known.as_ref().map_or(now, |row| row.created_at),
            updated_at: now,
            expires_at: challenge.expires_at,
            proven_at: None,
            proven_by: None,
            dnssec: None,
            failing_since: None,
            next_look_at: Standing::PENDING.next_look_at,
            last_look_at: known.as_ref().and_then(|row| row.last_look_at),
            last_look: None,
            evidence: None,
        };
        match known {
            Some(known) if known.state.counts() => {
                let detail =
                    "The domain is already proven. To change whether it covers subdomains, withdraw it and prove it again.";
                return Err(conflict("already_proven", detail));
            }
            Some(_) => transaction.change_member_domain(&row)?,
            None => {
                let all = transaction.conn().member_domains_of(row.declared_by())?;
                let kept = |known: &&MemberDomain| known.state != DomainState::Withdrawn;
                if all.iter().filter(kept).count() >= MOST_DOMAINS {
                    return Err(conflict("too_many", format!("A VASP has at most {MOST_DOMAINS} domains; withdraw one first.")));
                }
                transaction.add_member_domain(&row)?;
            }
        }
        Ok(Deed::new(row, &new.domain, details(vasp, &new.domain)))
    })
}
