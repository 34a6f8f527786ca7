//! The one way to write what changes about a VASP. Whoever tells it says what an attribute is from which day on, in whose words;
//! the rows that end and begin, the evidence that counts and the change of the log follow from that, and are written together.

use std::collections::BTreeSet;

use serde_json::Value;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_log::change::{EvidenceCount, FactChange, NewChange, Payload, RecordChange, RecordKind};
use vasp_record::fact::{Attribute, Fact, FactValue, origin_rank, pointer};
use vasp_record::timeline::{Piece, Timeline};
use vasp_record::vasp::VaspStatus;
use vasp_store::{Edit, FactRow, NewFact, StoreError, Transaction};
use vasp_words::ids::{EvidenceId, LicenceId, VaspId};
use vasp_words::time::Date;

/// Which timeline of a VASP: the licence it belongs to, attribute and item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FactKey {
    pub licence: Option<LicenceId>,
    pub attribute: Attribute,
    pub item: String,
}

impl FactKey {
    pub(super) fn new(licence: Option<LicenceId>, attribute: Attribute, item: &str) -> Self {
        Self { licence, attribute, item: item.to_owned() }
    }

    /// An attribute of the VASP itself.
    pub(super) fn own(attribute: Attribute, item: &str) -> Self {
        Self::new(None, attribute, item)
    }
}

/// A current row: its number and its piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownRow {
    pub number: i64,
    pub piece: Piece,
}

impl KnownRow {
    /// Reads a stored row, and which timeline it belongs to.
    ///
    /// # Errors
    /// `StoreError::Inconsistent` for a stored value that the program cannot have written.
    pub(super) fn read(row: FactRow) -> Result<(FactKey, Self), StoreError> {
        let (number, item, value) = (row.number, row.item.clone(), row.value.clone());
        let Fact { licence, said, from, to, .. } = row.read()?;
        Ok((FactKey { licence, attribute: said.attribute(), item }, Self { number, piece: Piece { from, to, value } }))
    }
}

/// Returns where the record of a VASP stands, by its current rows: the word of the origin that counts first.
pub(super) fn status_of(rows: &[FactRow]) -> VaspStatus {
    let said = rows.iter().filter(|row| row.licence.is_empty() && row.attribute == Attribute::Status.as_str());
    let best = said.min_by_key(|row| origin_rank(&row.origin, false));
    best.and_then(|row| VaspStatus::from_text(&row.value)).unwrap_or(VaspStatus::Listed)
}

/// What one origin tells of one VASP.
#[derive(Clone, Debug)]
pub(super) struct VaspChanges {
    origin: String,
    source: String,
    observed_on: Date,
    ended: Vec<i64>,
    begun: Vec<NewFact>,
    told: Vec<FactChange>,
    evidence: Option<(Vec<EvidenceId>, Vec<EvidenceId>)>,
}

impl VaspChanges {
    /// Begins to tell what `origin` says by `source`, as seen on a day.
    pub(super) fn new(origin: &str, source: &str, observed_on: Date) -> Self {
        let (origin, source) = (origin.to_owned(), source.to_owned());
        Self { origin, source, observed_on, ended: vec![], begun: vec![], told: vec![], evidence: None }
    }

    /// Tells whether no fact changes.
    pub(super) fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.begun.is_empty()
    }

    /// Returns what the log will say, one entry a stretch of days.
    pub(super) fn told(&self) -> &[FactChange] {
        &self.told
    }

    /// Puts `after` in the place of `before`, whose rows are given.
    pub(super) fn replace(&mut self, key: &FactKey, rows: &[KnownRow], before: &Timeline, after: &Timeline) {
        if before == after {
            return;
        }
        self.ended.extend(rows.iter().filter(|row| !after.pieces().contains(&row.piece)).map(|row| row.number));
        for piece in after.pieces().iter().filter(|piece| !rows.iter().any(|row| row.piece == **piece)) {
            self.begin(key, (piece.from, piece.to), &piece.value);
        }
        for (from, to, old, new) in differences(before, after) {
            self.tell(key, (from, to), old.as_deref(), new.as_deref());
        }
    }

    /// Says something of the VASP itself for all days, in the place of the current rows given.
    pub(super) fn say(&mut self, said: &FactValue, rows: &[&FactRow]) {
        let (item, value) = said.texts();
        let (key, before) = (FactKey::own(said.attribute(), &item), rows.first().map(|row| row.value.as_str()));
        if before == Some(value.as_str()) && rows.len() == 1 {
            return;
        }
        self.ended.extend(rows.iter().map(|row| row.number));
        self.begin(&key, (None, None), &value);
        self.tell(&key, (None, None), before, Some(&value));
    }

    /// As [`Self::say`], of what nobody said before, from a source of its own.
    pub(super) fn say_first(&mut self, said: &FactValue, source: &str) {
        self.say(said, &[]);
        if let Some(fact) = self.begun.last_mut() {
            source.clone_into(&mut fact.source);
        }
    }

    /// Has an attribute say a value (none: nothing) from the day on which it was seen. `open` is the row that has no end yet: the days
    /// before keep it, with its source.
    pub(super) fn say_from_now(&mut self, key: &FactKey, open: Option<&FactRow>, value: Option<&str>) {
        let before = open.map(|row| row.value.as_str());
        if before == value {
            return;
        }
        let today = self.observed_on.to_string();
        if let Some(row) = open {
            self.ended.push(row.number);
            if row.valid_from.as_ref().is_none_or(|from| *from < today) {
                self.begin(key, (None, Some(self.observed_on)), &row.value);
                if let Some(fact) = self.begun.last_mut() {
                    (fact.valid_from, fact.source) = (row.valid_from.clone(), row.source.clone());
                }
            }
        }
        if let Some(value) = value {
            self.begin(key, (Some(self.observed_on), None), value);
        }
        self.tell(key, (Some(self.observed_on), None), before, value);
    }

    /// Says in the history of a record what no fact of its own says.
    pub(super) fn mention(&mut self, pointer: &str, to: String) {
        let pointer = pointer.to_owned();
        self.told.push(FactChange { pointer, valid_from: None, valid_to: None, from: None, to: Some(to) });
    }

    /// Has evidence count from now on, and other evidence no longer.
    pub(super) fn evidence(&mut self, counts: Vec<EvidenceId>, ended: Vec<EvidenceId>) {
        self.evidence = Some((counts, ended));
    }

    /// Writes it with the change of the log; nothing where nothing changes.
    pub(super) fn record(self, transaction: &mut Transaction<'_>, (vasp, number): (VaspId, i64), kind: RecordKind) {
        let has_evidence = self.evidence.as_ref().is_some_and(|(counts, ended)| !counts.is_empty() || !ended.is_empty());
        if self.is_empty() && self.told.is_empty() && !has_evidence {
            return;
        }
        let evidence = self.evidence.as_ref().map(|(counts, ended)| EvidenceCount { counts: counts.len(), ended: ended.len() });
        let Self { origin, source, observed_on, ended, begun, told, evidence: ids } = self;
        let said = RecordChange { vasp, origin, source, observed_on, changes: told, evidence };
        let begun = begun.into_iter().map(|fact| Edit::OpenFact(NewFact { vasp: number, ..fact }));
        let mut edits: Vec<Edit> = ended.into_iter().map(Edit::CloseFact).chain(begun).collect();
        if let Some((counts, ended)) = ids {
            edits.extend((!counts.is_empty()).then_some(Edit::PublishEvidence(counts)));
            edits.extend((!ended.is_empty()).then_some(Edit::EndEvidence(ended)));
        }
        transaction.record(NewChange::of_vasp(number, kind(said)), edits);
    }

    fn begin(&mut self, key: &FactKey, (from, to): (Option<Date>, Option<Date>), value: &str) {
        let text = |date: Option<Date>| date.map(|date| date.to_string());
        self.begun.push(NewFact {
            // Its number is known when it is written.
            vasp: 0,
            licence: key.licence.map(|id| id.to_string()).unwrap_or_default(),
            origin: self.origin.clone(),
            attribute: key.attribute.as_str(),
            item: key.item.clone(),
            value: value.to_owned(),
            source: self.source.clone(),
            valid_from: text(from),
            valid_to: text(to),
        });
    }

    fn tell(
        &mut self,
        key: &FactKey,
        (valid_from, valid_to): (Option<Date>, Option<Date>),
        from: Option<&str>,
        to: Option<&str>,
    ) {
        let shown = |value: Option<&str>| value.and_then(|value| public_text(key.attribute, value));
        let pointer = pointer(key.licence, key.attribute, &key.item);
        self.told.push(FactChange { pointer, valid_from, valid_to, from: shown(from), to: shown(to) });
    }
}

/// Leaves a public change of what the registry itself uses, and the same as a line in the audit chain: what was done, about which
/// id, and by whom.
pub(super) fn record_own(transaction: &mut Transaction<'_>, (action, id, by): (&str, &str, &str), said: Payload) {
    transaction.audit(AuditEvent {
        organisation: None,
        actor: None,
        credential: Some(by.to_owned()),
        action: action.to_owned(),
        subject: Some(id.to_owned()),
        outcome: AuditOutcome::Done,
        payload: serde_json::to_value(&said).unwrap_or_default(),
    });
    transaction.record(NewChange::public(said), vec![]);
}

/// What the log, which is public and for ever, may say of a value: not who the contacts of a VASP are, nor an e-mail address, which
/// may be a person's. Gateways read both in the record.
fn public_text(attribute: Attribute, value: &str) -> Option<String> {
    match attribute {
        Attribute::Contact => None,
        Attribute::Endpoint => {
            let mut said: Value = serde_json::from_str(value).ok()?;
            if let Some(address) = said.pointer_mut("/location/address") {
                *address = Value::Null;
            }
            Some(said.to_string())
        }
        _ => Some(value.to_owned()),
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

    fn changes() -> VaspChanges {
        VaspChanges::new("member", "new page", "2026-06-02".parse().unwrap())
    }

    fn row(attribute: Attribute, value: &str, valid_from: Option<&str>) -> FactRow {
        FactRow {
            number: 7,
            vasp: 1,
            licence: String::new(),
            origin: "member".to_owned(),
            attribute: attribute.as_str().to_owned(),
            item: "a.com".to_owned(),
            value: value.to_owned(),
            source: "old page".to_owned(),
            valid_from: valid_from.map(str::to_owned),
            valid_to: None,
            seq_from: 1,
            seq_to: None,
        }
    }

    /// Source: the log is public and for ever; contacts are for members and operators, and an e-mail address may be a person's.
    #[test]
    fn the_log_says_of_people_neither_who_they_are_nor_where_they_are_written_to() {
        let contact = r#"{"role":"compliance","name":"Ada Lovelace","email":"ada@example.com","phone":null}"#;
        let endpoint = r#"{"location":{"address":"ada@example.com","kind":"email"},"protocol":"email"}"#;

        assert_eq!(public_text(Attribute::Contact, contact), None);
        assert_eq!(public_text(Attribute::Endpoint, endpoint).unwrap(), endpoint.replace("\"ada@example.com\"", "null"));
        assert_eq!(public_text(Attribute::Endpoint, "ada@example.com"), None, "what cannot be read is not shown");
        assert_eq!(public_text(Attribute::LegalName, "Ada AG"), Some("Ada AG".to_owned()));
    }

    #[test]
    fn what_was_so_until_today_stays_so_with_its_source_and_the_log_tells_the_days_from_today() {
        let (mut changes, known) = (changes(), row(Attribute::Domain, "proven", Some("2026-01-01")));

        changes.say_from_now(&FactKey::own(Attribute::Domain, "a.com"), Some(&known), Some("lost"));

        let begun: Vec<_> = changes
            .begun
            .iter()
            .map(|fact| (&*fact.value, &*fact.source, fact.valid_from.as_deref(), fact.valid_to.as_deref()))
            .collect();
        assert_eq!(changes.ended, [7]);
        assert_eq!(
            begun,
            [("proven", "old page", Some("2026-01-01"), Some("2026-06-02")), ("lost", "new page", Some("2026-06-02"), None)]
        );
        let told = FactChange {
            pointer: "/domains/a.com".to_owned(),
            valid_from: date("2026-06-02"),
            valid_to: None,
            from: Some("proven".to_owned()),
            to: Some("lost".to_owned()),
        };
        assert_eq!(changes.told(), [told]);
    }

    #[test]
    fn what_was_said_first_today_is_put_right_without_a_day_of_it() {
        let (mut changes, known) = (changes(), row(Attribute::Domain, "proven", Some("2026-06-02")));

        changes.say_from_now(&FactKey::own(Attribute::Domain, "a.com"), Some(&known), None);

        assert_eq!((changes.ended, changes.begun.len(), changes.told.len()), (vec![7], 0, 1));
    }

    #[test]
    fn what_is_known_is_not_told_again() {
        let (mut changes, known) = (changes(), row(Attribute::EntityKey, "binance", None));

        changes.say(&FactValue::EntityKey(vasp_record::fact::NoItem, "binance".to_owned()), &[&known]);
        changes.say_from_now(&FactKey::own(Attribute::EntityKey, ""), Some(&known), Some("binance"));

        assert!(changes.is_empty() && changes.told().is_empty());
    }
}
