//! Chains of published certificates, the VASP that each certificate belongs to, and its newest revocation list.

use super::backend::written;
use super::edge::*;
use super::schema::{certificate_chains, certificate_holders, certificate_lists};
use super::{Conn, StoreError, Transaction};
use vasp_words::time::UtcTime;

impl Conn {
    /// Returns the chain of a published certificate, as PEM.
    pub fn certificate_chain(&mut self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let query = certificate_chains::table.find(id).select(certificate_chains::chain);
        query.first(self).optional().map_err(StoreError::on("certificate_chains"))
    }

    /// Returns those of the given certificates (at most 500) whose expiry alert has not been recorded.
    pub fn certificates_not_noted(&mut self, ids: &[String]) -> Result<Vec<String>, StoreError> {
        certificate_chains::table
            .filter(certificate_chains::id.eq_any(ids))
            .filter(certificate_chains::expiry_noted.eq(0))
            .order(certificate_chains::id)
            .select(certificate_chains::id)
            .load(self)
            .map_err(StoreError::on("certificate_chains"))
    }

    /// Returns the certificates whose issuer's revocation list is due to be fetched, most overdue first: id, number of the VASP, due time.
    pub fn lists_due(&mut self, now: UtcTime, limit: i64) -> Result<Vec<(String, i64, UtcTime)>, StoreError> {
        certificate_chains::table
            .filter(certificate_chains::list_due.le(now))
            .order((certificate_chains::list_due, certificate_chains::id))
            .limit(limit)
            .select((certificate_chains::id, certificate_chains::vasp, certificate_chains::list_due))
            .load(self)
            .map_err(StoreError::on("certificate_chains"))
    }

    /// Returns the stored revocation list of a certificate.
    pub fn certificate_list(&mut self, certificate: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let query = certificate_lists::table.find(certificate).select(certificate_lists::list);
        query.first(self).optional().map_err(StoreError::on("certificate_lists"))
    }
}

impl Transaction<'_> {
    /// Stores the chain of a new certificate.
    pub fn keep_certificate_chain(&mut self, id: &str, vasp: i64, pem: &[u8]) -> Result<(), StoreError> {
        let insert = diesel::insert_into(certificate_chains::table).values((
            certificate_chains::id.eq(id),
            certificate_chains::vasp.eq(vasp),
            certificate_chains::chain.eq(pem),
            certificate_chains::expiry_noted.eq(0),
            certificate_chains::list_due.eq(UtcTime::EPOCH),
        ));
        written!(self, "certificate_chains", insert).map(drop)
    }

    /// Assigns a certificate to a VASP if it belongs to nobody, and returns the VASP that it belongs to. Of two calls at the same time, the
    /// later one waits for the other.
    pub fn hold_certificate(&mut self, sha256: &str, vasp: i64) -> Result<i64, StoreError> {
        let insert = diesel::insert_into(certificate_holders::table)
            .values((certificate_holders::sha256.eq(sha256), certificate_holders::vasp.eq(vasp)));
        written!(self, "certificate_holders", insert.unless_there())?;
        let query = certificate_holders::table.find(sha256).select(certificate_holders::vasp);
        query.first(self.conn()).map_err(StoreError::on("certificate_holders"))
    }

    /// Releases a certificate, so that another VASP may have it.
    pub fn let_certificate_go(&mut self, sha256: &str, vasp: i64) -> Result<(), StoreError> {
        let held = certificate_holders::table.find(sha256).filter(certificate_holders::vasp.eq(vasp));
        written!(self, "certificate_holders", diesel::delete(held)).map(drop)
    }

    /// Records that a certificate's expiry was reported; `false` if it was recorded before.
    pub fn note_certificate_expiry(&mut self, id: &str) -> Result<bool, StoreError> {
        let due = certificate_chains::table.find(id).filter(certificate_chains::expiry_noted.eq(0));
        let update = diesel::update(due).set(certificate_chains::expiry_noted.eq(1));
        written!(self, "certificate_chains", update).map(|rows| rows == 1)
    }

    /// Sets the next fetch of a list to `next`; `false` if another node changed the time in the meantime.
    pub fn put_off_list(&mut self, id: &str, due: UtcTime, next: UtcTime) -> Result<bool, StoreError> {
        let place = certificate_chains::table.find(id).filter(certificate_chains::list_due.eq(due));
        let update = diesel::update(place).set(certificate_chains::list_due.eq(next));
        written!(self, "certificate_chains", update).map(|rows| rows == 1)
    }

    /// Stores a revocation list in place of the one before it.
    pub fn keep_certificate_list(&mut self, certificate: &str, list: &[u8]) -> Result<(), StoreError> {
        let row = (certificate_lists::certificate.eq(certificate), certificate_lists::list.eq(list));
        let insert = diesel::insert_into(certificate_lists::table).values(row);
        let new = certificate_lists::list.eq(list);
        let insert = insert.on_conflict(certificate_lists::certificate).do_update().set(new);
        written!(self, "certificate_lists", upsert(insert)).map(drop)
    }
}
