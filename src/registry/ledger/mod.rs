//! The only way to write a change of a VASP. The caller states the value of an attribute, from which day on, and its source. The rows that
//! end and begin, the evidence in force and the change of the log follow from that, and are written together.

pub(crate) mod known;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::node::ServiceError;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_log::change::{EvidenceCount, FactChange, NewChange, Payload, RecordChange, RecordKind};
use vasp_record::fact::{Fact, FactValue, origin_rank, pointer};
use vasp_record::timeline::Timeline;
use vasp_record::vasp::VaspStatus;
use vasp_store::{Edit, FactRow, Transaction};
use vasp_words::ids::{EvidenceId, LicenceId, VaspId};
use vasp_words::time::Date;

/// Returns the status of a VASP's record, from its current rows: the value of the origin that ranks first.
pub(crate) fn status_of(rows: &[FactRow]) -> VaspStatus {
    let said = rows.iter().filter_map(|row| match row.fact.said {
        FactValue::Status(_, status) => Some((&row.fact.origin, status)),
        _ => None,
    });
    said.min_by_key(|(origin, _)| origin_rank(origin, false)).map_or(VaspStatus::Listed, |(_, status)| status)
}

/// The changes of one VASP from one origin.
#[derive(Clone, Debug)]
pub(crate) struct VaspChanges {
    origin: String,
    source: String,
    observed_on: Date,
    ended: Vec<i64>,
    begun: Vec<Fact>,
    told: Vec<FactChange>,
    evidence: Option<(Vec<EvidenceId>, Vec<EvidenceId>)>,
}

impl VaspChanges {
    /// Begins the changes that `origin` states with `source`, as seen on a day.
    pub(crate) fn new(origin: &str, source: &str, observed_on: Date) -> Self {
        let (origin, source) = (origin.to_owned(), source.to_owned());
        Self { origin, source, observed_on, ended: vec![], begun: vec![], told: vec![], evidence: None }
    }

    /// Returns whether no fact changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.begun.is_empty()
    }

    /// Returns the entries for the log, one for each period of days.
    pub(crate) fn told(&self) -> &[FactChange] {
        &self.told
    }

    /// Replaces the timeline of the given current rows.
    pub(crate) fn replace(
        &mut self,
        licence: Option<LicenceId>,
        rows: &[&FactRow],
        change: impl FnOnce(&Timeline<FactValue>) -> Timeline<FactValue>,
    ) {
        let before = Timeline::new(rows.iter().map(|row| row.fact.piece()).collect());
        let after = change(&before);
        if before == after {
            return;
        }
        self.ended.extend(rows.iter().filter(|row| !after.pieces().contains(&row.fact.piece())).map(|row| row.number));
        for piece in after.pieces().iter().filter(|piece| !before.pieces().contains(piece)) {
            self.begin(licence, piece.from, piece.to, &piece.value);
        }
        for ((from, to), old, new) in differences(&before, &after) {
            self.tell(licence, from, to, old, new);
        }
    }

    /// Sets a value of the VASP itself for all days, in place of the given current rows.
    pub(crate) fn say(&mut self, said: &FactValue, rows: &[&FactRow]) {
        let before = rows.first().map(|row| &row.fact.said);
        if before == Some(said) && rows.len() == 1 {
            return;
        }
        self.ended.extend(rows.iter().map(|row| row.number));
        self.begin(None, None, None, said);
        self.tell(None, None, None, before, Some(said));
    }

    /// As [`Self::say`], for a value that no current row has, with a source of its own.
    pub(crate) fn say_first(&mut self, said: &FactValue, source: &str) {
        self.say(said, &[]);
        if let Some(fact) = self.begun.last_mut() {
            fact.source = source.into();
        }
    }

    /// Sets a value of the VASP itself from the day on which it was seen; `None` for no value. `open` is the row of the same item that has
    /// no end yet: it stays, with its source, for the days before.
    pub(crate) fn say_from_now(&mut self, open: Option<&FactRow>, said: Option<&FactValue>) {
        let before = open.map(|row| &row.fact.said);
        if before == said {
            return;
        }
        let today = self.observed_on;
        if let Some(FactRow { number, fact, .. }) = open {
            self.ended.push(*number);
            if fact.from.is_none_or(|from| from < today) {
                let origin = self.origin.as_str().into();
                self.begun.push(Fact { origin, to: Some(today), ..fact.clone() });
            }
        }
        if let Some(said) = said {
            self.begin(None, Some(today), None, said);
        }
        self.tell(None, Some(today), None, before, said);
    }

    /// Adds an entry to the history of a record that none of its facts contains.
    pub(crate) fn mention(&mut self, pointer: &str, to: String) {
        let pointer = pointer.to_owned();
        self.told.push(FactChange { pointer, valid_from: None, valid_to: None, from: None, to: Some(to) });
    }

    /// Sets which evidence is in force from now on, and which evidence ends.
    pub(crate) fn evidence(&mut self, counts: Vec<EvidenceId>, ended: Vec<EvidenceId>) {
        self.evidence = Some((counts, ended));
    }

    /// Records the edits with the change of the log. Records nothing if nothing changes.
    pub(crate) fn record(self, transaction: &mut Transaction<'_>, vasp: VaspId, number: i64, kind: RecordKind) {
        let has_evidence = self.evidence.as_ref().is_some_and(|(counts, ended)| !counts.is_empty() || !ended.is_empty());
        if self.is_empty() && self.told.is_empty() && !has_evidence {
            return;
        }
        let evidence = self.evidence.as_ref().map(|(counts, ended)| EvidenceCount { counts: counts.len(), ended: ended.len() });
        let Self { origin, source, observed_on, ended, begun, told, evidence: ids } = self;
        let said = RecordChange { vasp, origin, source, observed_on, changes: told, evidence };
        let begun = begun.into_iter().map(|fact| Edit::OpenFact { vasp: number, fact });
        let mut edits: Vec<Edit> = ended.into_iter().map(Edit::CloseFact).chain(begun).collect();
        if let Some((counts, ended)) = ids {
            edits.extend((!counts.is_empty()).then_some(Edit::PublishEvidence(counts)));
            edits.extend((!ended.is_empty()).then_some(Edit::EndEvidence(ended)));
        }
        transaction.record(NewChange::of_vasp(number, kind(said)), edits);
    }

    fn begin(&mut self, licence: Option<LicenceId>, from: Option<Date>, to: Option<Date>, said: &FactValue) {
        let (origin, source) = (self.origin.as_str().into(), self.source.as_str().into());
        self.begun.push(Fact { licence, origin, said: said.clone(), from, to, source });
    }

    fn tell(
        &mut self,
        licence: Option<LicenceId>,
        valid_from: Option<Date>,
        valid_to: Option<Date>,
        from: Option<&FactValue>,
        to: Option<&FactValue>,
    ) {
        let Some(said) = to.or(from) else { return };
        let pointer = pointer(licence, said);
        let (from, to) = (from.and_then(public_text), to.and_then(public_text));
        self.told.push(FactChange { pointer, valid_from, valid_to, from, to });
    }
}

/// Records a public change of the registry's own data, and a line in the audit chain with the same payload: the action, the id, and who
/// did it.
pub(crate) fn record_own(
    transaction: &mut Transaction<'_>,
    action: &str,
    id: &str,
    by: &str,
    said: Payload,
) -> Result<(), ServiceError> {
    transaction.audit(AuditEvent {
        organisation: None,
        actor: None,
        credential: Some(by.to_owned()),
        action: action.to_owned(),
        subject: Some(id.to_owned()),
        outcome: AuditOutcome::Done,
        payload: serde_json::to_value(&said)?,
    });
    transaction.record(NewChange::public(said), vec![]);
    Ok(())
}

/// Returns the text of a value for the log, which is public and permanent. It omits a VASP's contacts, and e-mail addresses, which may
/// belong to a person. Gateways read both in the record.
pub(crate) fn public_text(said: &FactValue) -> Option<String> {
    match said {
        FactValue::Contact(..) => None,
        FactValue::Endpoint(..) => {
            let mut said: Value = serde_json::from_str(&said.text()).ok()?;
            if let Some(address) = said.pointer_mut("/location/address") {
                *address = Value::Null;
            }
            Some(said.to_string())
        }
        said => Some(said.text()),
    }
}

/// The first day (`None`: unknown) and the first day after the end (`None`: no end yet).
type Days = (Option<Date>, Option<Date>);

/// Returns the periods in which two timelines differ, with both values.
fn differences<'a, V: Clone + PartialEq>(
    before: &'a Timeline<V>,
    after: &'a Timeline<V>,
) -> Vec<(Days, Option<&'a V>, Option<&'a V>)> {
    let bounds: BTreeSet<Date> =
        before.pieces().iter().chain(after.pieces()).flat_map(|piece| [piece.from, piece.to]).flatten().collect();
    let starts = std::iter::once(None).chain(bounds.iter().copied().map(Some));
    let ends = bounds.iter().copied().map(Some).chain(std::iter::once(None));
    let value_from = |timeline: &'a Timeline<V>, start: Option<Date>| match start {
        Some(start) => timeline.value_on(start),
        None => timeline.pieces().iter().find(|piece| piece.from.is_none()).map(|piece| &piece.value),
    };
    let mut found: Vec<(Days, _, _)> = Vec::new();
    for (start, end) in starts.zip(ends) {
        let (old, new) = (value_from(before, start), value_from(after, start));
        if old == new {
            continue;
        }
        match found.last_mut() {
            Some(((_, to), o, n)) if *to == start && *o == old && *n == new => *to = end,
            _ => found.push(((start, end), old, new)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use vasp_record::fact::{Attribute, NoItem};
    use vasp_record::vasp::DomainStatus;
    use vasp_words::ids::EndpointId;
    use vasp_words::time::UtcTime;

    fn date(text: &str) -> Option<Date> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn the_history_names_only_the_days_that_changed() {
        let before = Timeline::default().assign(None, None, Some(&"a"));
        let after = before.assign(date("2026-02-01"), None, Some(&"b"));

        let found = differences(&before, &after);

        assert_eq!(found, [((date("2026-02-01"), None), Some(&"a"), Some(&"b"))]);
    }

    #[test]
    fn a_first_value_is_since_unknown() {
        let after = Timeline::default().assign(None, None, Some(&"a"));

        assert_eq!(differences(&Timeline::default(), &after), [((None, None), None, Some(&"a"))]);
    }

    fn changes() -> VaspChanges {
        VaspChanges::new("member", "new page", "2026-06-02".parse().unwrap())
    }

    fn row(said: FactValue, from: Option<&str>) -> FactRow {
        let (origin, source) = ("member".into(), "old page".into());
        let fact = Fact { licence: None, origin, said, from: from.and_then(date), to: None, source };
        FactRow { number: 7, vasp: 1, fact, seq_from: 1 }
    }

    fn domain(status: DomainStatus) -> FactValue {
        FactValue::Domain("a.com".to_owned(), status)
    }

    /// Source: the log is public and for ever; contacts are for members and operators, and an e-mail address may be a person's.
    #[test]
    fn the_log_says_of_people_neither_who_they_are_nor_where_they_are_written_to() {
        let contact = r#"{"role":"compliance","name":"Ada Lovelace","email":"ada@example.com","phone":null}"#;
        let endpoint = json!({
            "id": EndpointId::first_at(UtcTime::EPOCH), "version": 1, "protocol": "email", "versions": [],
            "location": {"kind": "email", "address": "ada@example.com"}, "required_fields": {"incoming": [], "outgoing": []},
            "networks": [], "assets": [], "regions": [], "maintenance": [], "status": "active",
            "published_at": "2026-05-01T00:00:00Z", "changed_at": "2026-05-01T00:00:00Z",
        });
        let read = |attribute, value: &str| FactValue::read(attribute, "1", value).unwrap();
        let (contact, endpoint) = (read(Attribute::Contact, contact), read(Attribute::Endpoint, &endpoint.to_string()));
        let stored = endpoint.text();

        assert_eq!(public_text(&contact), None);
        assert!(stored.contains("\"ada@example.com\""), "{stored}");
        assert_eq!(public_text(&endpoint).unwrap(), stored.replace("\"ada@example.com\"", "null"));
        assert_eq!(public_text(&FactValue::LegalName(NoItem, "Ada AG".to_owned())), Some("Ada AG".to_owned()));
    }

    #[test]
    fn what_was_so_until_today_stays_so_with_its_source_and_the_log_tells_the_days_from_today() {
        let (mut changes, known) = (changes(), row(domain(DomainStatus::Proven), Some("2026-01-01")));

        changes.say_from_now(Some(&known), Some(&domain(DomainStatus::Lost)));

        let begun: Vec<_> = changes.begun.iter().map(|fact| (fact.said.text(), &*fact.source, fact.from, fact.to)).collect();
        assert_eq!(changes.ended, [7]);
        assert_eq!(
            begun,
            [
                ("proven".to_owned(), "old page", date("2026-01-01"), date("2026-06-02")),
                ("lost".to_owned(), "new page", date("2026-06-02"), None)
            ]
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
        let (mut changes, known) = (changes(), row(domain(DomainStatus::Proven), Some("2026-06-02")));

        changes.say_from_now(Some(&known), None);

        assert_eq!((changes.ended, changes.begun.len(), changes.told.len()), (vec![7], 0, 1));
    }

    #[test]
    fn what_is_known_is_not_told_again() {
        let said = FactValue::EntityKey(NoItem, "binance".to_owned());
        let (mut changes, known) = (changes(), row(said.clone(), None));

        changes.say(&said, &[&known]);
        changes.say_from_now(Some(&known), Some(&said));

        assert!(changes.is_empty() && changes.told().is_empty());
    }
}
