//! Chains of published certificates, the newest revocation list of each, and the VASP that each key belongs to.

use super::backend::written;
use super::edge::*;
use super::schema::{certificate_chains, certificate_lists, key_holders};
use super::{Conn, StoreError, Transaction};
use vasp_record::client_certificate::Sha256Hex;
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

    /// Returns who holds a key; `None` if nobody does.
    pub fn key_holder(&mut self, key: Sha256Hex) -> Result<Option<KeyHolder>, StoreError> {
        let query = key_holders::table.find(key).select((key_holders::vasp, key_holders::is_compromised));
        let found: Option<(i64, i16)> = query.first(self).optional().map_err(StoreError::on("key_holders"))?;
        Ok(found.map(|(vasp, is_compromised)| KeyHolder { vasp, is_compromised: is_compromised != 0 }))
    }
}

/// Which VASP holds a key, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// The VASP.
    pub vasp: i64,
    /// Whether it said, or the issuer of its certificate, that the key was compromised.
    pub is_compromised: bool,
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
        written(self.conn(), "certificate_chains", insert).map(drop)
    }

    /// Assigns a key to a VASP if it belongs to nobody, and returns its holder. Of two calls at the same time, the later one waits for the
    /// other.
    pub fn hold_key(&mut self, key: Sha256Hex, vasp: i64) -> Result<KeyHolder, StoreError> {
        let row = (key_holders::spki_sha256.eq(key), key_holders::vasp.eq(vasp), key_holders::is_compromised.eq(0));
        let insert = diesel::insert_into(key_holders::table).values(row);
        written(self.conn(), "key_holders", insert.unless_there())?;
        self.conn().key_holder(key)?.ok_or_else(|| StoreError::impossible("key_holders", format!("{key} has no row")))
    }

    /// Records that a key of a VASP was compromised; `false` if it is not this VASP's, or if it was recorded before.
    pub fn compromise_key(&mut self, key: Sha256Hex, vasp: i64) -> Result<bool, StoreError> {
        let held = key_holders::table.find(key).filter(key_holders::vasp.eq(vasp)).filter(key_holders::is_compromised.eq(0));
        let update = diesel::update(held).set(key_holders::is_compromised.eq(1));
        written(self.conn(), "key_holders", update).map(|rows| rows == 1)
    }

    /// Records that a certificate's expiry was reported; `false` if it was recorded before.
    pub fn note_certificate_expiry(&mut self, id: &str) -> Result<bool, StoreError> {
        let due = certificate_chains::table.find(id).filter(certificate_chains::expiry_noted.eq(0));
        let update = diesel::update(due).set(certificate_chains::expiry_noted.eq(1));
        written(self.conn(), "certificate_chains", update).map(|rows| rows == 1)
    }

    /// Sets the next fetch of a list to `next`; `false` if another node changed the time in the meantime.
    pub fn put_off_list(&mut self, id: &str, due: UtcTime, next: UtcTime) -> Result<bool, StoreError> {
        let place = certificate_chains::table.find(id).filter(certificate_chains::list_due.eq(due));
        let update = diesel::update(place).set(certificate_chains::list_due.eq(next));
        written(self.conn(), "certificate_chains", update).map(|rows| rows == 1)
    }

    /// Stores a revocation list in place of the one before it.
    pub fn keep_certificate_list(&mut self, certificate: &str, list: &[u8]) -> Result<(), StoreError> {
        let row = (certificate_lists::certificate.eq(certificate), certificate_lists::list.eq(list));
        let insert = diesel::insert_into(certificate_lists::table).values(row);
        let new = certificate_lists::list.eq(list);
        let insert = insert.on_conflict(certificate_lists::certificate).do_update().set(new);
        written(self.conn(), "certificate_lists", upsert(insert)).map(drop)
    }
}
