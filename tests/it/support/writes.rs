//! Writes through the store as the services make them, and the check that a log recomputes: for tests that ask the library.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use diesel::sql_types::{Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use vasp_addresses::address::{Controller, ControllerBytes, Controllers};
use vasp_addresses::class::ClassNumber;
use vasp_addresses::network::{Family, NetworkNumber, NetworkTable};
use vasp_log::change::{Audience, ChangeKind, ClaimBatchAdded, HexBytes, NewChange, Payload, RecordChange, RecordKind};
use vasp_log::{Frontier, Sealer, leaf_hash};
use vasp_record::claim::{AddressRole, Strength, Visibility};
use vasp_record::fact::{Attribute, Fact, FactValue};
use vasp_record::submission::Submission;
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_store::{
    AuditFilter, ChangeRow, ClaimBatch, ClaimRow, Edit, EnvelopeRow, KeptRecord, NewClaim, Store, StoreError, StoreOptions,
    Transaction,
};
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

use super::{Database, NOW, connect_to_file};

/// The instant at which every test happens.
pub(crate) fn now() -> UtcTime {
    NOW.parse().unwrap()
}

/// Opens a store with some connections, its schema made.
pub(crate) fn open_store(database: &Database, connections: u32) -> Store {
    let options = StoreOptions { create: true, migrate: true, readers: connections, ..StoreOptions::default() };
    database.with_tables();
    Store::open(&database.url, &options, Arc::new(Sealer::default())).unwrap()
}

/// Sets a flag when it drops: threads that go on until then end also when the test fails.
pub(crate) struct SetAtEnd<'a>(pub &'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A public change that says nothing.
pub(crate) fn change(kind: ChangeKind, subject: Option<i64>) -> NewChange {
    let record: RecordKind = match kind {
        ChangeKind::VaspListed => Payload::VaspListed,
        ChangeKind::VaspChanged => Payload::VaspChanged,
        ChangeKind::VaspVerified => Payload::VaspVerified,
        ChangeKind::VaspStatusChanged => Payload::VaspStatusChanged,
        ChangeKind::EndpointChanged => Payload::EndpointChanged,
        ChangeKind::CertificateChanged => Payload::CertificateChanged,
        ChangeKind::ClaimBatch => return NewChange { audience: Audience::Public, subject, payload: batch_said() },
        other => panic!("no test writes a change of the kind {}", other.as_str()),
    };
    NewChange { audience: Audience::Public, subject, payload: record(nothing_said()) }
}

/// What a change says of a VASP of which nothing changes.
pub(crate) fn nothing_said() -> RecordChange {
    let (vasp, observed_on) = (VaspId::first_at(now()), now().date());
    RecordChange { vasp, origin: "test".to_owned(), source: "test".to_owned(), observed_on, changes: vec![], evidence: None }
}

fn batch_said() -> Payload {
    Payload::ClaimBatch(ClaimBatchAdded {
        batch: 1,
        source: "test".to_owned(),
        method: "third_party_label".to_owned(),
        strength: Strength::Attributed,
        visibility: Visibility::Public,
        claims: 1,
        root: HexBytes::of(&[0; 32]),
        ended: None,
        part_of: None,
    })
}

/// Begins a fact about a VASP: attribute, item and value.
pub(crate) fn said(origin: &str, vasp: i64, (attribute, item, value): (&str, &str, &str)) -> Edit {
    let said = FactValue::read(Attribute::from_text(attribute).unwrap(), item, value);
    let said = said.unwrap_or_else(|| panic!("{attribute} {item} {value} is no fact"));
    let (origin, source) = (Arc::from(origin), Arc::from(origin));
    Edit::OpenFact { vasp, fact: Fact { licence: None, origin, said, from: None, to: None, source } }
}

/// Begins a fact about a VASP that has no item.
pub(crate) fn fact(vasp: i64, attribute: &str, value: &str) -> Edit {
    said("test", vasp, (attribute, "", value))
}

/// Adds a group with a name in the running transaction and returns its number and id.
pub(crate) fn add_group(transaction: &mut Transaction<'_>, name: &str) -> Result<(i64, VaspId), StoreError> {
    let at = transaction.now();
    let id = VaspId::new(at, transaction.conn_and_rng().1);
    let number = transaction.add_vasp(id, VaspKind::Group)?.number;
    transaction.record(change(ChangeKind::VaspListed, Some(number)), vec![fact(number, "legal_name", name)]);
    Ok((number, id))
}

/// Renames a group; stale if another writer did since `read`.
pub(crate) fn rename(transaction: &mut Transaction<'_>, vasp: i64, name: &str) -> Result<(), StoreError> {
    let read = transaction.conn().facts_of(&[vasp], i64::MAX - 1)?;
    let ended = read.iter().map(|known| Edit::CloseFact(known.number));
    let edits = ended.chain([fact(vasp, "legal_name", name)]).collect();
    transaction.record(change(ChangeKind::VaspChanged, Some(vasp)), edits);
    Ok(())
}

/// A claim to be written.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub network: i32,
    pub account_key: Vec<u8>,
    pub owner: i64,
    pub expires_at: Option<UtcTime>,
}

/// A batch of so many rows of third-party data.
pub(crate) fn batch_of(number: i64, rows: usize, visibility: Visibility) -> ClaimBatch {
    ClaimBatch {
        number,
        source: "test".to_owned(),
        source_key: "test".to_owned(),
        method: "third_party_label".to_owned(),
        strength: Strength::Attributed,
        visibility,
        row_count: i64::try_from(rows).unwrap(),
        root: vec![0; 32],
        seed: vec![0; 32],
        verified_at: None,
        part_of: number,
    }
}

/// What must act for an account with this key: as it is read on an EVM network or their family; elsewhere the key, on that network alone.
pub(crate) fn controllers(network: i32, account_key: &[u8]) -> Controllers {
    let (table, text) = (NetworkTable::embedded(), format!("0x{}", hex::encode(account_key)));
    match table.by_number(NetworkNumber(network)) {
        None => table.parse_on_family(Family::Eip155, &text).unwrap().controllers,
        Some(evm) if evm.family.is_some() => table.parse_on(evm, &text).unwrap().controllers,
        Some(_) => Controllers::from(Controller { class: ClassNumber(network), bytes: ControllerBytes::new(account_key) }),
    }
}

/// Adds a batch of claims in the running transaction and returns their rows.
pub(crate) fn add_batch(
    transaction: &mut Transaction<'_>,
    labels: &[Label],
    visibility: Visibility,
) -> Result<Vec<ClaimRow>, StoreError> {
    let (batch, rows) = hold_batch(transaction, labels, visibility)?;
    transaction.record(change(ChangeKind::ClaimBatch, None), vec![Edit::AddBatch(batch)]);
    Ok(rows)
}

/// As [`add_batch`], but the batch itself is left to the caller, as by an import that is under way.
pub(crate) fn hold_batch(
    transaction: &mut Transaction<'_>,
    labels: &[Label],
    visibility: Visibility,
) -> Result<(ClaimBatch, Vec<ClaimRow>), StoreError> {
    let first = transaction.take_numbers("claims", i64::try_from(labels.len()).unwrap())?;
    let batch = transaction.take_numbers("claim_batches", 1)?;
    let row = |(number, label): (i64, &Label)| ClaimRow {
        number,
        class: controllers(label.network, &label.account_key).first().class.0,
        controller: label.account_key.clone(),
        memo: String::new(),
        network: label.network,
        account_key: label.account_key.clone(),
        vasp: label.owner,
        batch,
        role: AddressRole::Unknown.code(),
        confidence: None,
        asserted_at: Some(now().micros()),
        expires_at: label.expires_at.map(UtcTime::micros),
        seq_to: None,
    };
    let rows: Vec<ClaimRow> = (first..).zip(labels).map(row).collect();
    let new: Vec<NewClaim> =
        (0..).zip(&rows).map(|(position, row)| NewClaim { row: row.clone(), position, others: vec![] }).collect();
    transaction.add_claims(&new)?;
    Ok((batch_of(batch, rows.len(), visibility), rows))
}

/// Asserts that the log has no gap, that times rise, and that its tree comes out again from what is stored.
#[track_caller]
pub(crate) fn assert_log_recomputes(store: &Store) -> usize {
    let (head, entries) = store.read::<_, StoreError>(|conn| Ok((conn.log_head()?, conn.log_entries(0, i64::MAX)?))).unwrap();
    let mut frontier = Frontier::default();
    let mut last_recorded_at = UtcTime::EPOCH;
    for (place, ChangeRow { envelope, salt, payload }) in entries.iter().enumerate() {
        let EnvelopeRow { sequence, kind, audience, recorded_at, payload_commitment: commitment } = envelope;
        assert_eq!(usize::try_from(*sequence).unwrap(), place + 1);
        assert!(*recorded_at > last_recorded_at, "at {sequence}");
        last_recorded_at = *recorded_at;
        let sealed = [salt.as_deref().unwrap(), payload.as_deref().unwrap().as_bytes()].concat();
        assert_eq!(digest(&SHA256, &sealed).as_ref(), commitment.as_slice());
        let (kind, text) = (kind.as_str(), payload.as_deref().unwrap());
        let read = Payload::read(kind, text).unwrap_or_else(|error| panic!("{kind} {text}: {error:?}"));
        assert_eq!(serde_json_canonicalizer::to_string(&read).unwrap(), text, "the closed form of {kind} has all of it");
        // RFC 8785: members in order of their names, no blanks.
        let envelope = format!(
            r#"{{"audience":"{audience}","kind":"{kind}","payload_commitment":"{}","recorded_at":"{recorded_at}","sequence":{sequence}}}"#,
            hex::encode(commitment)
        );
        frontier.append(leaf_hash(envelope.as_bytes()));
    }
    assert_eq!(head.sequence, i64::try_from(entries.len()).unwrap());
    assert_eq!((head.frontier, head.recorded_at_micros), (frontier.to_bytes(), last_recorded_at.micros()));
    entries.len()
}

/// Asserts that the audit chain has no gap and that every hash comes out again from what is stored.
#[track_caller]
pub(crate) fn assert_audit_recomputes(store: &Store) -> usize {
    let (head, rows, stored) = store
        .read::<_, StoreError>(|conn| {
            let stored: Vec<StoredPayload> = sql_query("SELECT payload FROM audit_events ORDER BY number").load(conn).unwrap();
            Ok((conn.audit_head()?, conn.audit_chain(&AuditFilter::default(), 0, i64::MAX, i64::MAX)?, stored))
        })
        .unwrap();
    assert_eq!(rows.len(), stored.len());
    let mut before = vec![0; 32];
    for (place, (row, StoredPayload { payload })) in rows.iter().zip(&stored).enumerate() {
        assert_eq!(usize::try_from(row.number).unwrap(), place + 1);
        if let (Some(salt), Some(payload)) = (&row.salt, payload) {
            let sealed = [salt.as_slice(), payload.as_bytes()].concat();
            assert_eq!(digest(&SHA256, &sealed).as_ref(), row.commitment.as_slice());
        }
        let text = |value: &Option<String>| value.as_ref().map_or("null".to_owned(), |value| json!(value).to_string());
        // RFC 8785: members in order of their names, no blanks.
        let line = format!(
            r#"{{"action":{},"actor":{},"at":"{}","credential":{},"number":{},"organisation":{},"outcome":"{}","payload_commitment":"{}","subject":{}}}"#,
            json!(row.action),
            text(&row.actor),
            row.at,
            text(&row.credential),
            row.number,
            text(&row.organisation),
            row.outcome,
            hex::encode(&row.commitment),
            text(&row.subject),
        );
        let hash = digest(&SHA256, &[before.as_slice(), line.as_bytes()].concat());
        assert_eq!(hash.as_ref(), row.hash.as_slice(), "event {}", row.number);
        before = row.hash.clone();
    }
    assert_eq!((usize::try_from(head.number).unwrap(), head.hash), (rows.len(), before));
    rows.len()
}

/// What the chain's commitments are over: the text itself, not what it reads as.
#[derive(QueryableByName)]
struct StoredPayload {
    #[diesel(sql_type = Nullable<Text>)]
    payload: Option<String>,
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    finding: String,
}

/// Asserts that a database is whole: SQLite's own checks, and that the log recomputes on either.
#[track_caller]
pub(crate) fn assert_undamaged(database: &Database) {
    if let Some(file) = database.file() {
        let mut conn = connect_to_file(file);
        let mut ask = |sql: &str| -> Vec<String> {
            sql_query(sql).load::<Finding>(&mut conn).unwrap().into_iter().map(|row| row.finding).collect()
        };
        assert_eq!(ask("SELECT integrity_check AS finding FROM pragma_integrity_check"), ["ok"]);
        assert_eq!(ask("SELECT \"table\" AS finding FROM pragma_foreign_key_check"), [""; 0]);
    }
    assert_log_recomputes(&open_store(database, 1));
}

/// What an organisation handed in about a VASP.
pub(crate) fn kept_record(vasp: VaspId, organisation: OrganisationId, status: VaspStatus, now: UtcTime) -> KeptRecord {
    let said = Json(Submission { legal_name: "x".to_owned(), ..Submission::default() });
    KeptRecord { vasp, organisation, status, version: 1, said, approved: None, created_at: now, updated_at: now }
}
