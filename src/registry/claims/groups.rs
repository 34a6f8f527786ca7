//! Groups by entity key, for importers of labels. It finds or makes the group of a key, and stores the names that the labels give it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::bulk::ORIGIN;
use crate::ledger::VaspChanges;
use crate::node::ImportError;
use vasp_ingest::claims_csv::ClaimRow;
use vasp_log::change::{Payload, RecordKind};
use vasp_record::fact::{Attribute, FactValue, NoItem};
use vasp_record::search::folded;
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_store::{Conn, StoreError, Transaction, VaspRow};
use vasp_words::ids::VaspId;

/// A group, and the facts to write about it.
struct Group {
    row: VaspRow,
    is_new: bool,
    names: BTreeSet<String>,
    /// New facts, each with its source.
    new_facts: Vec<(FactValue, String)>,
}

/// A group between two transactions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GroupAside {
    number: i64,
    id: VaspId,
    is_new: bool,
    facts: Vec<FactAside>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FactAside {
    attribute: Attribute,
    item: String,
    value: String,
    source: String,
}

/// The groups of the directory.
pub(crate) struct Groups {
    by_key: HashMap<String, i64>,
    /// The group of each key without signs; `None` if several have it.
    by_plain_key: HashMap<String, Option<i64>>,
    groups: BTreeMap<i64, Group>,
}

impl Groups {
    /// Loads the groups with their keys and names.
    pub(crate) fn load(conn: &mut Conn) -> Result<Self, StoreError> {
        let mut groups: BTreeMap<i64, Group> = conn
            .vasp_anchors(None)?
            .into_iter()
            .filter(|anchor| anchor.kind == VaspKind::Group)
            .map(|row| (row.number, Group { row, is_new: false, names: BTreeSet::new(), new_facts: vec![] }))
            .collect();
        let (mut by_key, mut by_plain_key) = (HashMap::new(), HashMap::new());
        let named = [Attribute::EntityKey, Attribute::LegalName, Attribute::OtherName];
        for row in conn.current_facts_named(&named)? {
            let Some(group) = groups.get_mut(&row.vasp) else { continue };
            match row.fact.said {
                FactValue::EntityKey(_, key) => {
                    note_plain(&mut by_plain_key, row.vasp, &key);
                    by_key.insert(key, row.vasp);
                }
                FactValue::LegalName(_, name) | FactValue::OtherName(name, _) => drop(group.names.insert(name)),
                _ => {}
            }
        }
        Ok(Self { by_key, by_plain_key, groups })
    }

    /// Returns the number of the group for a row's key. Makes the group if it is missing. `None` if the name is the key of another group: if the
    /// columns of a table were sorted apart, each row is well formed and names another firm.
    pub(crate) fn ensure(&mut self, transaction: &mut Transaction<'_>, row: &ClaimRow) -> Result<Option<i64>, ImportError> {
        let named = row.entity_name.as_ref().and_then(|name| *self.by_plain_key.get(&plain(name))?);
        if named.is_some_and(|other| self.by_key.get(&row.group_key) != Some(&other)) {
            return Ok(None);
        }
        let name = row.entity_name.clone().unwrap_or_else(|| row.entity_key.clone());
        if let Some(number) = self.by_key.get(&row.group_key) {
            if let Some(group) = self.groups.get_mut(number)
                && group.names.len() < MAX_NAMES
                && group.names.insert(name.clone())
            {
                group.new_facts.push((FactValue::OtherName(name, "label".to_owned()), row.source.clone()));
            }
            return Ok(Some(*number));
        }
        let now = transaction.now();
        let id = VaspId::new(now, transaction.conn_and_rng().1);
        // The row is written with its facts; until then nobody else knows of the group.
        let anchor = VaspRow { number: transaction.take_numbers("vasps", 1)?, id, kind: VaspKind::Group };
        let said = [
            FactValue::Status(NoItem, VaspStatus::Listed),
            FactValue::EntityKey(NoItem, row.group_key.clone()),
            FactValue::LegalName(NoItem, name.clone()),
        ];
        let new_facts = said.into_iter().map(|said| (said, row.source.clone())).collect();
        self.by_key.insert(row.group_key.clone(), anchor.number);
        note_plain(&mut self.by_plain_key, anchor.number, &row.group_key);
        let names = BTreeSet::from([name]);
        self.groups.insert(anchor.number, Group { row: anchor, is_new: true, names, new_facts });
        Ok(Some(anchor.number))
    }

    /// Returns the facts about groups of VASPs that are not written yet. A long import stores them with its progress, so that a later
    /// transaction can write them even if the process ended in between.
    pub(crate) fn put_aside(&self) -> Vec<GroupAside> {
        let news = self.groups.values().filter(|group| !group.new_facts.is_empty());
        news.map(|Group { row, is_new, new_facts, .. }| GroupAside {
            number: row.number,
            id: row.id,
            is_new: *is_new,
            facts: new_facts
                .iter()
                .map(|(said, source)| FactAside {
                    attribute: said.attribute(),
                    item: said.item(),
                    value: said.text(),
                    source: source.clone(),
                })
                .collect(),
        })
        .collect()
    }

    /// Restores what was put aside; `None` if it does not fit the stored groups.
    pub(crate) fn take_up(mut self, aside: Vec<GroupAside>) -> Option<Self> {
        for GroupAside { number, id, is_new, facts } in aside {
            let row = VaspRow { number, id, kind: VaspKind::Group };
            if is_new {
                let group = Group { row, is_new, names: BTreeSet::new(), new_facts: vec![] };
                if self.groups.insert(number, group).is_some() {
                    return None;
                }
            }
            let group = self.groups.get_mut(&number)?;
            for FactAside { attribute, item, value, source } in facts {
                let said = FactValue::read(attribute, &item, &value)?;
                match &said {
                    FactValue::EntityKey(_, key) if self.by_key.insert(key.clone(), number).is_some() => return None,
                    FactValue::EntityKey(_, key) => note_plain(&mut self.by_plain_key, number, key),
                    FactValue::LegalName(_, name) | FactValue::OtherName(name, _) => drop(group.names.insert(name.clone())),
                    _ => {}
                }
                group.new_facts.push((said, source));
            }
        }
        Some(self)
    }

    /// Records one change for each group that is new or got another name. Returns the number of new and of changed groups.
    pub(crate) fn record_changes(&mut self, transaction: &mut Transaction<'_>) -> Result<(u64, u64), StoreError> {
        let (mut new, mut changed) = (0, 0);
        for group in self.groups.values_mut().filter(|group| !group.new_facts.is_empty()) {
            let kind: RecordKind = if group.is_new { Payload::VaspListed } else { Payload::VaspChanged };
            if group.is_new {
                transaction.insert_vasp(&group.row)?;
                new += 1
            } else {
                changed += 1
            }
            let facts = std::mem::take(&mut group.new_facts);
            let source = facts.first().map_or("", |(_, source)| source.as_str());
            let mut changes = VaspChanges::new(ORIGIN, source, transaction.now().date());
            for (said, source) in &facts {
                changes.say_first(said, source);
            }
            changes.record(transaction, group.row.id, group.row.number, kind);
        }
        Ok((new, changed))
    }
}

/// Returns the letters and digits of a key or a name: `gate-io` and `Gate.io` are the same.
fn plain(text: &str) -> String {
    folded(text).replace(' ', "")
}

fn note_plain(by_plain_key: &mut HashMap<String, Option<i64>>, group: i64, key: &str) {
    let known = by_plain_key.entry(plain(key)).or_insert(Some(group));
    if *known != Some(group) {
        *known = None;
    }
}

/// Maximum number of names kept of one group: labels are many, brands few.
const MAX_NAMES: usize = 12;
