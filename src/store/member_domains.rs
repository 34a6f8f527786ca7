//! Domains that members say are theirs, one row a VASP and domain. Rows are never taken away: what a member gave up says so.

use super::backend::on_backend;
use super::schema::{facts, member_domains, vasps};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// A member's domain as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = member_domains, treat_none_as_default_value = false)]
pub struct MemberDomainRow {
    /// Public id of the VASP.
    pub vasp: String,
    /// The domain in A-labels.
    pub domain: String,
    /// Id of the organisation that asked.
    pub organisation: String,
    /// Whether hosts below it count too.
    pub covers_subdomains: bool,
    /// What is to be published.
    pub token: String,
    /// Where it stands.
    pub state: String,
    /// Rises with every change.
    pub version: i64,
    /// When the first challenge was drawn, microseconds since the epoch.
    pub created_at: i64,
    /// When it changed last.
    pub updated_at: i64,
    /// Until when the challenge may be met for the first time.
    pub expires_at: i64,
    /// The last look that proved it.
    pub proven_at: Option<i64>,
    /// How.
    pub proven_by: Option<String>,
    /// What the signatures of the DNS answer proved then.
    pub dnssec: Option<String>,
    /// The first of the looks that failed since then.
    pub failing_since: Option<i64>,
    /// When it is looked at again.
    pub next_look_at: Option<i64>,
    /// When it was looked at last.
    pub last_look_at: Option<i64>,
    /// What was seen, as JSON.
    pub last_look: Option<String>,
    /// Id of the evidence that stands for it.
    pub evidence: Option<String>,
}

/// Whose own a domain is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainOwner {
    /// Public id of the VASP of which it is said.
    pub holder: String,
    /// Public id of the record that this VASP's was merged into, or the same.
    pub record: String,
}

/// Most merges that are followed, one after another.
const MERGES_MAX: usize = 32;

/// States in which a domain is the VASP's own.
const COUNTING: [&str; 2] = ["failing", "proven"];

impl Conn {
    /// Returns a domain of a VASP.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn member_domain(&mut self, vasp: &str, domain: &str) -> Result<Option<MemberDomainRow>, StoreError> {
        let query = member_domains::table.find((vasp, domain)).select(MemberDomainRow::as_select());
        query.first(self).optional().map_err(StoreError::on("member_domains"))
    }

    /// Returns the domains of a VASP, in order of name.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn member_domains_of(&mut self, vasp: &str) -> Result<Vec<MemberDomainRow>, StoreError> {
        member_domains::table
            .filter(member_domains::vasp.eq(vasp))
            .order(member_domains::domain)
            .select(MemberDomainRow::as_select())
            .load(self)
            .map_err(StoreError::on("member_domains"))
    }

    /// Returns the domains that are to be looked at, longest waiting first.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn member_domains_due(&mut self, at: i64, limit: i64) -> Result<Vec<MemberDomainRow>, StoreError> {
        member_domains::table
            .filter(member_domains::next_look_at.le(at))
            .order((member_domains::next_look_at, member_domains::vasp, member_domains::domain))
            .limit(limit)
            .select(MemberDomainRow::as_select())
            .load(self)
            .map_err(StoreError::on("member_domains"))
    }

    /// Returns another VASP whose own this domain is: proven by its member, or held to be so by whatever origin. Records that
    /// were merged are one.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn other_owner_of_domain(&mut self, domain: &str, than: &str) -> Result<Option<DomainOwner>, StoreError> {
        let own = self.record_that_stayed(than)?;
        for holder in self.holders_of_domain(domain)? {
            let record = self.record_that_stayed(&holder)?;
            if record != own {
                return Ok(Some(DomainOwner { holder, record }));
            }
        }
        Ok(None)
    }

    /// Returns the record into which one was merged, by however many steps, or itself.
    fn record_that_stayed(&mut self, id: &str) -> Result<String, StoreError> {
        let mut stayed = id.to_owned();
        // Merges lead on; a circle, which no merge makes, ends too.
        for _ in 0..MERGES_MAX {
            let Some(number) = self.vasp_number(&stayed)? else { break };
            let into: Option<String> = facts::table
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

    /// Returns the public ids of the VASPs whose own a domain is said to be: those whose members proved it first.
    fn holders_of_domain(&mut self, domain: &str) -> Result<Vec<String>, StoreError> {
        let mut holders: Vec<String> = member_domains::table
            .filter(member_domains::domain.eq(domain))
            .filter(member_domains::state.eq_any(COUNTING))
            .order(member_domains::vasp)
            .select(member_domains::vasp)
            .load(self)
            .map_err(StoreError::on("member_domains"))?;
        // A fact's own end is its valid time's business: what was cut off at a day lies in the past.
        let said: Vec<i64> = facts::table
            .filter(facts::attribute.eq("domain"))
            .filter(facts::item.eq(domain))
            .filter(facts::value.eq("proven"))
            .filter(facts::seq_to.is_null())
            .filter(facts::valid_to.is_null())
            .select(facts::vasp)
            .load(self)
            .map_err(StoreError::on("facts"))?;
        let said: Vec<String> = vasps::table
            .filter(vasps::number.eq_any(said))
            .order(vasps::number)
            .select(vasps::id)
            .load(self)
            .map_err(StoreError::on("vasps"))?;
        holders.extend(said);
        Ok(holders)
    }
}

impl Transaction<'_> {
    /// Returns a domain of a VASP and keeps others from changing it until the end. SQLite's writers are alone already.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn lock_member_domain(&mut self, vasp: &str, domain: &str) -> Result<Option<MemberDomainRow>, StoreError> {
        let row = member_domains::table.find((vasp, domain));
        match self.conn() {
            Conn::Sqlite(c) => row.select(MemberDomainRow::as_select()).first(c),
            Conn::Postgres(c) => row.select(MemberDomainRow::as_select()).for_update().first(c),
        }
        .optional()
        .map_err(StoreError::on("member_domains"))
    }

    /// Adds a domain.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer added it meanwhile, `StoreError::Query`.
    pub fn add_member_domain(&mut self, row: &MemberDomainRow) -> Result<(), StoreError> {
        let insert = diesel::insert_into(member_domains::table).values(row);
        let added = on_backend!(self.conn(), c => insert.on_conflict_do_nothing().execute(c));
        match added.map_err(StoreError::on("member_domains"))? {
            1 => Ok(()),
            _ => Err(StoreError::Stale { table: "member_domains" }),
        }
    }

    /// Puts `row` in the place of the version before it.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer changed it meanwhile, `StoreError::Query`.
    pub fn change_member_domain(&mut self, row: &MemberDomainRow) -> Result<(), StoreError> {
        let place = member_domains::table.find((&row.vasp, &row.domain)).filter(member_domains::version.eq(row.version - 1));
        let update = diesel::update(place).set((
            (
                member_domains::organisation.eq(&row.organisation),
                member_domains::covers_subdomains.eq(row.covers_subdomains),
                member_domains::token.eq(&row.token),
                member_domains::state.eq(&row.state),
                member_domains::version.eq(row.version),
                member_domains::updated_at.eq(row.updated_at),
                member_domains::expires_at.eq(row.expires_at),
            ),
            (
                member_domains::proven_at.eq(row.proven_at),
                member_domains::proven_by.eq(&row.proven_by),
                member_domains::dnssec.eq(&row.dnssec),
                member_domains::failing_since.eq(row.failing_since),
                member_domains::next_look_at.eq(row.next_look_at),
                member_domains::last_look_at.eq(row.last_look_at),
                member_domains::last_look.eq(&row.last_look),
                member_domains::evidence.eq(&row.evidence),
            ),
        ));
        let changed = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("member_domains"))?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Stale { table: "member_domains" }) }
    }

    /// Takes a look that a member asked for, unless somebody looked at or after `since`; false then. A look in the future, by a
    /// clock that was wrong, keeps nobody from looking.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn take_asked_look(&mut self, row: &MemberDomainRow, since: i64, now: i64) -> Result<bool, StoreError> {
        let free = member_domains::last_look_at
            .is_null()
            .or(member_domains::last_look_at.lt(since))
            .or(member_domains::last_look_at.gt(now));
        let place = member_domains::table.find((&row.vasp, &row.domain)).filter(free);
        let update = diesel::update(place).set(member_domains::last_look_at.eq(now));
        let taken = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("member_domains"))?;
        Ok(taken == 1)
    }

    /// Takes a look that is due: it is due again at `again` if whoever took it is lost. False where another node took it.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn take_due_look(&mut self, row: &MemberDomainRow, again: i64) -> Result<bool, StoreError> {
        let place =
            member_domains::table.find((&row.vasp, &row.domain)).filter(member_domains::next_look_at.eq(row.next_look_at));
        let update = diesel::update(place).set(member_domains::next_look_at.eq(again));
        let taken = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("member_domains"))?;
        Ok(taken == 1)
    }

    /// Lets nobody else find a domain proven until the end.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn lock_domain_proofs(&mut self) -> Result<(), StoreError> {
        self.take_numbers("domain_proofs", 0).map(drop)
    }
}
