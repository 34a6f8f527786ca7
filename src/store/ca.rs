//! The registry's certificate authorities and their newest CRLs. The store holds their keys sealed and cannot open them.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::{ca_crls, ca_issuers};
use super::{Conn, StoreError, Transaction};
use vasp_record::ca::{AuthorityKind, AuthorityState, Validity};
use vasp_words::ids::AuthorityId;
use vasp_words::time::UtcTime;

/// A row of the table of authorities.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = ca_issuers, treat_none_as_default_value = false)]
pub struct AuthorityRow {
    /// Id.
    pub id: AuthorityId,
    /// What it signs.
    pub kind: AuthorityKind,
    /// Number among the authorities of its kind, from 1.
    pub number: i64,
    /// Certificate (DER).
    pub certificate: Vec<u8>,
    /// Its key, sealed; `None` for the root.
    pub sealed_key: Option<Vec<u8>>,
    /// Whether it may issue certificates.
    pub state: AuthorityState,
    /// First moment of validity.
    pub not_before: UtcTime,
    /// Last second of validity.
    pub not_after: UtcTime,
}

impl AuthorityRow {
    /// Returns its period of validity.
    #[must_use]
    pub fn validity(&self) -> Validity {
        Validity { from: self.not_before, to: self.not_after }
    }
}

/// An authority's newest CRL.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = ca_crls, treat_none_as_default_value = false)]
pub struct CrlRow {
    /// Id of the authority.
    pub issuer: AuthorityId,
    /// Its number.
    pub number: i64,
    /// When it was made.
    pub this_update: UtcTime,
    /// The time by which a newer CRL is published.
    pub next_update: UtcTime,
    /// The CRL (DER).
    pub der: Vec<u8>,
}

impl Conn {
    /// Returns every authority: the root first, then the issuing ones in the order in which they were made.
    pub fn authorities(&mut self) -> Result<Vec<AuthorityRow>, StoreError> {
        ca_issuers::table
            .order((ca_issuers::kind.desc(), ca_issuers::number))
            .select(AuthorityRow::as_select())
            .load(self)
            .map_err(StoreError::on("ca_issuers"))
    }

    /// Returns an authority.
    pub fn authority(&mut self, id: AuthorityId) -> Result<Option<AuthorityRow>, StoreError> {
        let query = ca_issuers::table.find(id).select(AuthorityRow::as_select());
        query.first(self).optional().map_err(StoreError::on("ca_issuers"))
    }

    /// Returns an authority's newest CRL.
    pub fn crl(&mut self, issuer: AuthorityId) -> Result<Option<CrlRow>, StoreError> {
        let query = ca_crls::table.find(issuer).select(CrlRow::as_select());
        query.first(self).optional().map_err(StoreError::on("ca_crls"))
    }

    /// Returns the newest CRL of every authority, in order of its id.
    pub fn crls(&mut self) -> Result<Vec<CrlRow>, StoreError> {
        ca_crls::table.order(ca_crls::issuer).select(CrlRow::as_select()).load(self).map_err(StoreError::on("ca_crls"))
    }
}

impl Transaction<'_> {
    /// Locks the list of authorities until the end of the transaction, so that nobody else can add or retire one.
    pub fn lock_authorities(&mut self) -> Result<(), StoreError> {
        self.take_numbers("ca", 0).map(drop)
    }

    /// Adds an authority.
    pub fn add_authority(&mut self, row: &AuthorityRow) -> Result<(), StoreError> {
        written(self.conn(), "ca_issuers", diesel::insert_into(ca_issuers::table).values(row)).map(drop)
    }

    /// Retires an authority, so that it issues no more certificates.
    ///
    /// # Errors
    /// `StoreError::Stale` if it was retired already.
    pub fn retire_authority(&mut self, id: AuthorityId) -> Result<(), StoreError> {
        let place = ca_issuers::table.find(id).filter(ca_issuers::state.eq(AuthorityState::Active));
        let update = diesel::update(place).set(ca_issuers::state.eq(AuthorityState::Retired));
        written_once(self.conn(), "ca_issuers", update)
    }

    /// Locks and returns an authority's CRL until the end of the transaction. SQLite has one writer at a time and needs no lock.
    pub fn lock_crl(&mut self, issuer: AuthorityId) -> Result<Option<CrlRow>, StoreError> {
        let row = ca_crls::table.find(issuer).select(CrlRow::as_select());
        row.locking().get_result(self.conn()).optional().map_err(StoreError::on("ca_crls"))
    }

    /// Adds an authority's first CRL.
    pub fn add_crl(&mut self, row: &CrlRow) -> Result<(), StoreError> {
        written(self.conn(), "ca_crls", diesel::insert_into(ca_crls::table).values(row)).map(drop)
    }

    /// Replaces the CRL with the preceding number by this one.
    ///
    /// # Errors
    /// `StoreError::Stale` if the CRL with the preceding number is no longer the newest.
    pub fn replace_crl(&mut self, row: &CrlRow) -> Result<(), StoreError> {
        let place = ca_crls::table.find(row.issuer).filter(ca_crls::number.eq(row.number - 1));
        let update = diesel::update(place).set((
            ca_crls::number.eq(row.number),
            ca_crls::this_update.eq(row.this_update),
            ca_crls::next_update.eq(row.next_update),
            ca_crls::der.eq(&row.der),
        ));
        written_once(self.conn(), "ca_crls", update)
    }
}
