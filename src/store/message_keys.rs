//! Keys for the encryption and signing of messages: open challenges, and the thumbprints of all keys that were ever published.

use super::backend::written;
use super::edge::*;
use super::schema::{message_key_challenges as challenges, message_key_thumbprints as thumbprints};
use super::{Conn, StoreError, Transaction};
use serde_json::Value;
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::message_key::KeyUse;
use vasp_words::ids::{MessageKeyId, OrganisationId, VaspId};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// A key whose owner has not yet proved that it has the private key.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = challenges, treat_none_as_default_value = false)]
pub struct PendingKey {
    /// Id that the key will have.
    pub id: MessageKeyId,
    /// The VASP.
    pub vasp: VaspId,
    /// The organisation that requested it.
    pub organisation: OrganisationId,
    /// Its use.
    pub key_use: KeyUse,
    /// The public key as JWK.
    pub jwk: Json<Value>,
    /// Its thumbprint.
    pub thumbprint: String,
    /// The text to sign or to decrypt.
    pub challenge: String,
    /// SHA-256 of the decrypted text; `None` for a key that signs.
    pub answer_sha256: Option<Sha256Hex>,
    /// How long the key that it replaces stays valid, in seconds.
    pub overlap_secs: i64,
    /// When it was made.
    pub created_at: UtcTime,
    /// The end of the time in which it may be answered.
    pub expires_at: UtcTime,
}

impl Conn {
    /// Returns an organisation's challenges for a VASP that have not expired, oldest first.
    pub fn key_challenges_of(
        &mut self,
        vasp: VaspId,
        organisation: OrganisationId,
        at: UtcTime,
    ) -> Result<Vec<PendingKey>, StoreError> {
        challenges::table
            .filter(challenges::vasp.eq(vasp))
            .filter(challenges::organisation.eq(organisation))
            .filter(challenges::expires_at.gt(at))
            .order(challenges::id)
            .select(PendingKey::as_select())
            .load(self)
            .map_err(StoreError::on("message_key_challenges"))
    }

    /// Returns the VASP that published a key with this thumbprint.
    pub fn publisher_of_thumbprint(&mut self, thumbprint: &str) -> Result<Option<VaspId>, StoreError> {
        thumbprints::table
            .find(thumbprint)
            .select(thumbprints::vasp)
            .first(self)
            .optional()
            .map_err(StoreError::on("message_key_thumbprints"))
    }
}

impl Transaction<'_> {
    /// Adds a challenge, and deletes the expired ones of the same VASP.
    pub fn add_key_challenge(&mut self, row: &PendingKey) -> Result<(), StoreError> {
        let over = challenges::table.filter(challenges::vasp.eq(row.vasp)).filter(challenges::expires_at.le(row.created_at));
        written(self.conn(), "message_key_challenges", diesel::delete(over))?;
        written(self.conn(), "message_key_challenges", diesel::insert_into(challenges::table).values(row)).map(drop)
    }

    /// Uses a challenge; `false` if it was used before. If two calls come at the same time, only one returns `true`.
    pub fn use_key_challenge(&mut self, id: MessageKeyId) -> Result<bool, StoreError> {
        let used = diesel::delete(challenges::table.find(id)).execute(self.conn());
        used.map(|used| used == 1).map_err(StoreError::on("message_key_challenges"))
    }

    /// Records that a key was published; `false` if a key with its thumbprint was published before.
    pub fn keep_thumbprint(&mut self, thumbprint: &str, vasp: VaspId) -> Result<bool, StoreError> {
        let values = (thumbprints::thumbprint.eq(thumbprint), thumbprints::vasp.eq(vasp));
        let insert = diesel::insert_into(thumbprints::table).values(values);
        let added = insert.unless_there().execute(self.conn());
        added.map(|added| added == 1).map_err(StoreError::on("message_key_thumbprints"))
    }
}
