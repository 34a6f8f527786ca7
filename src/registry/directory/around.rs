//! One record's past: loads only what is needed to show one record as it was. No claims, no screening lists.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::load::Parts;
use super::vasps;
use super::{Directory, DirectoryError, Documents, Generation, Joined, Screening, held_lei_records};
use vasp_record::fact::{Attribute, FactValue};
use vasp_record::vasp_name::VaspName;
use vasp_store::Conn;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

impl Directory {
    /// Returns a directory with only the records of this name, as they were at a sequence, on a day. It includes the records merged with
    /// them, their groups and their entities. Asks the store.
    pub fn around(&self, name: VaspName, sequence: i64, day: Date) -> Result<Arc<Generation>, DirectoryError> {
        let documents = self.documents_at(sequence)?;
        self.store.read_at(sequence, |conn| load(conn, &documents, name, sequence, day)).map(Arc::new)
    }

    /// Returns the reference documents of a sequence. If they differ from the current documents, the screening lists are left out.
    pub fn documents_at(&self, sequence: i64) -> Result<Arc<Documents>, DirectoryError> {
        // Done before a connection is taken for the rest, so that nobody holds a connection while waiting for documents that another
        // request loads.
        let present = self.current();
        let stood = self.store.read_at(sequence, |conn| conn.documents_sequence(sequence))?;
        if stood == present.documents_sequence {
            return Ok(Arc::clone(&present.joined.documents));
        }
        self.past.documents(stood, || self.store.read_at(stood, |conn| Documents::load(conn, stood, Screening::LeftOut)))
    }
}

fn load(
    conn: &mut Conn,
    documents: &Arc<Documents>,
    name: VaspName,
    sequence: i64,
    day: Date,
) -> Result<Generation, DirectoryError> {
    let numbers: Vec<i64> = numbers(conn, name, sequence)?.into_iter().collect();
    let vasps = vasps::some(conn, &numbers, sequence)?;
    let facts = vasps.iter().flat_map(|(_, vasp)| vasp.unpack().facts);
    let leis: Vec<Lei> = facts.filter_map(|fact| if let FactValue::Lei(_, lei) = fact.said { Some(lei) } else { None }).collect();
    let mut parts = Parts::default();
    parts.put(vasps);
    parts.date_vasps(conn, Some(&numbers), 0, sequence)?;
    let documents = Arc::clone(documents);
    let lei_records = Arc::new(held_lei_records(conn, Some(&leis), sequence)?);
    parts.finish(conn, sequence, day, Joined { documents, lei_records }, None)
}

/// Returns the numbers of all records that are needed to show the records of this name.
fn numbers(conn: &mut Conn, name: VaspName, sequence: i64) -> Result<BTreeSet<i64>, DirectoryError> {
    let named = match name {
        VaspName::Id(id) => conn.vasp_number(&id.to_string())?.into_iter().collect(),
        VaspName::Lei(lei) => conn.vasps_saying(Attribute::Lei, &[lei.to_string()], sequence)?,
    };
    let own = with_merged(conn, named, sequence)?;
    let ids = ids(conn, &own)?;
    let entities = conn.vasps_saying(Attribute::Group, &ids, sequence)?;
    let groups =
        named_by(conn, &own, sequence, |said| if let FactValue::Group(_, id) = said { Some(id.to_string()) } else { None })?;
    with_merged(conn, own.into_iter().chain(entities).chain(groups).collect(), sequence)
}

/// Adds the records that these were merged into, and those merged into these, until there are no more.
fn with_merged(conn: &mut Conn, mut new: Vec<i64>, sequence: i64) -> Result<BTreeSet<i64>, DirectoryError> {
    let mut all = BTreeSet::new();
    loop {
        new.retain(|number| all.insert(*number));
        if new.is_empty() {
            return Ok(all);
        }
        let step: BTreeSet<i64> = new.drain(..).collect();
        let into = |said: &FactValue| if let FactValue::MergedInto(_, id) = said { Some(id.to_string()) } else { None };
        new = named_by(conn, &step, sequence, into)?;
        let ids = ids(conn, &step)?;
        new.extend(conn.vasps_saying(Attribute::MergedInto, &ids, sequence)?);
    }
}

fn ids(conn: &mut Conn, numbers: &BTreeSet<i64>) -> Result<Vec<String>, DirectoryError> {
    let numbers: Vec<i64> = numbers.iter().copied().collect();
    Ok(conn.vasp_anchors(Some(&numbers))?.into_iter().map(|anchor| anchor.id.to_string()).collect())
}

/// Returns the numbers of the records that facts of these records name.
fn named_by(
    conn: &mut Conn,
    numbers: &BTreeSet<i64>,
    sequence: i64,
    named: impl Fn(&FactValue) -> Option<String>,
) -> Result<Vec<i64>, DirectoryError> {
    let numbers: Vec<i64> = numbers.iter().copied().collect();
    let ids: BTreeSet<String> = conn.facts_of(&numbers, sequence)?.iter().filter_map(|row| named(&row.fact.said)).collect();
    let mut found = Vec::new();
    for id in ids {
        found.extend(conn.vasp_number(&id)?);
    }
    Ok(found)
}
