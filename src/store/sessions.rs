//! Sessions of people who signed in. Only the SHA-256 of a session's secret is kept. A session that ended is deleted. The time of last use
//! is written in batches: if a crash loses a few seconds of it, nothing is harmed.

use super::backend::{written, written_once};
use super::credentials::{Held, Organisation, UserRow};
use super::edge::*;
use super::schema::{organisations, sessions, users};
use super::{Conn, StoreError, Transaction};
use vasp_record::role::UserState;
use vasp_words::ids::{SessionId, UserId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// A session without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// Public id.
    pub id: SessionId,
    /// Its user.
    pub user_id: UserId,
    /// SHA-256 of the secret.
    pub secret_sha256: Vec<u8>,
    /// Whether the second factor is still missing, so that the session allows nothing else.
    pub limited: Flag,
    /// When it ends, even if it is used.
    pub expires_at: UtcTime,
    /// When it was last used, as far as this has been written.
    pub last_used_at: UtcTime,
    /// When the person's OpenID provider last authenticated them; `None` for a password, and if the provider does not say.
    pub authenticated_at: Option<UtcTime>,
}

impl Conn {
    /// Returns every session whose user and organisation may act, with both.
    pub fn live_sessions(&mut self) -> Result<Vec<Held<SessionRow>>, StoreError> {
        sessions::table
            .inner_join(users::table.inner_join(organisations::table))
            .filter(users::state.eq(UserState::Active))
            .filter(organisations::closed_at.is_null())
            .order(sessions::id)
            .select((SessionRow::as_select(), UserRow::as_select(), Organisation::as_select()))
            .load(self)
            .map_err(StoreError::on("sessions"))
    }

    /// Returns a session whose user and organisation may act, with both.
    pub fn live_session(&mut self, id: SessionId) -> Result<Option<Held<SessionRow>>, StoreError> {
        sessions::table
            .inner_join(users::table.inner_join(organisations::table))
            .filter(sessions::id.eq(id))
            .filter(users::state.eq(UserState::Active))
            .filter(organisations::closed_at.is_null())
            .select((SessionRow::as_select(), UserRow::as_select(), Organisation::as_select()))
            .first(self)
            .optional()
            .map_err(StoreError::on("sessions"))
    }

    /// Returns the sessions of a user, oldest first.
    pub fn sessions_of(&mut self, user: UserId) -> Result<Vec<SessionRow>, StoreError> {
        sessions::table
            .filter(sessions::user_id.eq(user))
            .order(sessions::id)
            .select(SessionRow::as_select())
            .load(self)
            .map_err(StoreError::on("sessions"))
    }

    /// Returns the user of a session that has not ended.
    pub fn session_user(&mut self, id: SessionId) -> Result<Option<UserId>, StoreError> {
        sessions::table.find(id).select(sessions::user_id).first(self).optional().map_err(StoreError::on("sessions"))
    }

    /// Returns when each session was last used, as far as this has been written.
    pub fn session_stamps(&mut self) -> Result<Vec<(SessionId, UtcTime)>, StoreError> {
        sessions::table.select((sessions::id, sessions::last_used_at)).load(self).map_err(StoreError::on("sessions"))
    }
}

impl Transaction<'_> {
    /// Adds a session.
    pub fn add_session(&mut self, row: &SessionRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        written(self.conn(), "sessions", diesel::insert_into(sessions::table).values(row)).map(drop)
    }

    /// Ends a session; `false` if it has already ended.
    pub fn end_session(&mut self, id: SessionId) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        written(self.conn(), "sessions", diesel::delete(sessions::table.find(id))).map(|rows| rows == 1)
    }

    /// Ends every session of a user except `but`, and returns how many there were. They are locked in order of id, as the writers of the
    /// last use do.
    pub fn end_sessions_of(&mut self, user: UserId, but: Option<SessionId>) -> Result<usize, StoreError> {
        self.lock_credentials()?;
        if let Conn::Postgres(c) = self.conn() {
            let theirs = sessions::table.filter(sessions::user_id.eq(user)).order(sessions::id).select(sessions::id);
            theirs.for_update().load::<SessionId>(c).map_err(StoreError::on("sessions"))?;
        }
        let theirs = sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::id.ne_all(but));
        written(self.conn(), "sessions", diesel::delete(theirs))
    }

    /// Lifts the limit of a session, because the second factor was given.
    ///
    /// # Errors
    /// `StoreError::Stale` if it has ended.
    pub fn lift_session(&mut self, id: SessionId) -> Result<(), StoreError> {
        self.lock_credentials()?;
        let update = diesel::update(sessions::table.find(id)).set(sessions::limited.eq(Flag(false)));
        written_once(self.conn(), "sessions", update)
    }

    /// Deletes the sessions that expired at or before `at`, except those that another writer has locked. It never waits, so it cannot be
    /// part of a deadlock.
    pub fn forget_sessions(&mut self, at: UtcTime) -> Result<(), StoreError> {
        let old = sessions::table.filter(sessions::expires_at.le(at));
        let forgotten = match self.conn() {
            Conn::Sqlite(c) => diesel::delete(old).execute(c),
            Conn::Postgres(c) => old
                .select(sessions::id)
                .for_update()
                .skip_locked()
                .load::<SessionId>(c)
                .and_then(|free| diesel::delete(sessions::table.filter(sessions::id.eq_any(free))).execute(c)),
        };
        forgotten.map(drop).map_err(StoreError::on("sessions"))
    }

    /// Records when sessions were last used. The order is by id on every node, so that two nodes do not block each other. Other nodes are
    /// not notified, because this does not change what a session allows.
    pub fn stamp_sessions(&mut self, stamps: &[(SessionId, UtcTime)]) -> Result<(), StoreError> {
        for (id, at) in stamps {
            let place = sessions::table.find(id).filter(sessions::last_used_at.lt(at));
            let update = diesel::update(place).set(sessions::last_used_at.eq(at));
            written(self.conn(), "sessions", update)?;
        }
        Ok(())
    }
}
