//! Domains that members say are theirs, one row a VASP, organisation and domain. Rows are never taken away: what a member gave up says so.

use super::backend::{locked, written, written_once};
use super::schema::{facts, member_domains, vasps};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_record::dns_answer::DnssecStatus;
use vasp_record::domain_look::DomainLook;
use vasp_record::domain_proof::{Challenge, ProofMethod, ProofToken};
use vasp_record::domain_standing::{DomainState, Standing};
use vasp_words::host::Host;
use vasp_words::ids::{EvidenceId, OrganisationId, VaspId};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// A domain that a member says is its VASP's.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = member_domains, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct MemberDomain {
    /// The VASP.
    pub vasp: VaspId,
    /// The organisation that asked.
    pub organisation: OrganisationId,
    /// The domain.
    pub domain: Host,
    /// Whether hosts below it count too.
    pub covers_subdomains: bool,
    /// What is to be published.
    pub token: ProofToken,
    /// Where it stands.
    pub state: DomainState,
    /// Rises with every change.
    pub version: i64,
    /// When the first challenge was drawn.
    pub created_at: UtcTime,
    /// When it changed last.
    pub updated_at: UtcTime,
    /// Until when the challenge may be met for the first time.
    pub expires_at: UtcTime,
    /// The last look that proved it.
    pub proven_at: Option<UtcTime>,
    /// How.
    pub proven_by: Option<ProofMethod>,
    /// What the signatures of the DNS answer proved then.
    pub dnssec: Option<DnssecStatus>,
    /// The first of the looks that failed since then.
    pub failing_since: Option<UtcTime>,
    /// When it is looked at again.
    pub next_look_at: Option<UtcTime>,
    /// When it was looked at last.
    pub last_look_at: Option<UtcTime>,
    /// What was seen.
    pub last_look: Option<Json<DomainLook>>,
    /// The evidence that stands for it.
    pub evidence: Option<EvidenceId>,
}

impl MemberDomain {
    fn key(&self) -> (VaspId, OrganisationId, &Host) {
        (self.vasp, self.organisation, &self.domain)
    }

    /// Returns for which VASP which organisation says so.
    #[must_use]
    pub fn of(&self) -> (VaspId, OrganisationId) {
        (self.vasp, self.organisation)
    }

    /// Returns what is to be published.
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge { domain: self.domain.clone(), token: self.token.clone(), expires_at: self.expires_at }
    }

    /// Returns where it stands, and when it is looked at again.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let Self { state, proven_at, failing_since, next_look_at, .. } = *self;
        Standing { state, proven_at, failing_since, next_look_at }
    }
}

/// Whose own a domain is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainOwner {
    /// The VASP of which it is said.
    pub holder: VaspId,
    /// The organisation that proved it for that VASP; none where something else says so.
    pub organisation: Option<OrganisationId>,
    /// The record that this VASP's was merged into, or the same.
    pub record: VaspId,
}

/// Most merges that are followed, one after another.
const MERGES_MAX: usize = 32;

/// States in which a domain is the VASP's own.
const COUNTING: [DomainState; 2] = [DomainState::Failing, DomainState::Proven];

impl Conn {
    /// Returns a domain that an organisation says is a VASP's.
    pub fn member_domain(
        &mut self,
        (vasp, organisation): (VaspId, OrganisationId),
        domain: &Host,
    ) -> Result<Option<MemberDomain>, StoreError> {
        let query = member_domains::table.find((vasp, organisation, domain)).select(MemberDomain::as_select());
        query.first(self).optional().map_err(StoreError::on("member_domains"))
    }

    /// Returns the domains that an organisation says are a VASP's, in order of name.
    pub fn member_domains_of(&mut self, (vasp, organisation): (VaspId, OrganisationId)) -> Result<Vec<MemberDomain>, StoreError> {
        member_domains::table
            .filter(member_domains::vasp.eq(vasp))
            .filter(member_domains::organisation.eq(organisation))
            .order(member_domains::domain)
            .select(MemberDomain::as_select())
            .load(self)
            .map_err(StoreError::on("member_domains"))
    }

    /// Returns the domains that are to be looked at, longest waiting first.
    pub fn member_domains_due(&mut self, at: UtcTime, limit: i64) -> Result<Vec<MemberDomain>, StoreError> {
        member_domains::table
            .filter(member_domains::next_look_at.le(at))
            .order((member_domains::next_look_at, member_domains::vasp, member_domains::domain))
            .limit(limit)
            .select(MemberDomain::as_select())
            .load(self)
            .map_err(StoreError::on("member_domains"))
    }

    /// Returns another VASP whose own this domain is: proven by its member, or held to be so by whatever origin; or another organisation
    /// that proved it for the same VASP. Records that were merged are one.
    pub fn other_owner_of_domain(
        &mut self,
        domain: &Host,
        (than, by): (VaspId, OrganisationId),
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

    /// Returns the record into which one was merged, by however many steps, or itself.
    fn record_that_stayed(&mut self, id: VaspId) -> Result<VaspId, StoreError> {
        let mut stayed = id;
        // Merges lead on; a circle, which no merge makes, ends too.
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

    /// Returns the public ids of the VASPs whose own a domain is said to be: those whose members proved it first, each with its member.
    fn holders_of_domain(&mut self, domain: &Host) -> Result<Vec<(VaspId, Option<OrganisationId>)>, StoreError> {
        let mut holders: Vec<(VaspId, Option<OrganisationId>)> = member_domains::table
            .filter(member_domains::domain.eq(domain))
            .filter(member_domains::state.eq_any(COUNTING))
            .order(member_domains::vasp)
            .select((member_domains::vasp, member_domains::organisation.nullable()))
            .load(self)
            .map_err(StoreError::on("member_domains"))?;
        // A fact's own end is its valid time's business: what was cut off at a day lies in the past.
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
    /// Returns a domain that an organisation says is a VASP's and keeps others from changing it until the end. SQLite's writers are
    /// alone already.
    pub fn lock_member_domain(
        &mut self,
        (vasp, organisation): (VaspId, OrganisationId),
        domain: &Host,
    ) -> Result<Option<MemberDomain>, StoreError> {
        let row = locked!(self.conn(), member_domains::table.find((vasp, organisation, domain)) => MemberDomain, first);
        row.optional().map_err(StoreError::on("member_domains"))
    }

    /// Adds a domain.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer added it meanwhile, `StoreError::Query`.
    pub fn add_member_domain(&mut self, row: &MemberDomain) -> Result<(), StoreError> {
        let insert = diesel::insert_into(member_domains::table).values(row);
        written_once!(self, "member_domains", insert.on_conflict_do_nothing())
    }

    /// Puts `row` in the place of the version before it.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer changed it meanwhile, `StoreError::Query`.
    pub fn change_member_domain(&mut self, row: &MemberDomain) -> Result<(), StoreError> {
        let place = member_domains::table.find(row.key()).filter(member_domains::version.eq(row.version - 1));
        let update = diesel::update(place).set(row);
        written_once!(self, "member_domains", update)
    }

    /// Takes a look that a member asked for, unless somebody looked at or after `since`; false then. A look in the future, by a
    /// clock that was wrong, keeps nobody from looking.
    pub fn take_asked_look(&mut self, row: &MemberDomain, since: UtcTime, now: UtcTime) -> Result<bool, StoreError> {
        let free = member_domains::last_look_at
            .is_null()
            .or(member_domains::last_look_at.lt(since))
            .or(member_domains::last_look_at.gt(now));
        let place = member_domains::table.find(row.key()).filter(free);
        let update = diesel::update(place).set(member_domains::last_look_at.eq(now));
        written!(self, "member_domains", update).map(|rows| rows == 1)
    }

    /// Takes a look that is due: it is due again at `again` if whoever took it is lost. False where another node took it.
    pub fn take_due_look(&mut self, row: &MemberDomain, again: UtcTime) -> Result<bool, StoreError> {
        let place = member_domains::table.find(row.key()).filter(member_domains::next_look_at.eq(row.next_look_at));
        let update = diesel::update(place).set(member_domains::next_look_at.eq(again));
        written!(self, "member_domains", update).map(|rows| rows == 1)
    }

    /// Lets nobody else find a domain proven until the end.
    pub fn lock_domain_proofs(&mut self) -> Result<(), StoreError> {
        self.take_numbers("domain_proofs", 0).map(drop)
    }
}
