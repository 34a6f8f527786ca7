//! What a sandbox knows: invented firms, labels, lists and links, imported as real files are; the rulebook and the countries' lists of the
//! seed; and members, askers and decisions, which invented people make over HTTP.

use std::collections::BTreeMap;
use std::io::Cursor;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::facts::{Facts, lei};
use super::people::{Part, Person, Setting, Stage, text};
use super::story::{Asker, Certified, Member, NewMember, Reviewers, editor};
use super::{StageError, firms};
use crate::imported::ImportedBy;
use crate::imports::{ImportFormat, ImportJob, import_file_from};
use vasp_ingest::source;
use vasp_outbound::TestNames;
use vasp_pki::MasterKeys;
use vasp_record::role::{Role, Scope};
use vasp_rules::lists::JurisdictionLists;
use vasp_store::WriteMode;
use vasp_words::time::Date;

const LABELS: &str = include_str!("../../../seed/sandbox/labels.csv");
const LINKS: &str = include_str!("../../../seed/sandbox/links.csv");
const DECISIONS: &str = include_str!("../../../seed/sandbox/decisions.json");
const LISTED: &str = include_str!("../../../seed/sandbox/listed.csv");
pub(super) const RULEBOOK: &str = include_str!("../../../seed/rulebook.json");
const LISTS: &str = include_str!("../../../seed/lists.json");
const RATES: &str = include_str!("../../../seed/eurofxref-hist.csv");
const POLICY: &str = include_str!("../../../seed/policy.json");

/// How a sandbox calls what it invents.
pub(super) const SETTING: Setting =
    Setting { registry: "Sandbox Registry", mail: "sandbox.test", invented: "Invented for the sandbox." };

/// The asking gateway's own VASP, of `seed/sandbox/firms.csv`.
const OWN: u32 = 9;

/// Days before the day of filling on which the registers, and the other sources, were looked at.
const SEEN: [&str; 2] = ["${day:-10}", "${day:-4}"];

/// The number of the first member's LEI; firms of the table have the smaller numbers.
pub(super) const MEMBERS: u32 = 101;

/// The first member, whose endpoint answers.
pub(super) const TIDEWATER: &str = "Tidewater Example GmbH";

impl Stage<'_> {
    /// Imports the invented files.
    pub(super) fn import_all(&self, keys: &MasterKeys, facts: &Facts) -> Result<(), StageError> {
        let [before, newest] = [facts.fill(SEEN[0])?, facts.fill(SEEN[1])?];
        let file = |format, name: &str, text: String| self.import(keys, format, (name, &newest), text.into_bytes());
        file(ImportFormat::Rulebook, "rulebook.json", RULEBOOK.to_owned())?;
        file(ImportFormat::Lists, "lists.json", lists(&newest)?)?;
        file(ImportFormat::ReferenceRates, "rates.csv", RATES.to_owned())?;
        let same = Changes::default();
        for list in sanctions(facts, &same, &newest)? {
            file(ImportFormat::SanctionsJson, "sanctions.json", list.to_string())?;
        }
        for (day, is_newest) in [(&before, false), (&newest, true)] {
            let register = firms::register((facts, &same), day, is_newest)?;
            file(ImportFormat::RegisterJson, "register.json", register.to_string())?;
        }
        file(ImportFormat::ClaimsCsv, "labels.csv", facts.fill(LABELS)?)?;
        file(ImportFormat::GroupLinks, "links.csv", facts.fill(LINKS)?)?;
        file(ImportFormat::GleifLei, "leis.csv", firms::leis((facts, &same), &newest)?)?;
        file(ImportFormat::Policy, "policy.json", POLICY.to_owned())?;
        self.registry.let_others_know();
        Ok(())
    }

    /// Imports the files that can change after the day of filling, as they are on a day.
    pub(super) fn import_changed(
        &self,
        keys: &MasterKeys,
        facts: &Facts,
        changes: &Changes,
        day: Date,
    ) -> Result<(), StageError> {
        let day = day.to_string();
        let file = |format, name: &str, text: String| self.import(keys, format, (name, &day), text.into_bytes());
        if !changes.listed.is_empty() {
            for list in sanctions(facts, changes, &day)? {
                file(ImportFormat::SanctionsJson, "sanctions.json", list.to_string())?;
            }
        }
        if !changes.firms.is_empty() {
            let register = firms::register((facts, changes), &day, true)?;
            file(ImportFormat::RegisterJson, "register.json", register.to_string())?;
            file(ImportFormat::GleifLei, "leis.csv", firms::leis((facts, changes), &day)?)?;
        }
        self.registry.let_others_know();
        Ok(())
    }

    /// Imports a file. The day counts for formats whose files have none.
    pub(super) fn import(
        &self,
        keys: &MasterKeys,
        format: ImportFormat,
        (name, day): (&str, &str),
        bytes: Vec<u8>,
    ) -> Result<(), StageError> {
        let refused = |reason: String| StageError::Seed { file: "seed", reason: format!("{name}: {reason}") };
        let input = source::from_reader(Cursor::new(bytes), name, source::LIMIT_BYTES);
        let has_day = matches!(format, ImportFormat::Policy | ImportFormat::GleifLei);
        let job = ImportJob {
            store: self.registry.store(),
            keys,
            format,
            observed_on: if has_day { day.parse().ok() } else { None },
            mode: WriteMode::Keep,
            accept_shrink: true,
            progress: &mut |_| (),
        };
        let now = || self.clock.now();
        let mut rng = self.random.fork();
        let report = import_file_from(job, input.map_err(|e| refused(e.to_string()))?, (ImportedBy::Seed, None), &now, &mut rng);
        let report = report.map_err(|error| refused(vasp_words::error_chain::error_chain(&error)))?;
        match report.rejected.first() {
            Some(row) => Err(refused(format!("{row:?}"))),
            None => Ok(()),
        }
    }

    /// Makes the invented members, askers and decisions. Returns what each person needs to sign in, and adds ids and API keys to `facts`.
    pub(super) fn act_all(&self, names: &TestNames, facts: &mut Facts) -> Result<Vec<Person>, StageError> {
        let reviewers = self.reviewers([
            &Part { name: "Anna", part: "reviews cases of the registry", roles: &[Role::Admin, Role::Reviewer] },
            &Part { name: "Ben", part: "approves what Anna proposes", roles: &[Role::Admin, Role::Approver] },
        ])?;
        let tidewater = self.verified_member(&reviewers, names, &new_member(0, TIDEWATER, "tidewater.test", "Mia"))?;
        let halted = self.verified_member(&reviewers, names, &new_member(1, "Halted Example GmbH", "halted.test", "Hal"))?;
        let revoked = self.verified_member(&reviewers, names, &new_member(2, "Revoked Example GmbH", "revoked.test", "Rita"))?;
        let eventful =
            self.verified_member(&reviewers, names, &new_member(3, "Eventful Example GmbH", "eventful.test", "Nora"))?;
        self.claim_all(&[(&tidewater, "owned_attested"), (&halted, "owned_suspended"), (&revoked, "revoked_vasp")], facts)?;
        self.prove_claim(&tidewater, "owned_proven")?;
        let Certified { key, certificate, sha256 } = self.certify(&tidewater, "tidewater.test")?;
        let certified = [("trp_key", key), ("trp_certificate", certificate), ("trp_certificate_sha256", sha256)];
        facts.texts.extend(certified.map(|(name, text)| (name.to_owned(), text)));
        self.halt(&reviewers, &halted, &revoked)?;
        let own = self.registry.pin(self.clock.now()).records().with_lei(parse(&lei(OWN))?).next().map(|record| record.id);
        let european = self.asker(
            "Own Example Bank",
            own,
            [("Cora", "compliance of the gateway in the EU"), ("Dan", "approves what Cora proposes")],
        )?;
        let american = self.asker(
            "Gateway of the USA",
            None,
            [("Eve", "compliance of the gateway in the USA"), ("Finn", "approves what Eve proposes")],
        )?;
        let keys = [("gateway", european.0), ("us_gateway", american.0)];
        let members = [("tidewater", &tidewater), ("halted", &halted), ("revoked", &revoked), ("eventful", &eventful)];
        facts.texts.extend(members.map(|(name, member)| (name.to_owned(), member.vasp.clone())));
        self.decide_all(facts, &european.1, &american.1)?;
        facts.texts.extend(keys.map(|(name, key)| (name.to_owned(), key)));
        facts.texts.insert("gateway_admin".to_owned(), self.own_key(&european.1.proposer, &[Scope::Admin, Scope::Precheck])?);
        facts.texts.insert("member_admin".to_owned(), self.own_key(&tidewater.editor, &[Scope::Admin, Scope::Precheck])?);
        let session = self.send(&eventful.editor, "GET", "/v1/session", &[], None)?;
        facts.texts.insert("other_organisation".to_owned(), text(&session, "/organisation/id")?);
        facts.texts.insert("other_member".to_owned(), self.own_key(&eventful.editor, &[Scope::Precheck])?);
        facts.texts.insert("member".to_owned(), self.own_key(&tidewater.editor, &[Scope::Member])?);
        facts.texts.insert("compliance".to_owned(), self.own_key(&european.1.proposer, &[Scope::Compliance])?);
        facts.texts.insert("operator".to_owned(), self.own_key(&reviewers.reviewer, &[Scope::Operator])?);
        let people = [reviewers.reviewer, reviewers.approver, tidewater.editor, halted.editor, revoked.editor, eventful.editor];
        let askers = [european.1, american.1].into_iter().flat_map(|asker| [asker.proposer, asker.approver]);
        Ok(people.into_iter().chain(askers).collect())
    }

    fn claim_all(&self, claims: &[(&Member, &str)], facts: &Facts) -> Result<(), StageError> {
        claims.iter().try_for_each(|(member, scenario)| {
            self.claim(member, "eip155:1", &facts.fill(&format!("${{eth:{scenario}}}"))?).map(drop)
        })
    }

    /// Suspends one member and revokes another.
    fn halt(&self, by: &Reviewers, halted: &Member, revoked: &Member) -> Result<(), StageError> {
        self.suspend(by, halted)?;
        let case = self.open_case(by, &revoked.vasp)?;
        let revocation = json!({"decision": "revoke", "claims": "none", "reason": self.setting.invented});
        self.decide(by, &case, &[], &revocation)
    }

    /// Records the decisions of `seed/sandbox/decisions.json`: the people of each asking organisation propose and approve them.
    fn decide_all(&self, facts: &Facts, european: &Asker, american: &Asker) -> Result<(), StageError> {
        let refused = |reason: String| StageError::Seed { file: "seed/sandbox/decisions.json", reason };
        let all: Vec<Decided> = serde_json::from_str(&facts.fill(DECISIONS)?).map_err(|error| refused(error.to_string()))?;
        for Decided { by, about, decisions } in all {
            let asker = match by {
                Side::European => european,
                Side::American => american,
            };
            let about = if about.starts_with("0x") { self.owner(&asker.proposer, &about)? } else { about };
            for decision in decisions {
                self.relate(asker, &about, decision)?;
            }
        }
        Ok(())
    }

    /// Returns the id of the owner of an address on Ethereum.
    fn owner(&self, asked_by: &Person, address: &str) -> Result<String, StageError> {
        let path = format!("/v1/resolve?subject={address}&network=eip155:1");
        text(&self.send(asked_by, "GET", &path, &[], None)?, "/owners/0/vasp/id")
    }
}

/// What an asker decides about a counterparty, one decision after the other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    by: Side,
    /// An id, an LEI, or an address whose owner it is.
    about: String,
    decisions: Vec<Value>,
}

/// Which asker.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Side {
    European,
    American,
}

fn new_member<'a>(number: u32, name: &'a str, domain: &'a str, keeper: &'static str) -> NewMember<'a> {
    NewMember { name, country: "DE", lei: lei(MEMBERS + number), domain, licence: ("DE-BAFIN", "MiCA"), editor: editor(keeper) }
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, StageError> {
    text.parse().map_err(|_| StageError::Open(text.to_owned()))
}

/// Returns the countries' lists of the seed as if somebody had followed them up to a day.
fn lists(known_through: &str) -> Result<String, StageError> {
    let refused = |reason: String| StageError::Seed { file: "lists.json", reason };
    let mut lists: Map<String, Value> = serde_json::from_str(LISTS).map_err(|error| refused(error.to_string()))?;
    lists.insert("generated_on".to_owned(), known_through.into());
    if let Some(days) = lists.get_mut("known_through").and_then(Value::as_object_mut) {
        days.values_mut().for_each(|day| *day = known_through.into());
    }
    let text = Value::from(lists).to_string();
    JurisdictionLists::from_json(&text).map(drop).map_err(|error| refused(error.to_string()))?;
    Ok(text)
}

/// How files differ from those that were imported when the sandbox was filled.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Changes {
    /// What the register and GLEIF show of a firm, by its LEI.
    pub(super) firms: BTreeMap<String, BTreeMap<String, String>>,
    /// Further entries of sanctions lists.
    pub(super) listed: Vec<Listed>,
    /// How often the files were imported again. No two files of a day are the same, because an import takes each only once.
    pub(super) imports: u32,
}

/// A row of `listed.csv`: somebody on a sanctions list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    pub(super) list: String,
    uid: String,
    pub(super) name: String,
    alias: String,
    network: String,
    address: String,
}

/// Returns the invented sanctions lists. Each is whole.
fn sanctions(facts: &Facts, changes: &Changes, as_of: &str) -> Result<Vec<Value>, StageError> {
    let text = facts.fill(LISTED)?;
    let rows = csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<Vec<Listed>, _>>();
    let mut rows = rows.map_err(|error| StageError::Seed { file: "listed.csv", reason: error.to_string() })?;
    rows.extend(changes.listed.iter().cloned());
    rows.sort_by(|one, other| one.list.cmp(&other.list));
    let lists = rows.chunk_by(|one, next| one.list == next.list).map(|rows| {
        let entries: Vec<Value> = rows.iter().map(entry).collect();
        json!({"id": rows.first().map(|row| &row.list), "as_of": as_of, "source": "invented for the sandbox", "entries": entries})
    });
    Ok(lists.collect())
}

fn entry(row: &Listed) -> Value {
    let accounts = [json!({"network": row.network, "address": row.address})];
    let addresses =
        if row.address.is_empty() { vec![] } else { vec![json!({"currency": "ETH", "text": row.address, "accounts": accounts})] };
    let aliases = if row.alias.is_empty() { vec![] } else { vec![&row.alias] };
    json!({"uid": row.uid, "name": row.name, "aliases": aliases, "programs": ["SANDBOX"], "addresses": addresses})
}
