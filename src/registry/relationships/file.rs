//! The file of one counterparty during a write: read from the rows under the lock of private changes, and written as the next version.

use std::sync::Arc;

use super::{Ground, Judge, KeptRelationship};
use crate::acts::Identity;
use crate::acts::sealed_traces::seal_content;
use crate::directory::{Records, open_sealed};
use crate::node::{ServiceError, find_vasp};
use vasp_pki::DataKey;
use vasp_record::proposal::ProposalKind;
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;
use vasp_rules::relationship::{Event, Made, Relationship, Relationships};
use vasp_store::{RelationshipRow, SealedRow, Transaction};
use vasp_words::ids::{OrganisationId, RelationshipId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// One counterparty's file, held until the end of the transaction.
pub struct File {
    /// The current version; version 0 if nothing was ever written.
    pub(super) kept: Relationship,
    /// Id of the counterparty's record today.
    pub(super) vasp: VaspId,
    /// The files of records that were merged into the counterparty's record, and the revision from which each is in force.
    pub(super) others: Vec<(Relationship, i64)>,
    all: Arc<Relationships>,
    ended: Option<i64>,
    revision: i64,
    organisation: OrganisationId,
}

/// All files of one organisation, opened once during a write.
pub(super) struct Cabinet {
    /// Each file with the revision that began it; decisions that their rule carries no more are marked.
    files: Vec<(i64, Relationship)>,
    all: Arc<Relationships>,
    pub(super) organisation: OrganisationId,
    pub(super) revision: i64,
}

impl Cabinet {
    /// Opens all files. From here on, private changes of all organisations wait until this transaction ends.
    pub(super) fn open(
        transaction: &mut Transaction<'_>,
        organisation: OrganisationId,
        key: &DataKey,
    ) -> Result<Self, ServiceError> {
        let revision = transaction.next_private_revision(organisation)?;
        let rows = RelationshipRow::current_at(transaction.conn(), organisation, revision)?;
        let opened = rows.iter().map(|row| Ok((row.revision_from, open_sealed::<Relationship>(key, row)?)));
        let files = opened.collect::<Result<Vec<_>, ServiceError>>()?;
        let all = Arc::new(files.iter().map(|(_, kept)| kept.clone()).collect());
        Ok(Self { files, all, organisation, revision })
    }

    /// Marks the decisions that their rule carries no more.
    pub(super) fn marked(&self, judge: &Judge<'_>) -> Result<Self, ServiceError> {
        let mut files = self.files.clone();
        files.iter_mut().try_for_each(|(_, kept)| judge.mark(kept))?;
        let all = Arc::new(files.iter().map(|(_, kept)| kept.clone()).collect());
        Ok(Self { files, all, ..*self })
    }

    /// Returns all relationships.
    pub(super) fn all(&self) -> &Relationships {
        &self.all
    }

    /// Takes out the file of a counterparty.
    pub(super) fn file(&self, transaction: &mut Transaction<'_>, by: UserId, (records, vasp): (&Records, VaspId)) -> File {
        let (ids, _) = records.ids_of_party(vasp);
        let placed = self.files.iter().filter_map(|(from, kept)| {
            let place = ids.iter().position(|id| *id == kept.vasp)?;
            Some((place, kept.clone(), *from))
        });
        // After a merge, the file under today's id continues. If there is none, the file of a merged record continues.
        let mut of_it: Vec<_> = placed.collect();
        of_it.sort_by_key(|(place, ..)| *place);
        let mut of_it = of_it.into_iter().map(|(_, kept, from)| (kept, from));
        let (ended, kept) = match of_it.next() {
            Some((kept, from)) => (Some(from), kept),
            None => {
                let now = transaction.now();
                let id = RelationshipId::new(now, transaction.conn_and_rng().1);
                let made = Made { event: Event::Proposed, at: now, by, reason: None };
                (None, Relationship::begin(id, vasp, made))
            }
        };
        let (all, organisation, revision) = (Arc::clone(&self.all), self.organisation, self.revision);
        File { kept, vasp, others: of_it.collect(), all, ended, revision, organisation }
    }
}

impl File {
    /// Opens the file of a counterparty, as [`Cabinet::open`] does.
    pub(super) fn open(
        transaction: &mut Transaction<'_>,
        identity: &Identity,
        key: &DataKey,
        ground: &Ground<'_>,
        vasp: VaspId,
    ) -> Result<Self, ServiceError> {
        let cabinet = Cabinet::open(transaction, identity.organisation, key)?;
        let cabinet = cabinet.marked(&ground.judge(transaction.now().date())?)?;
        Ok(cabinet.file(transaction, identity.user, (ground.records(), vasp)))
    }

    /// Writes the next version.
    pub(super) fn write(
        &mut self,
        transaction: &mut Transaction<'_>,
        key: &DataKey,
        next: Relationship,
    ) -> Result<(), ServiceError> {
        let Self { organisation, revision, .. } = *self;
        let sealed = seal_content(key, &next, &next.id, revision, transaction.conn_and_rng().1)?;
        let row = RelationshipRow { id: next.id, organisation, revision_from: revision, revision_to: None, sealed };
        row.replace(transaction, self.ended.as_slice())?;
        (self.ended, self.kept) = (Some(self.revision), next);
        Ok(())
    }

    /// Ends the files of merged records, because the decision covers all of them together.
    pub(super) fn end_others(&mut self, transaction: &mut Transaction<'_>) -> Result<(), ServiceError> {
        for (other, from) in self.others.drain(..) {
            RelationshipRow::end(transaction, other.id, from, self.revision)?;
            transaction.supersede_proposal(ProposalKind::Relationship, &other.id.to_string())?;
            self.all = Arc::new(self.all.iter().filter(|one| one.id != other.id).cloned().collect());
        }
        Ok(())
    }

    /// Returns what the organisation sees of the counterparty now, without the proposal.
    pub(super) fn shown(&self, ground: &Ground<'_>, now: UtcTime) -> Result<KeptRelationship, ServiceError> {
        let all = self.all.iter().filter(|one| one.id != self.kept.id).chain([&self.kept]).cloned().collect();
        KeptRelationship::of(&all, ground, self.vasp, now)
    }
}

/// Finds the counterparty that a caller names; refuses the caller's own VASP.
pub(super) fn counterparty(records: &Records, identity: &Identity, name: VaspName) -> Result<std::sync::Arc<Vasp>, ServiceError> {
    let vasp = find_vasp(records, name)?;
    if identity.vasp.is_some_and(|own| records.canonical(own) == vasp.id) {
        return Err(ServiceError::IllegalStep(
            "This is your own VASP; a VASP cannot have a relationship with itself.".to_owned(),
        ));
    }
    Ok(vasp)
}
