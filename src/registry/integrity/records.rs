//! Verifies the records of VASPs: what the log recorded of each VASP, change by change, must give its facts at every sequence. The values
//! of contacts are not in the log; it only records when they changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vasp_log::change::{Payload, RecordChange};
use vasp_record::fact::{FactValue, pointer};
use vasp_record::timeline::Timeline;
use vasp_store::{EvidenceSpan, FactRow, LicenceRow, VaspRow};

use super::tables::record;
use super::{Place, Verification};
use crate::ledger::public_text;
use crate::node::ServiceError;

/// Number of VASPs read at once.
const PAGE: i64 = 200;

/// The subject of a fact: its origin, and its pointer in the record.
type Subject = (String, String);

/// A version of a fact, and the first sequence at which it was no longer valid.
type Version = (FactRow, Option<i64>);

/// The stored data about one VASP.
#[derive(Default)]
struct Stored {
    versions: Vec<Version>,
    told: Vec<(i64, RecordChange)>,
    erased: bool,
    licences: Vec<LicenceRow>,
    spans: Vec<EvidenceSpan>,
}

impl Verification<'_> {
    pub(super) fn records(&mut self, after: i64) -> Result<(), ServiceError> {
        let mut after = after;
        loop {
            let vasps = self.read(|conn| conn.vasps_after(after, PAGE))?;
            let Some(last) = vasps.last().map(|row| row.number) else { return Ok(()) };
            let mut stored = self.stored(&vasps)?;
            for vasp in &vasps {
                let one = stored.remove(&vasp.number).unwrap_or_default();
                self.record(vasp, &one);
            }
            after = last;
            if !self.goes_on(Place::Records { after }) {
                return Ok(());
            }
        }
    }

    fn stored(&mut self, vasps: &[VaspRow]) -> Result<HashMap<i64, Stored>, ServiceError> {
        let (numbers, until): (Vec<i64>, i64) = (vasps.iter().map(|row| row.number).collect(), self.head.sequence);
        let of: HashMap<_, _> = vasps.iter().map(|row| (row.id, row.number)).collect();
        let ids: Vec<_> = vasps.iter().map(|row| row.id).collect();
        let mut stored: HashMap<i64, Stored> = HashMap::new();
        let (versions, changes, licences, spans) = self.read(|conn| {
            let about = conn.logged_changes_about(&numbers, until)?;
            Ok((conn.fact_versions(&numbers)?, about, conn.licence_anchors(Some(&numbers))?, conn.evidence_spans(&ids)?))
        })?;
        for version in versions {
            stored.entry(version.0.vasp).or_default().versions.push(version);
        }
        for row in licences {
            stored.entry(row.vasp).or_default().licences.push(row);
        }
        for span in spans {
            of.get(&span.0).into_iter().for_each(|number| stored.entry(*number).or_default().spans.push(span));
        }
        for row in changes {
            let Some(subject) = row.subject else { continue };
            let one = stored.entry(subject).or_default();
            let envelope = &row.change.envelope;
            match row.change.payload.as_deref().map(|text| Payload::read(&envelope.kind, text)) {
                None => one.erased = true,
                Some(Ok(said)) => one.told.extend(record(&said).map(|said| (envelope.sequence, said.clone()))),
                // This fault is reported where the log is read.
                Some(Err(_)) => {}
            }
        }
        Ok(stored)
    }

    fn record(&mut self, vasp: &VaspRow, stored: &Stored) {
        self.report.vasps += 1;
        self.report.facts += u64::try_from(stored.versions.len()).unwrap_or(u64::MAX);
        if stored.erased {
            return;
        }
        if stored.told.is_empty() {
            if !stored.versions.iter().all(|(row, _)| row.seq_from > self.head.sequence) {
                self.altered("vasps", vasp.id, "the log has no change about it");
            }
            return;
        }
        let subjects = Subjects::of(stored, self.head.sequence);
        for wrong in subjects.wrong(vasp) {
            self.altered("facts", wrong.row, &wrong.what);
        }
        self.evidence(vasp, stored);
        let anchors: BTreeMap<_, _> = stored.licences.iter().map(|row| (row.id, row)).collect();
        let used: BTreeSet<_> = stored.versions.iter().filter_map(|(row, _)| row.fact.licence).collect();
        for missing in used.iter().filter(|id| !anchors.contains_key(id)) {
            self.altered("licences", missing, "facts are about it, but this VASP has no such licence");
        }
        for unused in anchors.keys().filter(|id| !used.contains(id)) {
            self.altered("licences", unused, "no fact is about it");
        }
    }

    /// Compares with each change how many pieces of evidence began to be valid and how many ended.
    fn evidence(&mut self, vasp: &VaspRow, stored: &Stored) {
        let mut counted: BTreeMap<i64, (usize, usize)> = BTreeMap::new();
        for (_, from, to) in &stored.spans {
            from.iter().for_each(|sequence| counted.entry(*sequence).or_default().0 += 1);
            to.iter().for_each(|sequence| counted.entry(*sequence).or_default().1 += 1);
        }
        counted.retain(|sequence, _| *sequence <= self.head.sequence);
        let told = stored.told.iter().filter_map(|(sequence, said)| Some((*sequence, said.evidence?)));
        let told = told.map(|(sequence, told)| (sequence, (told.counts, told.ended))).filter(|(_, told)| *told != (0, 0));
        let told: BTreeMap<i64, (usize, usize)> = told.collect();
        let all: BTreeSet<i64> = counted.keys().chain(told.keys()).copied().collect();
        for sequence in all {
            let of = |map: &BTreeMap<i64, (usize, usize)>| map.get(&sequence).copied().unwrap_or_default();
            let ((counts, ended), (began, over)) = (of(&told), of(&counted));
            if (counts, ended) != (began, over) {
                let what = format!(
                    "at {sequence}, the log has {counts} valid pieces of evidence and {ended} ended pieces, but the rows have \
                     {began} and {over}"
                );
                self.altered("evidence", vasp.id, &what);
            }
        }
    }
}

/// A fault in a record.
struct Wrong {
    row: String,
    what: String,
}

/// What is stored, and what the log recorded, about each subject.
struct Subjects<'a> {
    versions: BTreeMap<Subject, Vec<&'a Version>>,
    told: BTreeMap<Subject, Vec<(i64, &'a vasp_log::change::FactChange)>>,
    head: i64,
}

impl<'a> Subjects<'a> {
    fn of(stored: &'a Stored, head: i64) -> Self {
        let mut versions: BTreeMap<Subject, Vec<&Version>> = BTreeMap::new();
        for version in stored.versions.iter().filter(|(row, _)| row.seq_from <= head) {
            let fact = &version.0.fact;
            versions.entry((fact.origin.to_string(), pointer(fact.licence, &fact.said))).or_default().push(version);
        }
        let mut told: BTreeMap<Subject, Vec<_>> = BTreeMap::new();
        for (sequence, said) in &stored.told {
            // The merge of another record into this one is recorded in its history. It is not a fact of its own.
            for change in said.changes.iter().filter(|change| change.pointer != "/merged") {
                told.entry((said.origin.clone(), change.pointer.clone())).or_default().push((*sequence, change));
            }
        }
        Self { versions, told, head }
    }

    fn wrong(&self, vasp: &VaspRow) -> Vec<Wrong> {
        let subjects: BTreeSet<&Subject> = self.versions.keys().chain(self.told.keys()).collect();
        let wrong = |subject: &&Subject| {
            let versions = self.versions.get(subject).map_or(&[][..], Vec::as_slice);
            let told = self.told.get(subject).map_or(&[][..], Vec::as_slice);
            let (sequence, row) = self.first_difference(versions, told)?;
            let (origin, pointer) = subject;
            let row = row.map_or_else(|| "no row".to_owned(), |number| format!("row {number}"));
            let what = format!("at {sequence}, the log has another value of {pointer} from {origin} than the stored one");
            Some(Wrong { row: format!("{row} of {}", vasp.id), what })
        };
        subjects.iter().filter_map(wrong).collect()
    }

    /// Returns the first sequence at which the rows differ from what the log recorded until then, and a row that is valid there.
    fn first_difference(
        &self,
        versions: &[&Version],
        told: &[(i64, &vasp_log::change::FactChange)],
    ) -> Option<(i64, Option<i64>)> {
        let is_private = versions.iter().any(|(row, _)| matches!(row.fact.said, FactValue::Contact(..)))
            || told.iter().any(|(_, change)| change.pointer.starts_with("/contacts/"));
        let ends = versions.iter().filter_map(|(_, seq_to)| *seq_to).filter(|seq_to| *seq_to <= self.head);
        let moved: BTreeSet<i64> = versions.iter().map(|(row, _)| row.seq_from).chain(ends).collect();
        let when: BTreeSet<i64> = moved.iter().copied().chain(told.iter().map(|(sequence, _)| *sequence)).collect();
        let (mut log, mut told) = (Timeline::<String>::default(), told.iter().peekable());
        for sequence in when {
            let mut is_told = false;
            while let Some((_, change)) = told.next_if(|(at, _)| *at <= sequence) {
                log = log.assign(change.valid_from, change.valid_to, change.to.as_ref());
                is_told = true;
            }
            let held = |(row, to): &&&Version| row.seq_from <= sequence && to.is_none_or(|to| to > sequence);
            let rows: Vec<&FactRow> = versions.iter().filter(held).map(|(row, _)| row).collect();
            let stored = rows.iter().fold(Timeline::<String>::default(), |line, row| {
                line.assign(row.fact.from, row.fact.to, Some(&public_text(&row.fact.said).unwrap_or_default()))
            });
            let fits = if is_private { is_told == moved.contains(&sequence) } else { stored == log };
            if !fits {
                return Some((sequence, rows.first().map(|row| row.number)));
            }
        }
        None
    }
}
