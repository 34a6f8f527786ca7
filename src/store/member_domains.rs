//! Domains that members declare as their own, one row for each VASP, organisation and domain. Rows are never deleted: the state says if a
//! member gave a domain up.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::{facts, member_domains, vasps};
use super::{Conn, StoreError, Transaction};
use vasp_record::dns_answer::DnssecStatus;
use vasp_record::domain_look::DomainLook;
use vasp_record::domain_proof::{Challenge, ProofMethod, ProofToken};
use vasp_record::domain_standing::{DomainState, Standing};
use vasp_words::host::Host;
use vasp_words::ids::{EvidenceId, OrganisationId, VaspId};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// An organisation that declares domains for a VASP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredBy {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The VASP.
    pub vasp: VaspId,
}

/// A domain that a member declares as its VASP's.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = member_domains, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct MemberDomain {
    /// The VASP.
    pub vasp: VaspId,
    /// The organisation that declared it.
    pub organisation: OrganisationId,
    /// The domain.
    pub domain: Host,
    /// Whether hosts below it are covered too.
    pub covers_subdomains: bool,
    /// The token to publish.
    pub token: ProofToken,
    /// Its state.
    pub state: DomainState,
    /// Rises with every change.
    pub version: i64,
    /// When the first challenge was drawn.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
    /// The end of the time in which the challenge may first be met.
    pub expires_at: UtcTime,
    /// When a look last proved it; `None` if none has.
    pub proven_at: Option<UtcTime>,
    /// How it was proved; `None` if it was not.
    pub proven_by: Option<ProofMethod>,
    /// The DNSSEC result of that proof.
    pub dnssec: Option<DnssecStatus>,
    /// The first look that failed since that proof; `None` if none failed.
    pub failing_since: Option<UtcTime>,
    /// When the next look is due; `None` if none is.
    pub next_look_at: Option<UtcTime>,
    /// When the last look was; `None` if there was none.
    pub last_look_at: Option<UtcTime>,
    /// The result of the last look.
    pub last_look: Option<Json<DomainLook>>,
    /// The evidence for it; `None` if there is none.
    pub evidence: Option<EvidenceId>,
}

impl MemberDomain {
    fn key(&self) -> (VaspId, OrganisationId, &Host) {
        (self.vasp, self.organisation, &self.domain)
    }

    /// Returns the organisation that declared the domain, and for which VASP.
    #[must_use]
    pub fn declared_by(&self) -> DeclaredBy {
        DeclaredBy { organisation: self.organisation, vasp: self.vasp }
    }

    /// Returns the challenge to publish.
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge { domain: self.domain.clone(), token: self.token.clone(), expires_at: self.expires_at }
    }

    /// Returns its state and when the next look is due.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let Self { state, proven_at, failing_since, next_look_at, .. } = *self;
        Standing { state, proven_at, failing_since, next_look_at }
    }
}

/// The owner of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainOwner {
    /// The VASP that the domain belongs to.
    pub holder: VaspId,
    /// The organisation that proved it for that VASP; `None` if the ownership comes from another source.
    pub organisation: Option<OrganisationId>,
    /// The record that this VASP's record was merged into; the same VASP if it was not merged.
    pub record: VaspId,
}

/// Maximum number of merges to follow, one after another.
const MERGES_MAX: usize = 32;

/// States in which a domain belongs to the VASP.
const COUNTING: [DomainState; 2] = [DomainState::Failing, DomainState::Proven];

impl Conn {
    /// Returns a domain that an organisation declared for a VASP.
    pub fn member_domain(
        &mut self,
        vasp: VaspId,
        organisation: OrganisationId,
        domain: &Host,
    ) -> Result<Option<MemberDomain>, StoreError> {
        let query = member_domains::table.find((vasp, organisation, domain)).select(MemberDomain::as_select());
        query.first(self).optional().map_err(StoreError::on("member_domains"))
    }

    /// Returns the domains that an organisation declared for a VASP, in order of name.
    pub fn member_domains_of(&mut self, DeclaredBy { organisation, vasp }: DeclaredBy) -> Result<Vec<MemberDomain>, StoreError> {
        member_domains::table
            .filter(member_domains::vasp.eq(vasp))
            .filter(member_domains::organisation.eq(organisation))
            .order(member_domains::domain)
            .select(MemberDomain::as_select())
            .load(self)
            .map_err(StoreError::on("member_domains"))
    }

    /// Returns the domains that are due for a look, most overdue first.
    pub fn member_domains_due(&mut self, at: UtcTime, limit: i64) -> Result<Vec<MemberDomain>, StoreError> {
        member_domains::table
            .filter(member_domains::next_look_at.le(at))
            .order((member_domains::next_look_at, member_domains::vasp, member_domains::domain))
            .limit(limit)
            .select(MemberDomain::as_select())
            .load(self)
            .map_err(StoreError::on("member_domains"))
    }

    /// Returns another owner of this domain. That is another VASP, if its member proved it or a fact from any origin says so. Or it is
    /// another organisation that proved it for the same VASP. Merged records are the same owner.
    pub fn other_owner_of_domain(
        &mut self,
        domain: &Host,
        DeclaredBy { organisation: by, vasp: than }: DeclaredBy,
    ) -> Result<Option<DomainOwner>, StoreError> {
        let own = self.record_that_stayed(than)?;
        for (holder, organisation) in self.holders_of_domain(domain)? {
            let record = self.record_that_stayed(holder)?;
            let is_rival = holder == than && organisation.is_some_and(|organisation| organisation != by);
            if record != own || is_rival {
                return Ok(Some(DomainOwner { holder, organisation, record }));
            }
        }
        Ok(None)
    }

    /// Returns the record into which this one was merged, after any number of merges, or this one.
    fn record_that_stayed(&mut self, id: VaspId) -> Result<VaspId, StoreError> {
        let mut stayed = id;
        // One merge can follow another. The limit also ends a circle, which no merge creates.
        for _ in 0..MERGES_MAX {
            let Some(number) = self.vasp_number(&stayed.to_string())? else { break };
            let into: Option<VaspId> = facts::table
                .filter(facts::vasp.eq(number))
                .filter(facts::attribute.eq("merged_into"))
                .filter(facts::seq_to.is_null())
                .filter(facts::valid_to.is_null())
                .select(facts::value)
                .first(self)
                .optional()
                .map_err(StoreError::on("facts"))?;
            match into {
                Some(into) => stayed = into,
                None => break,
            }
        }
        Ok(stayed)
    }

    /// Returns the public ids of the VASPs that own a domain: first those whose members proved it, each with its member.
    fn holders_of_domain(&mut self, domain: &Host) -> Result<Vec<(VaspId, Option<OrganisationId>)>, StoreError> {
        let mut holders: Vec<(VaspId, Option<OrganisationId>)> = member_domains::table
            .filter(member_domains::domain.eq(domain))
            .filter(member_domains::state.eq_any(COUNTING))
            .order(member_domains::vasp)
            .select((member_domains::vasp, member_domains::organisation.nullable()))
            .load(self)
            .map_err(StoreError::on("member_domains"))?;
        // A fact with a `valid_to` ended on a past day, so it no longer shows ownership.
        let said: Vec<i64> = facts::table
            .filter(facts::attribute.eq("domain"))
            .filter(facts::item.eq(domain.as_str()))
            .filter(facts::value.eq("proven"))
            .filter(facts::seq_to.is_null())
            .filter(facts::valid_to.is_null())
            .select(facts::vasp)
            .load(self)
            .map_err(StoreError::on("facts"))?;
        let said: Vec<VaspId> = vasps::table
            .filter(vasps::number.eq_any(said))
            .order(vasps::number)
            .select(vasps::id)
            .load(self)
            .map_err(StoreError::on("vasps"))?;
        holders.extend(said.into_iter().map(|vasp| (vasp, None)));
        Ok(holders)
    }
}

impl Transaction<'_> {
    /// Locks and returns a domain that an organisation declared for a VASP, until the end of the transaction. SQLite has one writer at a
    /// time and needs no lock.
    pub fn lock_member_domain(
        &mut self,
        DeclaredBy { organisation, vasp }: DeclaredBy,
        domain: &Host,
    ) -> Result<Option<MemberDomain>, StoreError> {
        let row = member_domains::table
            .find((vasp, organisation, domain))
            .select(MemberDomain::as_select())
            .locking()
            .get_result(self.conn());
        row.optional().map_err(StoreError::on("member_domains"))
    }

    /// Adds a domain.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer added it in the meantime, `StoreError::Query`.
    pub fn add_member_domain(&mut self, row: &MemberDomain) -> Result<(), StoreError> {
        let insert = diesel::insert_into(member_domains::table).values(row);
        written_once(self.conn(), "member_domains", insert.unless_there())
    }

    /// Replaces the preceding version of a domain by `row`.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer changed it in the meantime, `StoreError::Query`.
    pub fn change_member_domain(&mut self, row: &MemberDomain) -> Result<(), StoreError> {
        let place = member_domains::table.find(row.key()).filter(member_domains::version.eq(row.version - 1));
        let update = diesel::update(place).set(row);
        written_once(self.conn(), "member_domains", update)
    }

    /// Takes a look that a member requested; `false` if the last look was at or after `since`. A look in the future, from a clock that was
    /// wrong, does not prevent a new one.
    pub fn take_asked_look(&mut self, row: &MemberDomain, since: UtcTime, now: UtcTime) -> Result<bool, StoreError> {
        let free = member_domains::last_look_at
            .is_null()
            .or(member_domains::last_look_at.lt(since))
            .or(member_domains::last_look_at.gt(now));
        let place = member_domains::table.find(row.key()).filter(free);
        let update = diesel::update(place).set(member_domains::last_look_at.eq(now));
        written(self.conn(), "member_domains", update).map(|rows| rows == 1)
    }

    /// Takes a look that is due; `false` if another node took it. If the node that took it is lost, the look is due again at `again`.
    pub fn take_due_look(&mut self, row: &MemberDomain, again: UtcTime) -> Result<bool, StoreError> {
        let place = member_domains::table.find(row.key()).filter(member_domains::next_look_at.eq(row.next_look_at));
        let update = diesel::update(place).set(member_domains::next_look_at.eq(again));
        written(self.conn(), "member_domains", update).map(|rows| rows == 1)
    }

    /// Locks the proving of domains until the end of the transaction, so that nobody else records a proof.
    pub fn lock_domain_proofs(&mut self) -> Result<(), StoreError> {
        self.take_numbers("domain_proofs", 0).map(drop)
    }
}
