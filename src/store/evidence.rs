//! Evidence for single attributes of records. It is valid publicly between two sequences. Before its case is decided it has no sequence,
//! and after it is replaced its row is kept.

use super::backend::written;
use super::edge::*;
use super::schema::evidence;
use super::{Conn, StoreError, Transaction};
use vasp_record::client_certificate::Sha256Hex;
use vasp_words::ids::{CaseId, EvidenceId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// Evidence for one attribute of a record.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = evidence, treat_none_as_default_value = false)]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// The VASP.
    pub vasp: VaspId,
    /// The attribute, such as `legal_name` or `licences/lic_…`.
    pub attribute: String,
    /// SHA-256 of the value that was verified.
    pub value_digest: Option<Sha256Hex>,
    /// Method of verification.
    pub method: String,
    /// File, page or person.
    pub source: String,
    /// The source's own reference.
    pub reference: Option<String>,
    /// Id of a document that a member submitted; `None` if there is none.
    pub document: Option<String>,
    /// The user who verified it; `None` for the registry itself.
    pub verifier: Option<UserId>,
    /// The case in which it was verified; `None` if there was none.
    pub case_id: Option<CaseId>,
    /// When it was verified.
    pub verified_at: UtcTime,
    /// When it expires; `None` if it does not.
    pub expires_at: Option<UtcTime>,
    /// When the registry recorded its expiry; `None` if it has not.
    pub expiry_noted: Option<UtcTime>,
    /// First sequence at which it is valid; `None` if its case is not decided.
    pub seq_from: Option<i64>,
    /// First sequence at which it is no longer valid; `None` if it is valid or waits.
    pub seq_to: Option<i64>,
}

/// Makes evidence valid from a sequence on.
pub(super) fn publish(conn: &mut Conn, ids: &[EvidenceId], sequence: i64) -> Result<(), StoreError> {
    for chunk in ids.chunks(500) {
        let place = evidence::table.filter(evidence::id.eq_any(chunk)).filter(evidence::seq_from.is_null());
        let update = diesel::update(place).set(evidence::seq_from.eq(sequence));
        let changed = update.execute(conn).map_err(StoreError::on("evidence"))?;
        if changed != chunk.len() {
            return Err(StoreError::Stale { table: "evidence" });
        }
    }
    Ok(())
}

/// Ends the validity of evidence at a sequence.
pub(super) fn end(conn: &mut Conn, ids: &[EvidenceId], sequence: i64) -> Result<(), StoreError> {
    for chunk in ids.chunks(500) {
        let place = evidence::table
            .filter(evidence::id.eq_any(chunk))
            .filter(evidence::seq_from.is_not_null())
            .filter(evidence::seq_to.is_null());
        let update = diesel::update(place).set(evidence::seq_to.eq(sequence));
        let changed = update.execute(conn).map_err(StoreError::on("evidence"))?;
        if changed != chunk.len() {
            return Err(StoreError::Stale { table: "evidence" });
        }
    }
    Ok(())
}

impl Conn {
    /// Returns all evidence about a VASP, oldest first: valid, waiting and ended.
    pub fn evidence_of(&mut self, vasp: VaspId) -> Result<Vec<Evidence>, StoreError> {
        evidence::table
            .filter(evidence::vasp.eq(vasp))
            .order(evidence::id)
            .select(Evidence::as_select())
            .load(self)
            .map_err(StoreError::on("evidence"))
    }

    /// Returns the evidence that is valid at `sequence`, for some VASPs or for all.
    pub fn evidence_at(&mut self, vasps: Option<&[VaspId]>, sequence: i64) -> Result<Vec<Evidence>, StoreError> {
        let query = || {
            evidence::table
                .filter(evidence::seq_from.le(sequence))
                .filter(evidence::seq_to.is_null().or(evidence::seq_to.gt(sequence)))
                .order(evidence::id)
                .select(Evidence::as_select())
        };
        let Some(vasps) = vasps else { return query().load(self).map_err(StoreError::on("evidence")) };
        let mut rows = Vec::new();
        for chunk in vasps.chunks(500) {
            let found = query().filter(evidence::vasp.eq_any(chunk));
            rows.extend(found.load::<Evidence>(self).map_err(StoreError::on("evidence"))?);
        }
        Ok(rows)
    }

    /// Returns the ids of the VASPs whose evidence became valid or ended after `after` and at or before `until`.
    pub fn evidence_changed(&mut self, after: i64, until: i64) -> Result<Vec<VaspId>, StoreError> {
        let began = evidence::table.filter(evidence::seq_from.gt(after)).filter(evidence::seq_from.le(until));
        let ended = evidence::table.filter(evidence::seq_to.gt(after)).filter(evidence::seq_to.le(until));
        let mut ids: Vec<VaspId> = began.select(evidence::vasp).distinct().load(self).map_err(StoreError::on("evidence"))?;
        ids.extend(ended.select(evidence::vasp).distinct().load::<VaspId>(self).map_err(StoreError::on("evidence"))?);
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// Returns the valid evidence that expired at or before `at` and whose expiry has not been recorded.
    pub fn evidence_expired(&mut self, at: UtcTime, limit: i64) -> Result<Vec<Evidence>, StoreError> {
        evidence::table
            .filter(evidence::expiry_noted.is_null())
            .filter(evidence::expires_at.le(at))
            .filter(evidence::seq_from.is_not_null())
            .filter(evidence::seq_to.is_null())
            .order((evidence::expires_at, evidence::id))
            .limit(limit)
            .select(Evidence::as_select())
            .load(self)
            .map_err(StoreError::on("evidence"))
    }
}

impl Transaction<'_> {
    /// Adds evidence that is not valid yet; `Edit::PublishEvidence` makes it valid.
    pub fn add_evidence(&mut self, row: &Evidence) -> Result<(), StoreError> {
        written(self.conn(), "evidence", diesel::insert_into(evidence::table).values(row)).map(drop)
    }

    /// Records that evidence expired; `false` if this was recorded before.
    pub fn note_expiry(&mut self, id: EvidenceId, at: UtcTime) -> Result<bool, StoreError> {
        let place = evidence::table.find(id).filter(evidence::expiry_noted.is_null());
        let update = diesel::update(place).set(evidence::expiry_noted.eq(at));
        update.execute(self.conn()).map(|rows| rows == 1).map_err(StoreError::on("evidence"))
    }
}
