//! One generation: the directory at one sequence. It is immutable; unchanged parts are shared with the generation before.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use imbl::ordmap::DiffItem;

use super::claim_index::StoredClaim;
use super::coverage::{Coverage, CoverageLine, Seers};
use super::load::newest_readings;
use super::past::Seat;
use super::records::{Ground, KnownVasp, Records, Vasps};
use super::shared::{SharedMap, Table};
use super::sub_accounts::SubAccounts;
use super::{Documents, HeldLeiRecord, Joined};
use vasp_addresses::address::AccountKey;
use vasp_addresses::class::ClassNumber;
use vasp_addresses::network::{Family, Network, NetworkNumber, NetworkTable};
use vasp_pki::receipt::CanonicalText;
use vasp_record::claim::{AddressRole, Claim, ClaimNumber, NetworkMatch, Reader, Strength, Visibility};
use vasp_record::endpoint::Endpoint;
use vasp_record::fact::{Snapshots, VaspFacts};
use vasp_record::licence::Licence;
use vasp_record::resolution::SubAccount;
use vasp_record::timeline::Reading;
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_rules::endpoint_rules::standing::{Standing, StandingGround, Unusable};
use vasp_rules::protocol::ProtocolId;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

/// The data that the claims of one batch share.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub source: Arc<str>,
    pub method: Arc<str>,
    pub strength: Strength,
    pub visibility: Visibility,
    pub verified_at: Option<UtcTime>,
    /// The organisations that it names.
    pub named: Arc<[OrganisationId]>,
    /// First sequence at which its claims are valid.
    pub seq_from: i64,
    /// When that was recorded.
    pub recorded_at: UtcTime,
}

impl Batch {
    /// Returns who may see its claims.
    pub(super) fn seers(&self) -> Seers {
        (self.visibility, Arc::clone(&self.named))
    }
}

/// The directory at one sequence.
#[derive(Clone, Debug)]
pub struct Generation {
    pub(super) sequence: i64,
    pub(super) as_of: UtcTime,
    pub(super) vasps: Vasps,
    pub(super) numbers: Table<VaspId, i64>,
    /// Number of facts of all VASPs.
    pub(super) fact_count: usize,
    pub(super) snapshots: Arc<Snapshots>,
    pub(super) snapshots_sequence: i64,
    pub(super) records: Arc<Records>,
    /// The records of the next day, prepared shortly before it begins.
    pub(super) ahead: Option<Arc<Records>>,
    pub(super) batches: SharedMap<i64, Batch>,
    pub(super) coverage: Coverage,
    pub(super) joined: Joined,
    pub(super) documents_sequence: i64,
    pub(super) sub_accounts: Arc<SubAccounts>,
    /// For a whole past generation: its seat among the few that may be in memory at the same time.
    pub(super) _seat: Option<Arc<Seat>>,
}

/// Approximate size of a fact, with its part of the records made from it.
const FACT_BYTES: usize = 384;

/// Approximate size of a batch of claims.
const BATCH_BYTES: usize = 512;

impl Generation {
    /// Returns the last sequence that this generation includes.
    #[must_use]
    pub fn sequence(&self) -> i64 {
        self.sequence
    }

    /// Returns when that sequence was recorded.
    #[must_use]
    pub fn as_of(&self) -> UtcTime {
        self.as_of
    }

    /// Returns when a batch of claims was recorded, if it is part of this generation.
    #[must_use]
    pub fn batch_recorded_at(&self, number: i64) -> Option<UtcTime> {
        self.batches.get(&number).map(|batch| batch.recorded_at)
    }

    /// Returns the day for which the records are valid.
    #[must_use]
    pub fn day(&self) -> Date {
        self.records.day()
    }

    /// Returns the records of this generation's day.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Returns the reference documents.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.joined.documents
    }

    /// Returns GLEIF's record of an LEI, if the registry holds it.
    #[must_use]
    pub fn lei_record(&self, lei: Lei) -> Option<&HeldLeiRecord> {
        self.joined.lei_records.get(lei)
    }

    /// Returns the confirmed owners of memos of an account's address.
    #[must_use]
    pub fn sub_accounts(&self, network: NetworkNumber, key: &AccountKey) -> &[SubAccount] {
        self.sub_accounts.of(network.0, key.as_bytes())
    }

    /// Returns whether an endpoint of a VASP may be used at a moment, or why not.
    #[must_use]
    pub fn standing(&self, endpoint: &Endpoint, vasp: &Vasp, now: UtcTime) -> Standing {
        self.standing_ground().standing(endpoint, vasp, now)
    }

    /// Returns what a VASP has not yet proved about the location of an endpoint; `None` if the location is proved to be its own.
    #[must_use]
    pub fn unproven(&self, endpoint: &Endpoint, vasp: &Vasp) -> Option<Unusable> {
        self.standing_ground().unproven(endpoint, vasp)
    }

    /// Returns the protocols of a VASP's usable endpoints, each once, ordered by name.
    #[must_use]
    pub fn usable_protocols(&self, vasp: &Vasp, now: UtcTime) -> Vec<ProtocolId> {
        self.standing_ground().usable_protocols(vasp, now)
    }

    fn standing_ground(&self) -> StandingGround<'_> {
        let documents = self.documents();
        StandingGround { protocols: &documents.protocols.value, platforms: &documents.platforms.value, bearers: &*self.records }
    }

    /// Returns the sequence of a VASP's last change; 0 if the VASP is not known.
    #[must_use]
    pub fn version_of(&self, id: VaspId) -> i64 {
        self.known(id).map_or(0, |known| known.version)
    }

    /// Returns everything that is known about a VASP.
    #[must_use]
    pub fn known(&self, id: VaspId) -> Option<&Arc<KnownVasp>> {
        self.numbers.get(&id).and_then(|number| self.vasps.get(number))
    }

    /// Returns the ids of the records whose facts changed since `before`, at most `most` of them. What both share is not looked at.
    #[must_use]
    pub fn changed_since(&self, before: &Self, most: usize) -> Vec<VaspId> {
        let changed = before.vasps.diff(&self.vasps).filter_map(|difference| match difference {
            DiffItem::Add(_, known) | DiffItem::Update { new: (_, known), .. } => Some(known.facts.id()),
            DiffItem::Remove(..) => None,
        });
        changed.filter(|id| self.records.canonical(*id) == *id).take(most).collect()
    }

    /// Returns the store's number of a VASP.
    #[must_use]
    pub fn number_of(&self, id: VaspId) -> Option<i64> {
        self.numbers.get(&id).copied()
    }

    /// Returns the VASP with this number in the store.
    #[must_use]
    pub fn vasp_of(&self, number: i64) -> Option<VaspId> {
        self.vasps.get(&number).map(|known| known.facts.id())
    }

    /// Returns the licences of a VASP as of a day.
    #[must_use]
    pub fn licences_on(&self, id: VaspId, day: Date) -> Option<Vec<Licence>> {
        let id = self.records.canonical(id);
        let others = self.records.absorbed_by(id).iter().filter_map(|other| self.known(*other));
        let others: Vec<VaspFacts> = others.map(|known| known.facts.unpack()).collect();
        Some(self.known(id)?.facts.unpack().record_with(&others, day, &self.snapshots).licences)
    }

    /// Returns the same generation with its records as of another day: the prepared ones, or built now.
    #[must_use]
    pub fn on_day(&self, day: Date) -> Self {
        let records = self.prepared_for(day).map_or_else(|| self.records_on(day), Arc::clone);
        Self { records, ahead: None, ..self.clone() }
    }

    /// Returns the records of a day if they were prepared.
    #[must_use]
    pub fn prepared_for(&self, day: Date) -> Option<&Arc<Records>> {
        self.ahead.as_ref().filter(|ahead| ahead.day() == day)
    }

    /// Builds the records of a day.
    pub(super) fn records_on(&self, day: Date) -> Arc<Records> {
        Arc::new(Records::of(self.ground(), Some(&self.records), day))
    }

    /// Prepares the search index, from that of the generation before.
    pub(super) fn prepare_search(&self, before: Option<&Self>) {
        self.records.prepare_search(before.map(Self::records));
        if let Some(ahead) = &self.ahead {
            ahead.prepare_search(Some(&self.records));
        }
    }

    /// Returns records of `before`, of any day, with what changed since. `None` if too much changed: then all must be built again.
    pub(super) fn with_changes_since(&self, before: &Self, records: Arc<Records>) -> Option<Arc<Records>> {
        if !Arc::ptr_eq(&before.snapshots, &self.snapshots) || !before.joined.is_same(&self.joined) {
            return None;
        }
        let changed = before.vasps.diff(&self.vasps).map(|difference| match difference {
            DiffItem::Add(number, _) | DiffItem::Update { new: (number, _), .. } | DiffItem::Remove(number, _) => *number,
        });
        let changed: Vec<i64> = changed.collect();
        if changed.is_empty() { Some(records) } else { records.next(&before.vasps, self.ground(), &changed).map(Arc::new) }
    }

    /// Returns what this generation's records are built from.
    pub(super) fn ground(&self) -> Ground<'_> {
        Ground { vasps: &self.vasps, numbers: &self.numbers, snapshots: &self.snapshots, joined: &self.joined }
    }

    /// Returns approximately how many bytes another generation needs that shares only the documents and the claim index with this one.
    pub(super) fn size_bytes(&self) -> usize {
        self.fact_count.saturating_mul(FACT_BYTES).saturating_add(self.batches.len().saturating_mul(BATCH_BYTES))
    }

    /// Returns the registers that were read, each with its newest snapshot: the newest whole one, if there is one.
    pub fn registers(&self) -> impl Iterator<Item = (&str, &Reading)> {
        newest_readings(&self.snapshots)
    }

    /// Returns the coverage of a network's claims that this reader may see. It includes claims on its family, which match there too.
    #[must_use]
    pub fn coverage(&self, network: &Network, reader: Reader) -> Option<CoverageLine> {
        let kind = |owner: i64| self.vasps.get(&owner).map_or(VaspKind::Entity, |known| known.facts.kind());
        self.coverage.line(network.number.0, network.family.map(|family| family.number().0), reader, kind)
    }

    /// Returns the cache for the serialised text of a network's line; `None` if the network has only its family's line. The cache lives as
    /// long as the line.
    #[must_use]
    pub fn written_coverage(&self, network: &Network, reader: Reader) -> Option<&OnceLock<CanonicalText>> {
        self.coverage.written(network.number.0, reader)
    }

    /// Returns whether this reader may see any claim that names the network itself.
    #[must_use]
    pub fn has_claims(&self, network: &Network, reader: Reader) -> bool {
        self.coverage.any(network.number.0, reader)
    }

    /// Returns the numbers of the VASPs that own claims on a network or its family which this reader may see. These are the owners that
    /// its coverage counts.
    #[must_use]
    pub fn owners(&self, network: &Network, reader: Reader) -> BTreeSet<i64> {
        self.coverage.owners(network.number.0, network.family.map(|family| family.number().0), reader)
    }

    /// Returns a stored claim on a controller of a class as a domain value; `None` if its batch is not part of this generation.
    #[must_use]
    pub(super) fn claim(&self, stored: &StoredClaim, class: ClassNumber) -> Option<Claim> {
        let batch = self.batches.get(&stored.batch)?;
        let owner = self.vasps.get(&stored.vasp)?;
        let network = NetworkNumber(stored.network);
        let is_family = Family::with_number(network).is_some();
        let is_shown = stored.stored_under.is_some() && NetworkTable::embedded().is_shown_form(network, class);
        Some(Claim {
            number: ClaimNumber(stored.number),
            vasp: self.records.canonical(owner.facts.id()),
            network_match: match is_family {
                true => NetworkMatch::Family,
                false if is_shown => NetworkMatch::Class,
                false => NetworkMatch::Exact,
            },
            memo: stored.memo.as_deref().map(str::to_owned),
            role: AddressRole::from_code(stored.role)?,
            strength: batch.strength,
            method: Arc::clone(&batch.method),
            source: Arc::clone(&batch.source),
            confidence_percent: stored.confidence.and_then(|c| u8::try_from(c).ok()),
            asserted_at: stored.asserted_at.and_then(|at| UtcTime::from_micros(at).ok()),
            recorded_at: batch.recorded_at,
            verified_at: batch.verified_at,
            expires_at: stored.expires_at.and_then(|at| UtcTime::from_micros(at).ok()),
            visibility: batch.visibility,
            named: Arc::clone(&batch.named),
            travels: batch.strength == Strength::Proven && proof_travels(stored, class),
        })
    }
}

/// Tells whether a claim, if it is proven, counts on every network of the class by which it was found. A proven claim is stored under the
/// controller that its key is, and counts for the forms that follow from it.
fn proof_travels(stored: &StoredClaim, class: ClassNumber) -> bool {
    let table = NetworkTable::embedded();
    let of_key = stored.stored_under.map_or(class, ClassNumber);
    let counts = stored.stored_under.is_none() || table.is_class_of_forms(class);
    counts && table.network_or_first(NetworkNumber(stored.network)).is_some_and(|network| table.proof_travels(network, of_key))
}
