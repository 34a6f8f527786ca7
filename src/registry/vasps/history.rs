//! The history of one VASP, newest first, built from the payloads of its changes in the log. A change of the log becomes one item for
//! each day from which some of its values are valid.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::directory::Generation;
use crate::node::{Page, Registry, ServiceError, find_vasp};
use vasp_log::change::FactChange;
use vasp_record::vasp_name::VaspName;
use vasp_store::{ChangeRow, EnvelopeRow, StoreError};
use vasp_words::time::{Date, UtcTime};

/// What one change of the log did to a VASP from one day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HistoryItem {
    /// The change's sequence in the log.
    pub sequence: i64,
    /// When the registry learnt of it.
    pub recorded_at: UtcTime,
    /// Kind of the change, such as `vasp_listed` or `vasp_changed`.
    #[schema(example = "vasp_changed")]
    pub kind: String,
    /// The first day on which the values are valid; null if that day is unknown.
    pub valid_from: Option<Date>,
    /// The source file or page; null if the payload was erased.
    pub source: Option<String>,
    /// The values that changed; empty if the payload was erased.
    pub changes: Vec<HistoryChange>,
    /// Whether the payload was erased from the log.
    pub erased: bool,
}

/// The change of one attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HistoryChange {
    /// JSON Pointer (RFC 6901) into the record. It refers to a list's member by its name, not by its index.
    #[schema(example = "/legal_name")]
    pub pointer: String,
    /// The first day on which the value is no longer valid; null if it has no end.
    pub valid_to: Option<Date>,
    /// The value before; null if there was none.
    pub from: Option<String>,
    /// The value after; null if there is none.
    pub to: Option<String>,
}

/// A position in a history: the sequence of the last item seen, and how many items of that sequence were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryPosition {
    /// The sequence.
    pub sequence: u32,
    /// How many items of the sequence were seen.
    pub seen: u32,
}

/// A part of a record's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryPart {
    /// The whole history.
    Whole,
    /// The changes of endpoints. Also includes a change whose payload was erased, because nobody can know whether it was about an
    /// endpoint.
    Endpoints,
}

impl HistoryPart {
    /// Returns the share of an item that belongs to this part. `None` if nothing does.
    fn of(self, item: HistoryItem) -> Option<HistoryItem> {
        if self == Self::Whole {
            return Some(item);
        }
        let changes: Vec<_> = item.changes.into_iter().filter(|change| change.pointer.starts_with("/endpoints/")).collect();
        (item.erased || !changes.is_empty()).then_some(HistoryItem { changes, ..item })
    }
}

/// The members of a payload that a history shows. Unknown members are ignored, so that an older node can read the payloads of a newer
/// version.
#[derive(Deserialize)]
struct Told {
    source: Option<String>,
    #[serde(default)]
    changes: Vec<FactChange>,
}

/// Largest number of rows in one read.
const ROWS: i64 = 200;

/// Largest number of reads for one page. In a long history, the wanted part may be rare.
const READS: usize = 10;

/// Returns one page of the history of a VASP, after a position.
pub fn vasp_history(
    registry: &Registry,
    vasp: VaspName,
    part: HistoryPart,
    after: Option<HistoryPosition>,
    limit: usize,
    now: UtcTime,
) -> Result<(Arc<Generation>, Page<HistoryItem, HistoryPosition>), ServiceError> {
    let generation = registry.pin(now);
    let record = find_vasp(generation.records(), vasp)?;
    let number = generation.known(record.id).map_or(0, |known| known.number);
    let mut before = after.map_or(i64::MAX, |position| i64::from(position.sequence).saturating_add(1));
    let mut found: Vec<(HistoryPosition, HistoryItem)> = Vec::new();
    // Each row gives at least one item. One extra row is for the position, which was seen already. Another shows whether a further page
    // follows.
    let wanted = i64::try_from(limit).unwrap_or(ROWS).saturating_add(2).min(ROWS);
    let mut read_up_to = None;
    for _ in 0..READS {
        let rows = registry.store().read(|conn| conn.history(number, generation.sequence(), before, wanted))?;
        read_up_to = rows.last().map(|row| row.envelope.sequence);
        let Some(last) = read_up_to else { break };
        before = last;
        for row in rows {
            let unseen = |position: &HistoryPosition| after.is_none_or(|after| position.is_after(after));
            let of_row = items(row)?.into_iter().filter(|(position, _)| unseen(position));
            found.extend(of_row.filter_map(|(position, item)| Some((position, part.of(item)?))));
        }
        if found.len() > limit {
            break;
        }
    }
    let page = Page::of(found.into_iter(), limit, |(position, _)| *position);
    // A page may have few items or none although others follow.
    let unread = read_up_to.and_then(|sequence| u32::try_from(sequence).ok()).map(HistoryPosition::past);
    let items = page.items.into_iter().map(|(_, item)| item).collect();
    Ok((generation, Page { items, next: page.next.or(unread) }))
}

/// Returns the items of one change, the latest day first.
fn items(row: ChangeRow) -> Result<Vec<(HistoryPosition, HistoryItem)>, StoreError> {
    let EnvelopeRow { sequence, kind, recorded_at, .. } = row.envelope;
    let place = u32::try_from(sequence).map_err(|error| StoreError::impossible("changes", error))?;
    let said = row.payload.map(|text| StoreError::read_json::<Told>("change_payloads", &text)).transpose()?;
    let erased = said.is_none();
    let (source, changes) = said.map_or((None, vec![]), |said| (said.source, said.changes));
    let mut by_day: BTreeMap<Option<Date>, Vec<HistoryChange>> = BTreeMap::new();
    for FactChange { pointer, valid_from, valid_to, from, to } in changes {
        by_day.entry(valid_from).or_default().push(HistoryChange { pointer, valid_to, from, to });
    }
    if by_day.is_empty() {
        by_day.insert(None, vec![]);
    }
    let item = |(valid_from, changes)| HistoryItem {
        sequence,
        recorded_at,
        kind: kind.clone(),
        valid_from,
        source: source.clone(),
        changes,
        erased,
    };
    let positions = (1u32..).map(|seen| HistoryPosition { sequence: place, seen });
    Ok(positions.zip(by_day.into_iter().rev().map(item)).collect())
}

impl HistoryPosition {
    /// Returns the position after all items of a change.
    fn past(sequence: u32) -> Self {
        Self { sequence, seen: u32::MAX }
    }

    fn is_after(self, other: Self) -> bool {
        self.sequence < other.sequence || (self.sequence == other.sequence && self.seen > other.seen)
    }
}

/// The error for a text that is not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a position in a history")]
pub struct HistoryPositionError;

impl FromStr for HistoryPosition {
    type Err = HistoryPositionError;
    fn from_str(text: &str) -> Result<Self, HistoryPositionError> {
        let (sequence, seen) = text.split_once('.').ok_or(HistoryPositionError)?;
        let number = |text: &str| text.parse().map_err(|_| HistoryPositionError);
        Ok(Self { sequence: number(sequence)?, seen: number(seen)? })
    }
}

impl std::fmt::Display for HistoryPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.sequence, self.seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(payload: Option<&str>) -> ChangeRow {
        let (kind, audience) = ("vasp_changed".to_owned(), "public".to_owned());
        let envelope = EnvelopeRow { sequence: 7, kind, audience, recorded_at: UtcTime::EPOCH, payload_commitment: vec![] };
        ChangeRow { envelope, salt: None, payload: payload.map(str::to_owned) }
    }

    #[test]
    fn an_erased_payload_leaves_an_item_that_says_so() {
        let found = items(row(None)).unwrap();

        assert_eq!(found.len(), 1);
        assert!(found[0].1.erased && found[0].1.changes.is_empty() && found[0].1.source.is_none());
        assert_eq!(found[0].0, HistoryPosition { sequence: 7, seen: 1 });
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over() {
        let change = r#"{"pointer":"/a","valid_from":null,"valid_to":null,"from":null,"to":"x","confidence":1}"#;
        let said =
            format!(r#"{{"vasp":"v","origin":"o","source":"s","observed_on":"2026-01-01","weight":2,"changes":[{change}]}}"#);

        let found = items(row(Some(&said))).unwrap();

        assert_eq!((found[0].1.source.as_deref(), found[0].1.changes[0].to.as_deref()), (Some("s"), Some("x")));
    }

    #[test]
    fn changes_are_grouped_by_the_day_they_hold_from() {
        let change = |from: &str, pointer: &str| {
            format!(r#"{{"pointer":"{pointer}","valid_from":{from},"valid_to":null,"from":null,"to":"x"}}"#)
        };
        let changes = [change("null", "/a"), change("\"2026-01-01\"", "/b"), change("null", "/c")].join(",");

        let said = format!(
            r#"{{"vasp":"vasp_00000000000000000000000000","origin":"o","source":"s","observed_on":"2026-01-01","changes":[{changes}]}}"#
        );
        let found = items(row(Some(&said))).unwrap();

        let days: Vec<_> = found.iter().map(|(_, item)| (item.valid_from, item.changes.len())).collect();
        assert_eq!(days, [(Some("2026-01-01".parse().unwrap()), 1), (None, 2)]);
    }

    proptest! {
        #[test]
        fn positions_round_trip(sequence: u32, seen: u32, text in "\\PC*") {
            let position = HistoryPosition { sequence, seen };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
            let _ = text.parse::<HistoryPosition>();
        }
    }
}
