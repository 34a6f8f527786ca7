//! The credentials with which people sign in: password hashes, sealed TOTP secrets, hashes of recovery codes. A conditional update uses a
//! code, so if two requests send it at the same time, only one succeeds.

use super::backend::written;
use super::edge::*;
use super::schema::{passwords, recovery_codes, totp};
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::UserId;
use vasp_words::time::UtcTime;

/// A user's TOTP secrets.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = totp, treat_none_as_default_value = false)]
pub struct TotpRow {
    /// The user.
    pub user_id: UserId,
    /// The secret in use, sealed; `None` if there is none.
    pub sealed: Option<Vec<u8>>,
    /// When a first code confirmed it; `None` if none has.
    pub confirmed_at: Option<UtcTime>,
    /// Codes of time steps up to this one can no longer be used.
    pub last_step: i64,
    /// A secret that waits for its first code, sealed; `None` if there is none.
    pub pending_sealed: Option<Vec<u8>>,
}

impl Conn {
    /// Returns the hash of a user's password, a PHC string.
    pub fn password_of(&mut self, user: UserId) -> Result<Option<String>, StoreError> {
        let query = passwords::table.find(user).select(passwords::phc);
        query.first(self).optional().map_err(StoreError::on("passwords"))
    }

    /// Returns a user's TOTP.
    pub fn totp_of(&mut self, user: UserId) -> Result<Option<TotpRow>, StoreError> {
        totp::table.find(user).select(TotpRow::as_select()).first(self).optional().map_err(StoreError::on("totp"))
    }

    /// Returns how many recovery codes a user has left.
    pub fn recovery_codes_left(&mut self, user: UserId) -> Result<i64, StoreError> {
        recovery_codes::table
            .filter(recovery_codes::user_id.eq(user))
            .filter(recovery_codes::used_at.is_null())
            .count()
            .get_result(self)
            .map_err(StoreError::on("recovery_codes"))
    }
}

impl Transaction<'_> {
    /// Sets the hash of a user's password.
    pub fn set_password(&mut self, user: UserId, phc: &str) -> Result<(), StoreError> {
        let new = (passwords::user_id.eq(user), passwords::phc.eq(phc));
        let change = passwords::phc.eq(phc);
        let insert = diesel::insert_into(passwords::table).values(new);
        written(self.conn(), "passwords", upsert(insert.on_conflict(passwords::user_id).do_update().set(change))).map(drop)
    }

    /// Replaces the hash of a password by another hash of the same password. Does nothing if the password was changed in the meantime.
    pub fn rehash_password(&mut self, user: UserId, before: &str, phc: &str) -> Result<(), StoreError> {
        let place = passwords::table.find(user).filter(passwords::phc.eq(before));
        let update = diesel::update(place).set(passwords::phc.eq(phc));
        written(self.conn(), "passwords", update).map(drop)
    }

    /// Deletes a user's password.
    pub fn drop_password(&mut self, user: UserId) -> Result<(), StoreError> {
        written(self.conn(), "passwords", diesel::delete(passwords::table.find(user))).map(drop)
    }

    /// Stores a TOTP secret that waits for its first code, in place of any earlier one that waits.
    pub fn keep_pending_totp(&mut self, user: UserId, sealed: &[u8]) -> Result<(), StoreError> {
        let row =
            TotpRow { user_id: user, sealed: None, confirmed_at: None, last_step: 0, pending_sealed: Some(sealed.to_vec()) };
        let insert = diesel::insert_into(totp::table).values(&row);
        let change = totp::pending_sealed.eq(sealed);
        written(self.conn(), "totp", upsert(insert.on_conflict(totp::user_id).do_update().set(change))).map(drop)
    }

    /// Puts the waiting secret into use after its first code, which is of time step `step`; `false` if another secret waits by now.
    pub fn confirm_totp(&mut self, user: UserId, pending: &[u8], step: i64, at: UtcTime) -> Result<bool, StoreError> {
        let place = totp::table.find(user).filter(totp::pending_sealed.eq(pending));
        let update = diesel::update(place).set((
            totp::sealed.eq(pending),
            totp::confirmed_at.eq(at),
            totp::last_step.eq(step),
            totp::pending_sealed.eq(None::<Vec<u8>>),
        ));
        written(self.conn(), "totp", update).map(|rows| rows == 1)
    }

    /// Uses the code of a time step; `false` if it or a later one was used before.
    pub fn use_totp_step(&mut self, user: UserId, step: i64) -> Result<bool, StoreError> {
        let place = totp::table.find(user).filter(totp::last_step.lt(step));
        let update = diesel::update(place).set(totp::last_step.eq(step));
        written(self.conn(), "totp", update).map(|rows| rows == 1)
    }

    /// Deletes a user's TOTP secrets and recovery codes.
    pub fn drop_totp(&mut self, user: UserId) -> Result<(), StoreError> {
        written(self.conn(), "totp", diesel::delete(totp::table.find(user)))?;
        self.replace_recovery_codes(user, &[])
    }

    /// Replaces all recovery codes of a user.
    pub fn replace_recovery_codes(&mut self, user: UserId, sha256s: &[Vec<u8>]) -> Result<(), StoreError> {
        let before = diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user)));
        written(self.conn(), "recovery_codes", before)?;
        for sha256 in sha256s {
            let row = (
                recovery_codes::user_id.eq(user),
                recovery_codes::code_sha256.eq(sha256),
                recovery_codes::used_at.eq(None::<UtcTime>),
            );
            written(self.conn(), "recovery_codes", diesel::insert_into(recovery_codes::table).values(row))?;
        }
        Ok(())
    }

    /// Uses a recovery code; `false` if the user does not have it or it was used before.
    pub fn use_recovery_code(&mut self, user: UserId, sha256: &[u8], at: UtcTime) -> Result<bool, StoreError> {
        let place = recovery_codes::table.find((user, sha256)).filter(recovery_codes::used_at.is_null());
        let update = diesel::update(place).set(recovery_codes::used_at.eq(at));
        written(self.conn(), "recovery_codes", update).map(|rows| rows == 1)
    }
}
