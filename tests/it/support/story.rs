//! The story kit: look here first for what a test sets up. One line makes a record with facts, a member whose record is verified,
//! two people who decide, or a gateway; people and organisations alone are made in `people.rs`, imports in `fill.rs`.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_log::change::ChangeKind;
use vasp_record::fact::FactValue;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_store::{CaseTrigger, Edit, KeptRecord, StoreError, Transaction};
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::UtcTime;

use super::{Answer, Person, Registry, change, kept_record, now, said};

/// Attribute, item and value of a fact.
pub(crate) type Said<'a> = (&'a str, &'a str, &'a str);

impl Registry {
    /// Writes through the store, and has the directory see it.
    pub(crate) fn write<T>(&self, f: impl FnOnce(&mut Transaction<'_>) -> Result<T, StoreError>) -> T {
        let written = self.registry.store().write(self.clock.now(), &mut self.random.fork(), f).unwrap();
        self.registry.directory().catch_up().unwrap();
        written.value
    }

    /// Adds an entity with a name and facts to the directory.
    pub(crate) fn record(&self, name: &str, facts: &[Said<'_>]) -> VaspId {
        self.record_of(VaspKind::Entity, name, facts)
    }

    /// Adds an entity or a group with a name and facts to the directory.
    pub(crate) fn record_of(&self, kind: VaspKind, name: &str, facts: &[Said<'_>]) -> VaspId {
        self.write(|transaction| {
            let id = VaspId::new(transaction.now(), transaction.conn_and_rng().1);
            let number = transaction.add_vasp(id, kind)?.number;
            let facts = [("legal_name", "", name)].iter().chain(facts).map(|fact| said("test", number, *fact)).collect();
            transaction.record(change(ChangeKind::VaspListed, Some(number)), facts);
            Ok(id)
        })
    }

    /// The number of a record.
    pub(crate) fn number_of(&self, vasp: VaspId) -> i64 {
        let found = self.registry.store().read::<_, StoreError>(|conn| conn.vasp_number(&vasp.to_string()));
        found.unwrap().unwrap()
    }

    /// Says more of a record.
    pub(crate) fn say(&self, vasp: VaspId, facts: &[Said<'_>]) {
        self.say_from("test", vasp, facts);
    }

    /// Says more of a record, from an origin.
    pub(crate) fn say_from(&self, origin: &str, vasp: VaspId, facts: &[Said<'_>]) {
        let number = self.number_of(vasp);
        let facts = facts.iter().map(|fact| said(origin, number, *fact)).collect();
        self.write(|transaction| {
            transaction.record(change(ChangeKind::VaspChanged, Some(number)), facts);
            Ok(())
        });
    }

    /// Replaces what is said of a record, of one attribute and item.
    pub(crate) fn replace(&self, vasp: VaspId, fact: Said<'_>) {
        let is_same = |old: &FactValue| (old.attribute().as_str(), &*old.item()) == (fact.0, fact.1);
        self.take_back(vasp, is_same, &[fact]);
    }

    /// Ends the facts of a record that a test picks, and says others.
    pub(crate) fn take_back(&self, vasp: VaspId, ends: impl Fn(&FactValue) -> bool, facts: &[Said<'_>]) {
        let number = self.number_of(vasp);
        self.write(|transaction| {
            let rows = transaction.conn().facts_of(&[number], i64::MAX - 1)?;
            let old = rows.iter().filter(|row| ends(&row.fact.said)).map(|row| Edit::CloseFact(row.number));
            let edits = old.chain(facts.iter().map(|fact| said("test", number, *fact))).collect();
            transaction.record(change(ChangeKind::VaspChanged, Some(number)), edits);
            Ok(())
        });
    }

    /// Makes a member whose record is verified and has further facts; the person is an editor.
    pub(crate) fn verified_member(&self, name: &str, facts: &[Said<'_>]) -> Person {
        let vasp = self.record(name, &[&[("status", "", "verified")], facts].concat());
        self.member_of(vasp)
    }

    /// Makes the member of a record that is there already, as a verified one; the person is an editor.
    pub(crate) fn member_of(&self, vasp: VaspId) -> Person {
        let organisation = self.home(OrganisationKind::Member, Some(vasp));
        self.keep(organisation, vasp, VaspStatus::Verified);
        self.person_with(organisation, &[Role::Editor], &[Scope::Member])
    }

    /// Has an organisation keep a submission about a VASP; what is verified was approved.
    pub(crate) fn keep(&self, organisation: OrganisationId, vasp: VaspId, status: VaspStatus) {
        let kept = kept_record(vasp, organisation, status, self.clock.now());
        let approved = (status == VaspStatus::Verified).then(|| kept.said.clone());
        self.write(|transaction| transaction.add_submission(&KeptRecord { approved, ..kept }));
    }

    /// Makes two people of the registry: a reviewer who may approve too, and an approver.
    pub(crate) fn two_operators(&self) -> (Person, Person) {
        let home = self.organisation(OrganisationKind::Operator, "The registry");
        (self.person(home, &[Role::Reviewer, Role::Approver]), self.person(home, &[Role::Approver]))
    }

    /// What opened, or joined, the open case about a VASP.
    pub(crate) fn triggers(&self, vasp: VaspId) -> Vec<CaseTrigger> {
        let found = self.registry.store().read::<_, StoreError>(|conn| match conn.open_case_of(vasp)? {
            Some(case) => conn.case_triggers(&[case.id]),
            None => Ok(vec![]),
        });
        found.unwrap()
    }

    /// The kinds of what opened, or joined, the open case about a VASP.
    pub(crate) fn trigger_kinds(&self, vasp: VaspId) -> Vec<String> {
        self.triggers(vasp).into_iter().map(|trigger| trigger.kind.to_string()).collect()
    }

    /// Moves the clock to so many seconds after the tests' instant.
    pub(crate) fn at(&self, secs: i64) {
        self.clock.set(now().plus_secs(secs));
    }

    /// Moves the clock on by so many seconds, and returns the new instant.
    pub(crate) fn advance(&self, secs: i64) -> UtcTime {
        let now = self.clock.now().plus_secs(secs);
        self.clock.set(now);
        now
    }
}

/// The proposal that an answer is or has.
pub(crate) fn proposal(answer: &Value) -> &Value {
    if answer["digest"].is_string() { answer } else { &answer["proposal"] }
}

/// The path of a step on the proposal that an answer is or has.
pub(crate) fn step(answer: &Value, step: &str) -> String {
    format!("/v1/proposals/{}/{step}", proposal(answer)["id"].as_str().unwrap_or("prp_00000000000000000000000000"))
}

/// The body that approves the proposal that an answer is or has.
pub(crate) fn approval(answer: &Value) -> Value {
    json!({"digest": proposal(answer)["digest"]})
}

impl Person {
    /// Approves the proposal that an answer is or has.
    pub(crate) fn approve(&self, registry: &Registry, answer: &Value) -> Answer {
        self.post(registry, &step(answer, "approve"), &approval(answer))
    }
}
