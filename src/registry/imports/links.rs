//! Imports links between groups and entities. A person read each link. A link has no known start date, so it is valid for all days. A link
//! to another group replaces the previous link.

use std::collections::HashMap;

use rand_core::RngCore;

use crate::imported::ImportReport;
use crate::ledger::VaspChanges;
use crate::node::ImportError;
use vasp_ingest::group_links::GroupLink;
use vasp_log::change::Payload;
use vasp_record::fact::{Attribute, FactValue, NoItem};
use vasp_record::register::{Reason, RejectedRow, RowReport};
use vasp_record::vasp::VaspKind;
use vasp_store::{Conn, FactRow, Store, StoreError, Transaction, VaspRow, WriteMode};
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::UtcTime;

/// Origin of these facts.
const ORIGIN: &str = "group-links";

/// Imports links.
///
/// # Errors
/// `ImportError::Store`; nothing is written on an error.
pub fn import_group_links(
    store: &Store,
    file: &str,
    links: &[GroupLink],
    rows: RowReport,
    mode: WriteMode,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let mut report = ImportReport {
        format: ORIGIN.to_owned(),
        file: file.to_owned(),
        dry_run: mode == WriteMode::Rehearse,
        read: rows.read,
        repeated: rows.repeated,
        rejected: rows.rejected,
        flagged: rows.flagged,
        ..ImportReport::default()
    };
    let written = store.write_as(mode, now, rng, |transaction| {
        transaction.lock_vasps()?;
        let known = Known::load(transaction.conn())?;
        // A second row about an entity is compared with the result of the first row in this file.
        let mut linked: HashMap<Lei, (u64, VaspId)> = HashMap::new();
        for link in links {
            match known.judge(link, file) {
                Verdict::New { group, .. } if linked.get(&link.lei).is_some_and(|(_, id)| *id == group.id) => {
                    report.repeated += 1;
                }
                Verdict::New { .. } if linked.contains_key(&link.lei) => report.rejected.push(rejected(
                    link,
                    file,
                    "lei",
                    format!("line {} of this file links {} to another group", linked.get(&link.lei).map_or(0, |l| l.0), link.lei),
                )),
                Verdict::New { entity, group, replaces } => {
                    report.taken += 1;
                    linked.insert(link.lei, (link.line, group.id));
                    record(transaction, link, entity, group, replaces);
                }
                Verdict::Known => report.unchanged += 1,
                Verdict::Rejected(row) => report.rejected.push(row),
            }
        }
        Ok::<_, StoreError>(())
    })?;
    Ok(ImportReport { changed: report.taken, log_changes: report.taken, sequence: written.sequence, ..report })
}

enum Verdict {
    New { entity: VaspRow, group: VaspRow, replaces: Vec<FactRow> },
    Known,
    Rejected(RejectedRow),
}

/// The known records and facts that links are checked against.
struct Known {
    anchors: Vec<VaspRow>,
    facts: Vec<FactRow>,
}

impl Known {
    fn load(conn: &mut Conn) -> Result<Self, StoreError> {
        let attributes = [Attribute::Lei, Attribute::EntityKey, Attribute::Group];
        Ok(Self { anchors: conn.vasp_anchors(None)?, facts: conn.current_facts_named(&attributes)? })
    }

    fn vasp_with(&self, kind: VaspKind, said: &FactValue) -> Option<VaspRow> {
        self.facts
            .iter()
            .filter(|f| f.fact.said == *said)
            .find_map(|f| self.anchors.iter().find(|a| a.number == f.vasp && a.kind == kind))
            .copied()
    }

    fn judge(&self, link: &GroupLink, file: &str) -> Verdict {
        let rejected = |column: &str, text: &str| {
            let text = format!("no record in the directory has {column} {text}");
            Verdict::Rejected(rejected(link, file, column, text))
        };
        let Some(group) = self.vasp_with(VaspKind::Group, &FactValue::EntityKey(NoItem, link.group_key.clone())) else {
            return rejected("group_key", &link.group_key);
        };
        let Some(entity) = self.vasp_with(VaspKind::Entity, &FactValue::Lei(NoItem, link.lei)) else {
            return rejected("lei", link.lei.as_str());
        };
        let is_group = |f: &FactRow| matches!(f.fact.said, FactValue::Group(..));
        let own = |f: &&FactRow| f.vasp == entity.number && is_group(f) && *f.fact.origin == *ORIGIN;
        let current: Vec<&FactRow> = self.facts.iter().filter(own).collect();
        if current.iter().any(|f| f.fact.said == FactValue::Group(NoItem, group.id)) {
            return Verdict::Known;
        }
        Verdict::New { entity, group, replaces: current.into_iter().cloned().collect() }
    }
}

/// Returns the report of a refused row.
fn rejected(link: &GroupLink, file: &str, column: &str, text: String) -> RejectedRow {
    let (file, column) = (file.to_owned(), Some(column.to_owned()));
    RejectedRow { file, line: link.line, column, reason: Reason::Missing, text }
}

fn record(transaction: &mut Transaction<'_>, link: &GroupLink, entity: VaspRow, group: VaspRow, replaces: Vec<FactRow>) {
    let mut changes = VaspChanges::new(ORIGIN, &link.source, link.as_of);
    changes.say(&FactValue::Group(NoItem, group.id), &replaces.iter().collect::<Vec<_>>());
    changes.record(transaction, entity.id, entity.number, Payload::VaspChanged);
}
