//! The rows of the log: its changes, their payloads, and its head, which every change must update.

use super::backend::on_backend;
use super::edge::*;
use super::listen::wake;
use super::schema::{change_payloads, changes, log_head};
use super::{Conn, StoreError};
use vasp_log::Envelope;
use vasp_log::change::{Audience, LogHead, SealedChange};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// The columns of an envelope. Kind and audience are kept as written, so that those of a newer program are shown and proved too.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = changes)]
pub struct EnvelopeRow {
    /// Place in the log.
    pub sequence: i64,
    /// Kind of change.
    pub kind: String,
    /// The audience that may read the payload.
    pub audience: String,
    /// When it was recorded.
    pub recorded_at: UtcTime,
    /// SHA-256(salt ‖ payload).
    pub payload_commitment: Vec<u8>,
}

impl EnvelopeRow {
    /// Returns the envelope.
    #[must_use]
    pub fn envelope(&self) -> Envelope<'_> {
        let Self { sequence, kind, audience, recorded_at, payload_commitment } = self;
        Envelope { sequence: *sequence, kind, audience, recorded_at: *recorded_at, payload_commitment }
    }
}

/// A change with everything that its readers need to check it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = changes)]
pub struct ChangeRow {
    /// The envelope.
    #[diesel(embed)]
    pub envelope: EnvelopeRow,
    /// The salt; `None` if the payload was erased.
    #[diesel(select_expression = change_payloads::salt.nullable())]
    pub salt: Option<Vec<u8>>,
    /// The payload in RFC 8785 form; `None` if it was erased.
    #[diesel(select_expression = change_payloads::payload.nullable())]
    pub payload: Option<String>,
}

/// A change, without its content.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = changes)]
pub struct PassedChange {
    /// Place in the log.
    pub sequence: i64,
    /// Number of the VASP that it is about; `None` if it is about none.
    pub subject: Option<i64>,
    /// Kind of change.
    pub kind: String,
    /// When it was recorded.
    pub recorded_at: UtcTime,
    /// Whether it is the last one of its transaction.
    pub ends_transaction: Flag,
}

type HeadTuple = (i64, i64, Vec<u8>);

fn head_of((sequence, recorded_at_micros, frontier): HeadTuple) -> LogHead {
    LogHead { sequence, recorded_at_micros, frontier }
}

/// Returns the head of the log without locking it.
pub(super) fn head(conn: &mut Conn) -> Result<LogHead, StoreError> {
    log_head::table
        .select((log_head::sequence, log_head::recorded_at, log_head::frontier))
        .first(conn)
        .map(head_of)
        .map_err(StoreError::on("log_head"))
}

/// Locks the head until the end of the transaction and returns it. SQLite has one writer at a time and needs no lock.
pub(super) fn lock_head(conn: &mut Conn) -> Result<LogHead, StoreError> {
    let query = log_head::table.select((log_head::sequence, log_head::recorded_at, log_head::frontier));
    query.locking().get_result(conn).map(head_of).map_err(StoreError::on("log_head"))
}

/// Appends sealed changes and moves the locked head.
pub(super) fn append(conn: &mut Conn, sealed: &[SealedChange], head: &LogHead) -> Result<(), StoreError> {
    for chunk in sealed.chunks(500) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|c| {
                (
                    changes::sequence.eq(c.sequence),
                    changes::kind.eq(c.kind),
                    changes::audience.eq(c.audience),
                    changes::recorded_at.eq(c.recorded_at),
                    changes::payload_commitment.eq(c.payload_commitment.as_slice()),
                    changes::subject.eq(c.subject),
                    changes::ends_transaction.eq(i16::from(c.sequence == head.sequence)),
                )
            })
            .collect();
        on_backend!(conn, c => diesel::insert_into(changes::table).values(&rows).execute_typed(c))
            .map_err(StoreError::on("changes"))?;
        let rows: Vec<_> = chunk
            .iter()
            .map(|c| {
                (
                    change_payloads::sequence.eq(c.sequence),
                    change_payloads::salt.eq(c.salt.as_slice()),
                    change_payloads::payload.eq(c.payload.as_str()),
                )
            })
            .collect();
        on_backend!(conn, c => diesel::insert_into(change_payloads::table).values(&rows).execute_typed(c))
            .map_err(StoreError::on("change_payloads"))?;
    }
    let moved = diesel::update(log_head::table.find(1))
        .set((
            log_head::sequence.eq(head.sequence),
            log_head::recorded_at.eq(head.recorded_at_micros),
            log_head::frontier.eq(head.frontier.as_slice()),
        ))
        .execute(conn)
        .map_err(StoreError::on("log_head"))?;
    if moved == 1 { wake(conn, Some(head.sequence)) } else { Err(StoreError::Stale { table: "log_head" }) }
}

impl Conn {
    /// Returns the payload commitment of a change. It identifies a history, because each commitment has its own salt.
    pub fn commitment_of(&mut self, sequence: i64) -> Result<Option<Vec<u8>>, StoreError> {
        changes::table
            .find(sequence)
            .select(changes::payload_commitment)
            .first(self)
            .optional()
            .map_err(StoreError::on("changes"))
    }

    /// Returns the head of the log. Its sequence is always the last one of a transaction.
    pub fn log_head(&mut self) -> Result<LogHead, StoreError> {
        head(self)
    }

    /// Returns the last sequence at or before `sequence` that ends a transaction, and when it was recorded; 0 and `None` if there is
    /// none.
    pub fn pinnable_sequence(&mut self, sequence: i64) -> Result<(i64, Option<UtcTime>), StoreError> {
        self.last_end(Some(sequence), None)
    }

    /// Returns the last sequence recorded at or before `time` that ends a transaction, and when it was recorded.
    pub fn sequence_at(&mut self, time: UtcTime) -> Result<(i64, Option<UtcTime>), StoreError> {
        self.last_end(None, Some(time))
    }

    fn last_end(&mut self, sequence: Option<i64>, time: Option<UtcTime>) -> Result<(i64, Option<UtcTime>), StoreError> {
        let found: Option<(i64, UtcTime)> = changes::table
            .filter(changes::ends_transaction.eq(1i16))
            .filter(changes::sequence.le(sequence.unwrap_or(i64::MAX)))
            .filter(changes::recorded_at.le(time.map_or(i64::MAX, UtcTime::micros)))
            .order(changes::sequence.desc())
            .select((changes::sequence, changes::recorded_at))
            .first(self)
            .optional()
            .map_err(StoreError::on("changes"))?;
        Ok(found.map_or((0, None), |(sequence, recorded_at)| (sequence, Some(recorded_at))))
    }

    /// Returns the changes after one sequence and before another, in order.
    pub fn changes_between(&mut self, after: i64, before: i64) -> Result<Vec<PassedChange>, StoreError> {
        changes::table
            .filter(changes::sequence.gt(after))
            .filter(changes::sequence.lt(before))
            .order(changes::sequence)
            .select(PassedChange::as_select())
            .load(self)
            .map_err(StoreError::on("changes"))
    }

    /// Returns when some changes were recorded: sequence and instant.
    pub fn recorded_at(&mut self, sequences: &[i64]) -> Result<Vec<(i64, UtcTime)>, StoreError> {
        let mut found = Vec::new();
        for chunk in sequences.chunks(500) {
            let query = changes::table.filter(changes::sequence.eq_any(chunk)).select((changes::sequence, changes::recorded_at));
            found.extend(query.load::<(i64, UtcTime)>(self).map_err(StoreError::on("changes"))?);
        }
        Ok(found)
    }

    /// Returns, for each VASP that changed after `after` and at or before `until`: its number, last sequence, and time of recording.
    pub fn last_changes(&mut self, of: Option<&[i64]>, after: i64, until: i64) -> Result<Vec<(i64, i64, UtcTime)>, StoreError> {
        use diesel::dsl::max;
        let query = || {
            changes::table
                .filter(changes::subject.is_not_null())
                .filter(changes::sequence.gt(after))
                .filter(changes::sequence.le(until))
                .group_by(changes::subject)
                .select((changes::subject, max(changes::sequence), max(changes::recorded_at)))
        };
        type Last = (Option<i64>, Option<i64>, Option<UtcTime>);
        let mut rows: Vec<Last> = Vec::new();
        match of {
            None => rows = query().load(self).map_err(StoreError::on("changes"))?,
            Some(numbers) => {
                for chunk in numbers.chunks(500) {
                    let found = query().filter(changes::subject.eq_any(chunk));
                    rows.extend(found.load::<Last>(self).map_err(StoreError::on("changes"))?);
                }
            }
        }
        Ok(rows.into_iter().filter_map(|(subject, sequence, at)| Some((subject?, sequence?, at?))).collect())
    }

    /// Returns the public changes of one VASP up to `until` and before `before`, newest first, at most `limit`.
    pub fn history(&mut self, vasp: i64, until: i64, before: i64, limit: i64) -> Result<Vec<ChangeRow>, StoreError> {
        changes::table
            .left_join(change_payloads::table)
            .filter(changes::subject.eq(vasp))
            .filter(changes::audience.eq(Audience::Public))
            .filter(changes::sequence.le(until))
            .filter(changes::sequence.lt(before))
            .order(changes::sequence.desc())
            .limit(limit)
            .select(ChangeRow::as_select())
            .load(self)
            .map_err(StoreError::on("changes"))
    }

    /// Returns the payload of the last change of a kind; `None` if there is no such change or its payload was erased.
    pub fn last_payload_of(&mut self, kind: &str) -> Result<Option<String>, StoreError> {
        changes::table
            .inner_join(change_payloads::table)
            .filter(changes::kind.eq(kind))
            .order(changes::sequence.desc())
            .select(change_payloads::payload)
            .first(self)
            .optional()
            .map_err(StoreError::on("changes"))
    }

    /// Returns the changes after `after`, each with its salt and commitment, in order, at most `limit`. A caller recomputes the log from
    /// them.
    pub fn log_entries(&mut self, after: i64, limit: i64) -> Result<Vec<ChangeRow>, StoreError> {
        changes::table
            .left_join(change_payloads::table)
            .filter(changes::sequence.gt(after))
            .order(changes::sequence)
            .limit(limit)
            .select(ChangeRow::as_select())
            .load(self)
            .map_err(StoreError::on("changes"))
    }

    /// Returns the envelopes after `after`, in order, at most `limit`.
    pub fn envelopes(&mut self, after: i64, limit: i64) -> Result<Vec<EnvelopeRow>, StoreError> {
        changes::table
            .filter(changes::sequence.gt(after))
            .order(changes::sequence)
            .limit(limit)
            .select(EnvelopeRow::as_select())
            .load(self)
            .map_err(StoreError::on("changes"))
    }

    /// Returns the changes for an audience after `after` and at or before `until`, in order, at most `limit`.
    pub fn published_changes(
        &mut self,
        audience: Audience,
        after: i64,
        until: i64,
        limit: i64,
    ) -> Result<Vec<ChangeRow>, StoreError> {
        changes::table
            .left_join(change_payloads::table)
            .filter(changes::audience.eq(audience))
            .filter(changes::sequence.gt(after))
            .filter(changes::sequence.le(until))
            .order(changes::sequence)
            .limit(limit)
            .select(ChangeRow::as_select())
            .load(self)
            .map_err(StoreError::on("changes"))
    }
}
