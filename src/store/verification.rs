//! Rows with the order and columns that a comparison of the database with its log needs. `service/verification` of the app makes it.

use super::edge::*;
use diesel::sql_types::Text;
use vasp_record::client_certificate::Sha256Hex;
use vasp_words::ids::{DocumentId, OrganisationId, VaspId};
use vasp_words::time::{Date, UtcTime};

use super::lei_schema::{lei_looks, lei_records};
use super::schema::{
    audit_events, audit_head, change_payloads, changes, checkpoints, claim_batches, claims, documents, evidence,
    member_documents, snapshots, sub_accounts, vasps,
};
use super::{BatchRow, ChangeRow, CheckpointRow, Conn, LeiLookRow, SnapshotRow, StoreError, SubAccountRow, VaspRow};

/// A change with the number of the VASP in its row, which its commitment does not cover.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = changes)]
pub struct LoggedChange {
    /// The change.
    #[diesel(embed)]
    pub change: ChangeRow,
    /// Number of the VASP that it is about; `None` if it is about no VASP.
    pub subject: Option<i64>,
}

/// An event of the audit chain. Its payload is the text that was hashed.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit_events)]
pub struct AuditLineRow {
    /// Place in the chain.
    pub number: i64,
    /// When it happened.
    pub at: UtcTime,
    /// The organisation whose event it is.
    pub organisation: Option<String>,
    /// Id of the user.
    pub actor: Option<String>,
    /// Id of the credential.
    pub credential: Option<String>,
    /// What was done.
    pub action: String,
    /// What the action was applied to.
    pub subject: Option<String>,
    /// The outcome.
    pub outcome: String,
    /// Salt of the commitment; `None` if the payload was erased.
    pub salt: Option<Vec<u8>>,
    /// Details; `None` if they were erased.
    pub payload: Option<String>,
    /// SHA-256(salt ‖ payload).
    pub commitment: Vec<u8>,
    /// Hash of this event, chained to the hash of the event before it.
    pub hash: Vec<u8>,
}

/// A reference document without its text.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = documents)]
pub struct DocumentHeadRow {
    /// Kind.
    pub kind: String,
    /// Its own version.
    pub version: String,
    /// Day of the facts in it.
    pub observed_on: Date,
    /// File or page.
    pub source: String,
    /// SHA-256 of the file.
    pub digest: Vec<u8>,
    /// Sequence of the change that added it.
    pub seq_from: i64,
}

/// The VASP of a piece of evidence, and the sequences between which the evidence is valid.
pub type EvidenceSpan = (VaspId, Option<i64>, Option<i64>);

/// Returns rows whose column is after one number and at or before another.
macro_rules! between {
    ($conn:expr, $table:ident, $column:ident, $row:ty, $after:expr, $until:expr) => {
        $table::table
            .filter($table::$column.gt($after))
            .filter($table::$column.le($until))
            .order($table::$column)
            .select(<$row>::as_select())
            .load($conn)
            .map_err(StoreError::on(stringify!($table)))
    };
}

/// Something that can be revoked or disabled.
struct Revocable {
    table: &'static str,
    /// Which rows are in force (SQL).
    in_force: &'static str,
    /// The action in the audit chain that ends one.
    revoke: &'static str,
    /// The action that makes one count again, if there is one.
    restore: Option<&'static str>,
}

const REVOCABLE: [Revocable; 4] = [
    Revocable { table: "api_keys", in_force: "revoked_at IS NULL", revoke: "api_key.revoke", restore: None },
    Revocable {
        table: "client_certificates",
        in_force: "revoked_at IS NULL",
        revoke: "client_certificate.revoke",
        restore: None,
    },
    Revocable { table: "delegations", in_force: "revoked_at IS NULL", revoke: "delegation.revoke", restore: None },
    Revocable { table: "users", in_force: "state <> 'disabled'", revoke: "user.disable", restore: Some("user.enable") },
];

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = diesel::sql_types::Text)]
    id: String,
}

impl Conn {
    /// Returns the keys, certificates, delegations and users that are in force although the audit chain says that they were revoked or
    /// disabled: each with its table.
    pub fn revived(&mut self) -> Result<Vec<(&'static str, String)>, StoreError> {
        let mut revived = Vec::new();
        for Revocable { table, in_force, revoke, restore } in REVOCABLE {
            let sql = format!(
                "SELECT t.id FROM {table} t WHERE {in_force} AND (SELECT e.action FROM audit_events e WHERE e.subject = t.id \
                 AND e.outcome = 'done' AND e.action IN ('{revoke}', '{}') ORDER BY e.number DESC LIMIT 1) = '{revoke}' \
                 ORDER BY t.id",
                restore.unwrap_or(revoke)
            );
            let found: Vec<Named> = diesel::sql_query(sql).load(self).map_err(StoreError::on(table))?;
            revived.extend(found.into_iter().map(|row| (table, row.id)));
        }
        Ok(revived)
    }

    /// Returns the changes after `after`, in order, at most `limit`.
    pub fn logged_changes(&mut self, after: i64, limit: i64) -> Result<Vec<LoggedChange>, StoreError> {
        changes::table
            .left_join(change_payloads::table)
            .filter(changes::sequence.gt(after))
            .order(changes::sequence)
            .limit(limit)
            .select(LoggedChange::as_select())
            .load(self)
            .map_err(StoreError::on("changes"))
    }

    /// Returns the changes until a sequence whose rows name one of some VASPs, in order.
    pub fn logged_changes_about(&mut self, vasps: &[i64], until: i64) -> Result<Vec<LoggedChange>, StoreError> {
        changes::table
            .left_join(change_payloads::table)
            .filter(changes::subject.eq_any(vasps))
            .filter(changes::sequence.le(until))
            .order(changes::sequence)
            .select(LoggedChange::as_select())
            .load(self)
            .map_err(StoreError::on("changes"))
    }

    /// Returns the changes at some sequences.
    pub fn logged_changes_at(&mut self, sequences: &[i64]) -> Result<Vec<LoggedChange>, StoreError> {
        changes::table
            .left_join(change_payloads::table)
            .filter(changes::sequence.eq_any(sequences))
            .select(LoggedChange::as_select())
            .load(self)
            .map_err(StoreError::on("changes"))
    }

    /// Returns the highest sequence of any row of the log; 0 if there is none.
    pub fn last_logged(&mut self) -> Result<i64, StoreError> {
        let last: Option<i64> =
            changes::table.select(diesel::dsl::max(changes::sequence)).first(self).map_err(StoreError::on("changes"))?;
        Ok(last.unwrap_or(0))
    }

    /// Returns the checkpoints of sizes after `after` and at or before `until`.
    pub fn checkpoints_between(&mut self, after: i64, until: i64) -> Result<Vec<CheckpointRow>, StoreError> {
        between!(self, checkpoints, size, CheckpointRow, after, until)
    }

    /// Returns the snapshots that were added after `after` and at or before `until`.
    pub fn snapshots_between(&mut self, after: i64, until: i64) -> Result<Vec<SnapshotRow>, StoreError> {
        between!(self, snapshots, seq_from, SnapshotRow, after, until)
    }

    /// Returns the reference documents that were added after `after` and at or before `until`, without their texts.
    pub fn document_heads_between(&mut self, after: i64, until: i64) -> Result<Vec<DocumentHeadRow>, StoreError> {
        between!(self, documents, seq_from, DocumentHeadRow, after, until)
    }

    /// Returns the text of the reference document that was added at a sequence.
    pub fn document_text(&mut self, sequence: i64) -> Result<Option<String>, StoreError> {
        let text = documents::table.find(sequence).select(documents::body);
        text.first(self).optional().map_err(StoreError::on("documents"))
    }

    /// Returns the looks at GLEIF files after `after` and at or before `until`.
    pub fn lei_looks_between(&mut self, after: i64, until: i64) -> Result<Vec<LeiLookRow>, StoreError> {
        between!(self, lei_looks, seq_from, LeiLookRow, after, until)
    }

    /// Returns, by sequence after `after` and at or before `until`, how many versions of GLEIF's records began; then how many ended.
    pub fn lei_record_counts(&mut self, after: i64, until: i64) -> Result<[Vec<(i64, i64)>; 2], StoreError> {
        use diesel::dsl::count_star;
        let began = lei_records::table
            .filter(lei_records::seq_from.gt(after))
            .filter(lei_records::seq_from.le(until))
            .group_by(lei_records::seq_from)
            .select((lei_records::seq_from, count_star()));
        let began: Vec<(i64, i64)> = began.load(self).map_err(StoreError::on("lei_records"))?;
        let ended = lei_records::table
            .filter(lei_records::seq_to.gt(after))
            .filter(lei_records::seq_to.le(until))
            .group_by(lei_records::seq_to)
            .select((lei_records::seq_to.assume_not_null(), count_star()));
        Ok([began, ended.load(self).map_err(StoreError::on("lei_records"))?])
    }

    /// Returns the sub-accounts that became valid or ended after `after` and at or before `until`.
    pub fn sub_accounts_touched(&mut self, after: i64, until: i64) -> Result<Vec<SubAccountRow>, StoreError> {
        let began = sub_accounts::seq_from.gt(after).and(sub_accounts::seq_from.le(until));
        let ended = sub_accounts::seq_to.gt(after).and(sub_accounts::seq_to.le(until));
        let rows = sub_accounts::table.filter(began.or(ended)).select(SubAccountRow::as_select());
        rows.load(self).map_err(StoreError::on("sub_accounts"))
    }

    /// Returns the anchors of VASPs with some ids.
    pub fn vasps_by_id(&mut self, ids: &[VaspId]) -> Result<Vec<VaspRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in ids.chunks(500) {
            let query = vasps::table.filter(vasps::id.eq_any(chunk)).select(VaspRow::as_select());
            rows.extend(query.load::<VaspRow>(self).map_err(StoreError::on("vasps"))?);
        }
        Ok(rows)
    }

    /// Returns the anchors of VASPs after a number, in order, at most `limit`.
    pub fn vasps_after(&mut self, after: i64, limit: i64) -> Result<Vec<VaspRow>, StoreError> {
        let query = vasps::table.filter(vasps::number.gt(after)).order(vasps::number).limit(limit);
        query.select(VaspRow::as_select()).load(self).map_err(StoreError::on("vasps"))
    }

    /// Returns the sequences between which evidence about some VASPs is valid, for all evidence that ever was.
    pub fn evidence_spans(&mut self, vasps: &[VaspId]) -> Result<Vec<EvidenceSpan>, StoreError> {
        let query = evidence::table.filter(evidence::vasp.eq_any(vasps)).filter(evidence::seq_from.is_not_null());
        query.select((evidence::vasp, evidence::seq_from, evidence::seq_to)).load(self).map_err(StoreError::on("evidence"))
    }

    /// Returns, by sequence after `after` and at or before `until`, how many claims ended.
    pub fn claim_end_counts(&mut self, after: i64, until: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let ended = claims::table
            .filter(claims::seq_to.gt(after))
            .filter(claims::seq_to.le(until))
            .group_by(claims::seq_to)
            .order(claims::seq_to)
            .select((claims::seq_to.assume_not_null(), diesel::dsl::count_star()));
        ended.load(self).map_err(StoreError::on("claims"))
    }

    /// Returns numbers of claims that ended at a sequence, at most `limit`.
    pub fn claims_ended_at(&mut self, sequence: i64, limit: i64) -> Result<Vec<i64>, StoreError> {
        let query = claims::table.filter(claims::seq_to.eq(sequence)).order(claims::number).limit(limit);
        query.select(claims::number).load(self).map_err(StoreError::on("claims"))
    }

    /// Returns how many claims of a batch ended at a sequence.
    pub fn claims_of_batch_ended_at(&mut self, batch: i64, sequence: i64) -> Result<i64, StoreError> {
        let query = claims::table.filter(claims::seq_to.eq(sequence)).filter(claims::batch.eq(batch)).count();
        query.get_result(self).map_err(StoreError::on("claims"))
    }

    /// Returns a claim whose end lies before the log's first sequence or after its head.
    pub fn claim_ended_outside_log(&mut self) -> Result<Option<i64>, StoreError> {
        let head = self.log_head()?.sequence;
        for outside in
            [claims::table.filter(claims::seq_to.le(0)).into_boxed(), claims::table.filter(claims::seq_to.gt(head)).into_boxed()]
        {
            let outside: EndedClaims<'_> = outside;
            let found = outside.select(claims::number).first(self).optional().map_err(StoreError::on("claims"))?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Returns batches from a number on, with the sealed seeds of their salts, in order, at most `limit`.
    pub fn claim_batches_from(&mut self, number: i64, limit: i64) -> Result<Vec<(BatchRow, Vec<u8>)>, StoreError> {
        let query = claim_batches::table.filter(claim_batches::number.ge(number)).order(claim_batches::number).limit(limit);
        query.select((BatchRow::as_select(), claim_batches::seed)).load(self).map_err(StoreError::on("claim_batches"))
    }

    /// Returns the numbers of all batches that became valid at or before a sequence.
    pub fn claim_batch_numbers(&mut self, until: i64) -> Result<Vec<i64>, StoreError> {
        let query = claim_batches::table.filter(claim_batches::seq_from.le(until)).select(claim_batches::number);
        query.load(self).map_err(StoreError::on("claim_batches"))
    }

    /// Returns the number and hash of the head of the audit chain.
    pub fn audit_chain_head(&mut self) -> Result<(i64, Vec<u8>), StoreError> {
        audit_head::table.select((audit_head::number, audit_head::hash)).first(self).map_err(StoreError::on("audit_head"))
    }

    /// Returns the highest number of any row of the audit chain; 0 if there is none.
    pub fn last_audit_line(&mut self) -> Result<i64, StoreError> {
        let last: Option<i64> = audit_events::table
            .select(diesel::dsl::max(audit_events::number))
            .first(self)
            .map_err(StoreError::on("audit_events"))?;
        Ok(last.unwrap_or(0))
    }

    /// Returns events of the audit chain after a number, in order, at most `limit`.
    pub fn audit_lines(&mut self, after: i64, limit: i64) -> Result<Vec<AuditLineRow>, StoreError> {
        let query = audit_events::table.filter(audit_events::number.gt(after)).order(audit_events::number).limit(limit);
        query.select(AuditLineRow::as_select()).load(self).map_err(StoreError::on("audit_events"))
    }

    /// Returns documents that members submitted, after an id, in order, at most `limit`: id, owner, SHA-256 of the content.
    pub fn document_files_after(
        &mut self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<(DocumentId, OrganisationId, Sha256Hex)>, StoreError> {
        let query = member_documents::table.filter(member_documents::id.gt(after)).order(member_documents::id).limit(limit);
        let columns = (member_documents::id, member_documents::organisation, member_documents::sha256);
        query.select(columns).load(self).map_err(StoreError::on("member_documents"))
    }

    /// Returns a description of rows that refer to a missing row, with their tables, at most a few. The databases refuse to write such
    /// rows, but do not refuse to read them.
    pub fn broken_references(&mut self) -> Result<Vec<String>, StoreError> {
        let broken: Vec<Broken> = match self {
            Self::Sqlite(c) => diesel::sql_query(SQLITE_BROKEN).load(c).map_err(StoreError::on("references"))?,
            Self::Postgres(c) => {
                let checks: Vec<Broken> = diesel::sql_query(POSTGRES_CHECKS).load(c).map_err(StoreError::on("references"))?;
                let mut broken = Vec::new();
                for check in checks {
                    broken.extend(diesel::sql_query(check.word).load::<Broken>(c).map_err(StoreError::on("references"))?);
                }
                broken
            }
        };
        Ok(broken.into_iter().map(|row| row.word).collect())
    }
}

type EndedClaims<'a> = claims::BoxedQuery<'a, super::backend::MultiBackend>;

#[derive(QueryableByName)]
struct Broken {
    #[diesel(sql_type = Text)]
    word: String,
}

/// Source: SQLite, "PRAGMA foreign_key_check".
const SQLITE_BROKEN: &str =
    "SELECT \"table\" || ' names a row that is not in ' || parent AS word FROM pragma_foreign_key_check GROUP BY 1 LIMIT 20";

/// Returns one query for each reference of the schema in use. A partitioned table's references cover those of its parts.
///
/// Source: PostgreSQL 15 manual, `pg_constraint`.
const POSTGRES_CHECKS: &str = "SELECT format('SELECT %L AS word WHERE EXISTS (SELECT 1 FROM %s c WHERE %s AND NOT EXISTS \
     (SELECT 1 FROM %s p WHERE %s))', conrelid::regclass || ' names a row that is not in ' || confrelid::regclass, conrelid::regclass, \
     string_agg(format('c.%I IS NOT NULL', a.attname), ' AND '), confrelid::regclass, \
     string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND ')) AS word \
     FROM pg_constraint CROSS JOIN LATERAL unnest(conkey, confkey) AS k (own, other) \
     JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.own JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = k.other \
     WHERE contype = 'f' AND conparentid = 0 AND connamespace = current_schema()::regnamespace GROUP BY pg_constraint.oid, conrelid, confrelid";
