//! What is known of the VASPs of a register, as rows, and the difference that a snapshot makes to them: rows to end,
//! rows to begin, and the words of the history.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::service::contradictions::Asked;
use serde_json::{Value, json};
use vasp_record::fact::{Attribute, MEMBER, REGISTRY, pointer};
use vasp_record::timeline::{Listing, Piece, Timeline};
use vasp_record::vasp::VaspStatus;
use vasp_store::{Edit, FactRow, LicenceRow, NewFact, StoreError, VaspRow};
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::name::NameKey;
use vasp_words::time::Date;

/// Which timeline of a VASP: the licence it belongs to, attribute and item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::service) struct FactKey {
    licence: Option<LicenceId>,
    attribute: Attribute,
    item: String,
}

impl FactKey {
    pub(in crate::service) fn new(licence: Option<LicenceId>, attribute: Attribute, item: &str) -> Self {
        Self { licence, attribute, item: item.to_owned() }
    }
}

/// A current row: its number and its piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::service) struct KnownRow {
    pub number: i64,
    pub piece: Piece,
}

/// A known VASP with its current rows.
#[derive(Clone, Debug)]
pub(in crate::service) struct KnownVasp {
    pub number: i64,
    pub id: VaspId,
    licences: Vec<LicenceRow>,
    rows: BTreeMap<(String, FactKey), Vec<KnownRow>>,
}

impl KnownVasp {
    /// Returns the rows of one timeline, as `origin` tells it.
    pub(in crate::service) fn rows(
        &self,
        origin: &str,
        licence: Option<LicenceId>,
        attribute: Attribute,
        item: &str,
    ) -> Vec<KnownRow> {
        self.rows.get(&(origin.to_owned(), FactKey::new(licence, attribute, item))).cloned().unwrap_or_default()
    }

    /// Returns what the registry approved of an attribute (of the VASP or a licence, and its item), or the member changed since.
    pub(super) fn approved(&self, (licence, attribute, item): Asked<'_>, day: Date) -> Option<String> {
        [REGISTRY, MEMBER].into_iter().find_map(|origin| {
            let rows = self.rows(origin, licence, attribute, item);
            rows.into_iter().find(|row| row.piece.covers(day)).map(|row| row.piece.value)
        })
    }

    /// Returns where the registry put the record; none for one that is only listed.
    pub(super) fn approved_status(&self, day: Date) -> Option<VaspStatus> {
        VaspStatus::from_text(&self.approved((None, Attribute::Status, ""), day)?)
    }

    /// Returns the record that this one turned out to be.
    fn merged_into(&self, day: Date) -> Option<VaspId> {
        self.approved((None, Attribute::MergedInto, ""), day)?.parse().ok()
    }

    /// Returns the items of an attribute, as `origin` tells them.
    pub(in crate::service) fn items(&self, origin: &str, licence: Option<LicenceId>, attribute: Attribute) -> BTreeSet<String> {
        let of_interest = |key: &FactKey| key.licence == licence && key.attribute == attribute;
        self.rows.keys().filter(|(o, key)| o == origin && of_interest(key)).map(|(_, key)| key.item.clone()).collect()
    }

    /// Returns the listing in a register, of the VASP itself or of one licence.
    pub(in crate::service) fn listing(&self, register: &str, licence: Option<LicenceId>) -> Listing {
        let rows = self.rows(register, licence, Attribute::Listing, "");
        Listing::new(Timeline::new(rows.into_iter().map(|row| row.piece).collect()))
    }

    /// Returns the licence by an authority under a regime.
    pub(in crate::service) fn licence(&self, authority: &str, regime: &str) -> Option<LicenceId> {
        self.licences.iter().find(|l| l.authority == authority && l.regime == regime).map(|l| l.id)
    }

    /// Returns the licences that a register has shown.
    pub(in crate::service) fn licences_of(&self, register: &str) -> Vec<LicenceId> {
        self.licences.iter().map(|l| l.id).filter(|id| self.listing(register, Some(*id)).first().is_some()).collect()
    }

    fn values(&self, attribute: Attribute) -> impl Iterator<Item = (&str, &str)> {
        self.rows
            .iter()
            .filter(move |((_, key), _)| key.attribute == attribute)
            .flat_map(|((_, key), rows)| rows.iter().map(|row| (key.item.as_str(), row.piece.value.as_str())))
    }
}

/// Everything known, with the ways to find it.
#[derive(Clone, Debug, Default)]
pub(in crate::service) struct Known {
    vasps: Vec<KnownVasp>,
    by_lei: HashMap<String, usize>,
    by_name: HashMap<(String, String), usize>,
}

impl Known {
    /// Puts rows together.
    ///
    /// # Errors
    /// `StoreError::Inconsistent` for a stored value that the program cannot have written.
    pub(in crate::service) fn of(
        anchors: Vec<VaspRow>,
        licences: Vec<LicenceRow>,
        facts: Vec<FactRow>,
    ) -> Result<Self, StoreError> {
        let mut index = HashMap::new();
        let mut known = Self::default();
        for anchor in anchors {
            index.insert(anchor.number, known.vasps.len());
            let (licences, rows) = (Vec::new(), BTreeMap::new());
            known.vasps.push(KnownVasp { number: anchor.number, id: anchor.id, licences, rows });
        }
        let at = |number: i64| index.get(&number).copied();
        for licence in licences {
            if let Some(vasp) = at(licence.vasp).and_then(|i| known.vasps.get_mut(i)) {
                vasp.licences.push(licence);
            }
        }
        for row in facts {
            let (key, known_row) = known_row(&row)?;
            if let Some(vasp) = at(row.vasp).and_then(|i| known.vasps.get_mut(i)) {
                vasp.rows.entry((row.origin, key)).or_default().push(known_row);
            }
        }
        known.index();
        Ok(known)
    }

    fn index(&mut self) {
        for (place, vasp) in self.vasps.iter().enumerate() {
            for (_, lei) in vasp.values(Attribute::Lei) {
                self.by_lei.entry(lei.to_owned()).or_insert(place);
            }
            for (authority, name) in vasp.values(Attribute::RegisterName) {
                self.by_name.entry((authority.to_owned(), name.to_owned())).or_insert(place);
            }
        }
    }

    pub(in crate::service) fn vasps(&self) -> impl Iterator<Item = &KnownVasp> {
        self.vasps.iter()
    }

    /// Returns the record as which a VASP is known today: itself, or the one that it was merged into in the end.
    pub(super) fn survivor<'a>(&'a self, vasp: &'a KnownVasp, today: Date) -> &'a KnownVasp {
        let next = |from: &&'a KnownVasp| {
            let into = from.merged_into(today)?;
            self.vasps.iter().find(|other| other.id == into)
        };
        std::iter::successors(Some(vasp), next).take(self.vasps.len()).last().unwrap_or(vasp)
    }

    /// Finds the record with an LEI.
    pub(in crate::service) fn with_lei(&self, lei: Lei) -> Option<&KnownVasp> {
        self.by_lei.get(lei.as_str()).and_then(|place| self.vasps.get(*place))
    }

    /// Finds the record of an entity: by LEI; else by authority and name, unless both have an LEI and they differ.
    pub(in crate::service) fn find(&self, lei: Option<Lei>, authority: &str, name: &NameKey) -> Option<&KnownVasp> {
        if let Some(vasp) = lei.and_then(|lei| self.with_lei(lei)) {
            return Some(vasp);
        }
        let place = self.by_name.get(&(authority.to_owned(), name.to_string()))?;
        self.vasps.get(*place).filter(|vasp| lei.is_none() || vasp.values(Attribute::Lei).next().is_none())
    }
}

/// Reads a stored row.
fn piece_of(row: &FactRow) -> Result<Piece, StoreError> {
    let date = |text: &Option<String>, column: &'static str| match text {
        None => Ok(None),
        Some(text) => text.parse::<Date>().map(Some).map_err(|_| StoreError::Inconsistent {
            table: "facts",
            column,
            id: row.number.to_string(),
        }),
    };
    let (from, to) = (date(&row.valid_from, "valid_from")?, date(&row.valid_to, "valid_to")?);
    Ok(Piece { from, to, value: row.value.clone() })
}

fn known_row(row: &FactRow) -> Result<(FactKey, KnownRow), StoreError> {
    let wrong = |column| StoreError::Inconsistent { table: "facts", column, id: row.number.to_string() };
    let attribute = Attribute::from_text(&row.attribute).ok_or_else(|| wrong("attribute"))?;
    let licence = match row.licence.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| wrong("licence"))?),
    };
    Ok((FactKey { licence, attribute, item: row.item.clone() }, KnownRow { number: row.number, piece: piece_of(row)? }))
}

/// The changed facts of one VASP.
#[derive(Clone, Debug)]
pub(in crate::service) struct VaspChanges {
    origin: String,
    source: String,
    ended: Vec<i64>,
    begun: Vec<(FactKey, Piece)>,
    history: Vec<Value>,
}

impl VaspChanges {
    pub(in crate::service) fn new(origin: &str, source: &str) -> Self {
        let (origin, source) = (origin.to_owned(), source.to_owned());
        Self { origin, source, ended: vec![], begun: vec![], history: vec![] }
    }

    pub(in crate::service) fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.begun.is_empty()
    }

    /// Puts `after` in the place of `before`, whose rows are given.
    pub(in crate::service) fn replace(&mut self, key: FactKey, rows: &[KnownRow], before: &Timeline, after: &Timeline) {
        if before == after {
            return;
        }
        self.ended.extend(rows.iter().filter(|row| !after.pieces().contains(&row.piece)).map(|row| row.number));
        let begun = after.pieces().iter().filter(|piece| !rows.iter().any(|row| row.piece == **piece));
        self.begun.extend(begun.map(|piece| (key.clone(), piece.clone())));
        let pointer = pointer(key.licence, key.attribute, &key.item);
        for (from, to, old, new) in differences(before, after) {
            self.history.push(json!({
                "pointer": pointer, "valid_from": from, "valid_to": to, "from": old, "to": new,
            }));
        }
    }

    /// Returns what the history says, one entry a stretch of days.
    pub(in crate::service) fn history(&self) -> &[Value] {
        &self.history
    }

    /// Returns the rows to write for the VASP of this number.
    pub(in crate::service) fn edits(self, vasp: i64) -> Vec<Edit> {
        let date = |date: Option<Date>| date.map(|d| d.to_string());
        let ended = self.ended.into_iter().map(Edit::CloseFact);
        let begun = self.begun.into_iter().map(|(key, piece)| {
            Edit::OpenFact(NewFact {
                vasp,
                licence: key.licence.map(|id| id.to_string()).unwrap_or_default(),
                origin: self.origin.clone(),
                attribute: key.attribute.as_str(),
                item: key.item,
                value: piece.value,
                source: self.source.clone(),
                valid_from: date(piece.from),
                valid_to: date(piece.to),
            })
        });
        ended.chain(begun).collect()
    }
}

type Difference = (Option<Date>, Option<Date>, Option<String>, Option<String>);

/// Returns the stretches of days on which two timelines differ, with both values.
fn differences(before: &Timeline, after: &Timeline) -> Vec<Difference> {
    let bounds: BTreeSet<Date> =
        before.pieces().iter().chain(after.pieces()).flat_map(|piece| [piece.from, piece.to]).flatten().collect();
    let starts = std::iter::once(None).chain(bounds.iter().copied().map(Some));
    let ends = bounds.iter().copied().map(Some).chain(std::iter::once(None));
    let value_from = |timeline: &Timeline, start: Option<Date>| match start {
        Some(start) => timeline.value_on(start).map(str::to_owned),
        None => timeline.pieces().iter().find(|piece| piece.from.is_none()).map(|piece| piece.value.clone()),
    };
    let mut found: Vec<Difference> = Vec::new();
    for (start, end) in starts.zip(ends) {
        let (old, new) = (value_from(before, start), value_from(after, start));
        if old == new {
            continue;
        }
        match found.last_mut() {
            Some((_, to, o, n)) if *to == start && *o == old && *n == new => *to = end,
            _ => found.push((start, end, old, new)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Option<Date> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn the_history_names_only_the_days_that_changed() {
        let before = Timeline::default().assign(None, None, Some("a"));
        let after = before.assign(date("2026-02-01"), None, Some("b"));

        let found = differences(&before, &after);

        assert_eq!(found, [(date("2026-02-01"), None, Some("a".to_owned()), Some("b".to_owned()))]);
    }

    #[test]
    fn a_first_value_is_since_unknown() {
        let after = Timeline::default().assign(None, None, Some("a"));

        assert_eq!(differences(&Timeline::default(), &after), [(None, None, None, Some("a".to_owned()))]);
    }
}
