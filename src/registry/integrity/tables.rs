//! Verifies the tables in which each row follows from one change. The change and the row must agree, and neither exists without the other.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vasp_log::change::{ClaimBatchAdded, Payload, RecordChange, SigningKeyChange, SubAccountChange};
use vasp_store::{BatchRow, DocumentHeadRow, LeiLookRow, LoggedChange, SigningKeyRow, SnapshotRow, SubAccountRow};
use vasp_words::ids::VaspId;

use super::Verification;
use crate::node::ServiceError;

/// The rows of a page's sequences, by sequence. A row is removed when a change explains it.
struct Rows {
    snapshots: BTreeMap<i64, SnapshotRow>,
    documents: BTreeMap<i64, DocumentHeadRow>,
    looks: BTreeMap<i64, LeiLookRow>,
    lei_began: BTreeMap<i64, i64>,
    lei_ended: BTreeMap<i64, i64>,
    batches: BTreeMap<i64, BatchRow>,
    begun: BTreeMap<i64, SubAccountRow>,
    ended: BTreeMap<i64, SubAccountRow>,
    keys: Vec<SigningKeyRow>,
    vasps: BTreeMap<VaspId, i64>,
}

impl Verification<'_> {
    pub(super) fn tables(&mut self, page: &[LoggedChange], after: i64, until: i64) -> Result<(), ServiceError> {
        let payload = |row: &LoggedChange| Some((row.change.envelope.kind.clone(), row.change.payload.clone()?));
        let mut read: Vec<(&LoggedChange, Payload)> = Vec::new();
        for row in page {
            let Some((kind, text)) = payload(row) else { continue };
            match Payload::read(&kind, &text) {
                Ok(said) => read.push((row, said)),
                Err(_) => self.altered(
                    "change_payloads",
                    row.change.envelope.sequence,
                    "it does not have the form that its kind requires",
                ),
            }
        }
        let mut rows = self.rows(&read, after, until)?;
        for (row, said) in &read {
            self.change(row, said, &mut rows)?;
        }
        let erased: BTreeSet<i64> =
            page.iter().filter(|row| row.change.payload.is_none()).map(|row| row.change.envelope.sequence).collect();
        self.unexplained(&rows, &erased);
        Ok(())
    }

    fn rows(&self, read: &[(&LoggedChange, Payload)], after: i64, until: i64) -> Result<Rows, ServiceError> {
        let ids: BTreeSet<VaspId> = read.iter().filter_map(|(_, said)| record(said)).map(|said| said.vasp).collect();
        let ids: Vec<VaspId> = ids.into_iter().collect();
        self.read(|conn| {
            let [began, ended] = conn.lei_record_counts(after, until)?;
            let touched = conn.sub_accounts_touched(after, until)?;
            let within = |sequence: Option<i64>| sequence.filter(|sequence| (after + 1..=until).contains(sequence));
            let begun = touched.iter().filter_map(|row| Some((within(row.seq_from)?, row.clone()))).collect();
            let over = touched.iter().filter_map(|row| Some((within(row.seq_to)?, row.clone()))).collect();
            Ok(Rows {
                snapshots: conn.snapshots_between(after, until)?.into_iter().map(|row| (row.seq_from, row)).collect(),
                documents: conn.document_heads_between(after, until)?.into_iter().map(|row| (row.seq_from, row)).collect(),
                looks: conn.lei_looks_between(after, until)?.into_iter().map(|row| (row.seq_from, row)).collect(),
                lei_began: began.into_iter().collect(),
                lei_ended: ended.into_iter().collect(),
                batches: conn.claim_batches_between(after, until)?.into_iter().map(|row| (row.seq_from, row)).collect(),
                begun,
                ended: over,
                keys: conn.signing_keys()?,
                vasps: conn.vasps_by_id(&ids)?.into_iter().map(|row| (row.id, row.number)).collect(),
            })
        })
    }

    fn change(&mut self, row: &LoggedChange, said: &Payload, rows: &mut Rows) -> Result<(), ServiceError> {
        let sequence = row.change.envelope.sequence;
        if let Some(said) = record(said) {
            let number = rows.vasps.get(&said.vasp).copied();
            if number.is_none() {
                self.altered("vasps", said.vasp, "the log has a change about it, but there is no such VASP");
            } else if row.subject != number {
                self.altered("changes", sequence, "its subject and its payload name different VASPs");
            }
        }
        let fits = match said {
            Payload::RegisterSnapshot(said) => rows.snapshots.remove(&sequence).is_some_and(|row| {
                (&row.register, row.observed_on, &row.source, &row.digest, row.extent)
                    == (&said.register, said.observed_on, &said.source, &said.sha256.0, said.extent)
            }),
            Payload::LeiRecords(said) => {
                let file = (said.observed_on, &said.source);
                let snapshot = rows.snapshots.remove(&sequence).is_some_and(|row| row.digest == said.sha256.0);
                let look = rows.looks.remove(&sequence).is_some_and(|row| (row.observed_on, &row.source) == file);
                let began = rows.lei_began.remove(&sequence).unwrap_or(0);
                let ended = rows.lei_ended.remove(&sequence).unwrap_or(0);
                let counts = (u64::try_from(began), u64::try_from(ended)) == (Ok(said.new + said.changed), Ok(said.changed));
                snapshot && look && counts
            }
            Payload::Document(said) => {
                let text = self.read(|conn| conn.document_text(sequence))?.unwrap_or_default();
                let is_text = digest(&SHA256, text.as_bytes()).as_ref() == said.sha256.0;
                rows.documents.remove(&sequence).is_some_and(|row| {
                    let DocumentHeadRow { kind, version, observed_on, source, digest, .. } = &row;
                    is_text
                        && (kind, version, source, digest) == (&said.document, &said.version, &said.source, &said.sha256.0)
                        && *observed_on == said.observed_on
                })
            }
            Payload::ClaimBatch(said) => rows.batches.remove(&sequence).is_some_and(|row| is_batch(&row, said)),
            Payload::SubAccount(said) => {
                let table = if said.counts { &mut rows.begun } else { &mut rows.ended };
                table.remove(&sequence).is_some_and(|row| is_sub_account(&row, said))
            }
            Payload::SigningKeyChanged(said) => is_signing_key(said, &rows.keys),
            _ => true,
        };
        if !fits {
            self.altered(table_of(said), format!("entry {sequence}"), "its row is missing, or differs from the log");
        }
        Ok(())
    }

    fn unexplained(&mut self, rows: &Rows, erased: &BTreeSet<i64>) {
        let tables: [(&'static str, Vec<i64>); 8] = [
            ("snapshots", rows.snapshots.keys().copied().collect()),
            ("documents", rows.documents.keys().copied().collect()),
            ("lei_looks", rows.looks.keys().copied().collect()),
            ("lei_records", rows.lei_began.keys().copied().collect()),
            ("lei_records", rows.lei_ended.keys().copied().collect()),
            ("claim_batches", rows.batches.keys().copied().collect()),
            ("sub_accounts", rows.begun.keys().copied().collect()),
            ("sub_accounts", rows.ended.keys().copied().collect()),
        ];
        for (table, sequences) in tables {
            for sequence in sequences.into_iter().filter(|sequence| !erased.contains(sequence)) {
                self.altered(table, format!("entry {sequence}"), "there is a row that the log does not mention at this entry");
            }
        }
    }
}

/// Returns the change of a VASP's record in a payload.
pub(super) fn record(said: &Payload) -> Option<&RecordChange> {
    match said {
        Payload::VaspListed(said)
        | Payload::VaspChanged(said)
        | Payload::VaspVerified(said)
        | Payload::VaspStatusChanged(said)
        | Payload::EvidenceChanged(said)
        | Payload::EndpointChanged(said)
        | Payload::CertificateChanged(said)
        | Payload::KeyChanged(said)
        | Payload::ScreeningDecided(said) => Some(said),
        _ => None,
    }
}

fn table_of(said: &Payload) -> &'static str {
    match said {
        Payload::RegisterSnapshot(_) => "snapshots",
        Payload::LeiRecords(_) => "lei_records",
        Payload::Document(_) => "documents",
        Payload::ClaimBatch(_) => "claim_batches",
        Payload::SubAccount(_) => "sub_accounts",
        Payload::SigningKeyChanged(_) => "signing_keys",
        _ => "changes",
    }
}

/// Returns whether a batch's row agrees with the log.
pub(super) fn is_batch(row: &BatchRow, said: &ClaimBatchAdded) -> bool {
    (row.number, row.part_of) == (said.batch, said.part_of.unwrap_or(said.batch))
        && (&row.source, &row.method) == (&said.source, &said.method)
        && (row.strength, row.visibility) == (said.strength, said.visibility)
}

fn is_sub_account(row: &SubAccountRow, said: &SubAccountChange) -> bool {
    (row.id, row.owner, row.holder) == (said.sub_account, said.owner, said.holder)
}

fn is_signing_key(said: &SigningKeyChange, keys: &[SigningKeyRow]) -> bool {
    let (SigningKeyChange::Begun { kid, purpose, .. } | SigningKeyChange::Ended { kid, purpose, .. }) = said;
    let Some(row) = keys.iter().find(|row| row.id == *kid && row.purpose == *purpose) else { return false };
    match said {
        SigningKeyChange::Begun { jwk, .. } => {
            jwk.get("x").and_then(|x| x.as_str()) == Some(&URL_SAFE_NO_PAD.encode(&row.public_key))
        }
        SigningKeyChange::Ended { .. } => row.ended_at.is_some(),
    }
}
