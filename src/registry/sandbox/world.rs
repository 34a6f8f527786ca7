//! What a sandbox knows: invented firms, labels, lists and links, imported as real files are; the rulebook and the countries' lists of the
//! seed; and members, askers and decisions, which invented people make over HTTP.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::facts::{Facts, OWN, lei};
use super::people::{Part, Person, Setting, Stage, text};
use super::story::{Asker, Certified, Member, NewMember, Reviewers};
use super::wallets::Chain;
use super::{Files, StageError, firms};
use crate::imports::{ImportFormat, OWN_RATES};
use vasp_outbound::TestNames;
use vasp_pki::MasterKeys;
use vasp_record::role::{Role, Scope};
use vasp_rules::lists::JurisdictionLists;
use vasp_words::time::Date;

const LABELS: &str = include_str!("../../../seed/sandbox/labels.csv");
const OTHERS: &str = include_str!("../../../seed/sandbox/others.csv");
const LINKS: &str = include_str!("../../../seed/sandbox/links.csv");
const DECISIONS: &str = include_str!("../../../seed/sandbox/decisions.json");
const LISTED: &str = include_str!("../../../seed/sandbox/listed.csv");
pub(super) const RULEBOOK: &str = include_str!("../../../seed/rulebook.json");
const LISTS: &str = include_str!("../../../seed/lists.json");
pub(super) const POLICY: &str = include_str!("../../../seed/policy.json");

/// How a sandbox calls what it invents.
pub(super) const SETTING: Setting =
    Setting { registry: "Sandbox Registry", mail: "sandbox.test", invented: "Invented for the sandbox." };

/// Days before the day of filling on which the registers, and the other sources, were looked at.
const SEEN: [&str; 2] = ["${day:-10}", "${day:-4}"];

/// The number of the first member's LEI; firms of the table have the smaller numbers.
pub(super) const MEMBERS: u32 = 101;

/// The first member, whose endpoint answers.
pub(super) const TIDEWATER: &str = "Tidewater Example GmbH";

/// The codes of the first member in closed networks, and those of the member with many endpoints.
const OWN_CODES: [(&str, &str); 3] =
    [("gtr_vasp_code", "TIDEWATER"), ("openvasp_vasp_code", "71de0001"), ("sygna_vasp_code", "TIDEDEB1")];
const MANYWAYS_CODES: [(&str, &str); 3] =
    [("gtr_vasp_code", "MANYWAYS"), ("openvasp_vasp_code", "3a990002"), ("code_entity_id", "manyways")];

impl Stage<'_> {
    /// Imports the invented files.
    pub(super) fn import_all(&self, keys: &MasterKeys, facts: &Facts) -> Result<(), StageError> {
        let [before, newest] = [facts.fill(SEEN[0])?, facts.fill(SEEN[1])?];
        let files = self.files(keys);
        let file = |format, name: &str, text: String| files.import(format, name, &newest, text.into_bytes());
        let same = Changes::default();
        // The register comes first: as of the first change, firms are known and no list is.
        let register = firms::register(facts, &same, &before, false)?;
        file(ImportFormat::RegisterJson, "register.json", register.to_string())?;
        file(ImportFormat::Rulebook, "rulebook.json", RULEBOOK.to_owned())?;
        file(ImportFormat::Lists, "lists.json", lists(&newest)?)?;
        file(ImportFormat::ReferenceRates, "rates.csv", OWN_RATES.to_owned())?;
        for list in sanctions(facts, &same, &newest)? {
            file(ImportFormat::SanctionsJson, "sanctions.json", list.to_string())?;
        }
        let register = firms::register(facts, &same, &newest, true)?;
        file(ImportFormat::RegisterJson, "register.json", register.to_string())?;
        file(ImportFormat::ClaimsCsv, "labels.csv", facts.fill(LABELS)?)?;
        file(ImportFormat::MasterRegister, "others.csv", facts.fill(OTHERS)?)?;
        file(ImportFormat::GleifLei, "leis.csv", firms::leis(facts, &same, &newest)?)?;
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
        let files = self.files(keys);
        let file = |format, name: &str, text: String| files.import(format, name, &day, text.into_bytes());
        if !changes.listed.is_empty() {
            for list in sanctions(facts, changes, &day)? {
                file(ImportFormat::SanctionsJson, "sanctions.json", list.to_string())?;
            }
        }
        if !changes.firms.is_empty() {
            let register = firms::register(facts, changes, &day, true)?;
            file(ImportFormat::RegisterJson, "register.json", register.to_string())?;
            file(ImportFormat::GleifLei, "leis.csv", firms::leis(facts, changes, &day)?)?;
        }
        self.registry.let_others_know();
        Ok(())
    }

    /// Returns what files are imported into.
    pub(super) fn files<'a>(&'a self, keys: &'a MasterKeys) -> Files<'a> {
        Files { store: self.registry.store(), keys, clock: self.clock, random: self.random }
    }

    /// Makes the invented members, askers and decisions. Returns what each person needs to sign in, and adds ids and API keys to `facts`.
    pub(super) fn act_all(&self, keys: &MasterKeys, names: &TestNames, facts: &mut Facts) -> Result<Vec<Person>, StageError> {
        let reviewers = self.reviewers([
            &Part { name: "Anna", part: "reviews cases of the registry", roles: &[Role::Admin, Role::Reviewer] },
            &Part { name: "Ben", part: "approves what Anna proposes", roles: &[Role::Admin, Role::Approver] },
        ])?;
        let members = self.members(&reviewers, names)?;
        let ids = ["tidewater", "halted", "revoked", "eventful", "manyways"].into_iter().zip(&members);
        facts.texts.extend(ids.map(|(name, member)| (name.to_owned(), member.vasp.clone())));
        let [tidewater, halted, revoked, eventful, manyways] = &members;
        // The links name members.
        self.files(keys).import(ImportFormat::GroupLinks, "links.csv", "", facts.fill(LINKS)?.into_bytes())?;
        self.registry.let_others_know();
        self.claim_all(&[(tidewater, "owned_attested"), (halted, "owned_suspended"), (revoked, "revoked_vasp")], facts)?;
        self.claim_all(&[(eventful, "several_entities"), (manyways, "several_entities")], facts)?;
        self.prove_claim(tidewater, Chain::Solana, "owned_proven")?;
        self.prove_claim(tidewater, Chain::Ethereum, "family_outweighed")?;
        self.end_claims(tidewater, eventful, facts)?;
        let Certified { key, certificate, sha256 } = self.certify(tidewater, "tidewater.test")?;
        let certified = [("trp_key", key), ("trp_certificate", certificate), ("trp_certificate_sha256", sha256)];
        facts.texts.extend(certified.map(|(name, text)| (name.to_owned(), text)));
        let [european, american, demonstrating] = self.askers(facts)?;
        self.decide_all(facts, &european, &american)?;
        self.make_keys(&members, &european.proposer, &reviewers.reviewer, facts)?;
        let reviewing = [&reviewers.reviewer, &reviewers.approver];
        let askers = [&european, &american, &demonstrating].into_iter().flat_map(|asker| [&asker.proposer, &asker.approver]);
        let people = reviewing.into_iter().chain(members.iter().map(|member| &member.editor)).chain(askers);
        let people: Vec<Person> = people.cloned().collect();
        self.send_acts(&people, facts)?;
        self.halt(&reviewers, halted, revoked)?;
        Ok(people)
    }

    /// Makes the verified members.
    fn members(&self, reviewers: &Reviewers, names: &TestNames) -> Result<[Member; 5], StageError> {
        let verified = |new: NewMember<'_>| self.verified_member(reviewers, names, &new);
        let manyways = NewMember::of(MEMBERS + 4, "Manyways Example GmbH", "manyways.test", "Max");
        Ok([
            verified(NewMember { identifiers: &OWN_CODES, ..NewMember::of(MEMBERS, TIDEWATER, "tidewater.test", "Mia") })?,
            verified(NewMember::of(MEMBERS + 1, "Halted Example GmbH", "halted.test", "Hal"))?,
            verified(NewMember::of(MEMBERS + 2, "Revoked Example GmbH", "revoked.test", "Rita"))?,
            verified(NewMember::of(MEMBERS + 3, "Eventful Example GmbH", "eventful.test", "Nora"))?,
            verified(NewMember { identifiers: &MANYWAYS_CODES, evidence_days: Some(375), ..manyways })?,
        ])
    }

    /// Makes the asking organisations: in the EU, in the USA, and one whose policy is for demonstrations.
    fn askers(&self, facts: &mut Facts) -> Result<[Asker; 3], StageError> {
        let own = self.registry.pin(self.clock.now()).records().with_lei(parse(&lei(OWN))?).next().map(|record| record.id);
        let mut asker = |key: &str, name: &str, vasp, people| {
            let (text, asker) = self.asker(name, vasp, people)?;
            facts.texts.insert(key.to_owned(), text);
            Ok(asker)
        };
        let bank = [("Cora", "compliance of the gateway in the EU"), ("Dan", "approves what Cora proposes")];
        let usa = [("Eve", "compliance of the gateway in the USA"), ("Finn", "approves what Eve proposes")];
        let fair = [("Gil", "compliance of a gateway that only demonstrates"), ("Hana", "approves what Gil proposes")];
        Ok([
            asker("gateway", "Own Example Bank", own, bank)?,
            asker("us_gateway", "Gateway of the USA", None, usa)?,
            asker("fair_gateway", "Gateway of a trade fair", None, fair)?,
        ])
    }

    /// Makes the API keys of people, by their names in the catalogue.
    fn make_keys(
        &self,
        [tidewater, _, _, eventful, manyways]: &[Member; 5],
        compliance: &Person,
        reviewer: &Person,
        facts: &mut Facts,
    ) -> Result<(), StageError> {
        let session = self.send(&eventful.editor, "GET", "/v1/session", &[], None)?;
        facts.texts.insert("other_organisation".to_owned(), text(&session, "/organisation/id")?);
        let keys = [
            ("gateway_admin", compliance, &[Scope::Admin, Scope::Precheck][..]),
            ("compliance", compliance, &[Scope::Compliance]),
            ("member_admin", &tidewater.editor, &[Scope::Admin, Scope::Precheck]),
            ("member", &tidewater.editor, &[Scope::Member]),
            ("other_member", &eventful.editor, &[Scope::Precheck]),
            ("third_member", &manyways.editor, &[Scope::Member]),
            ("operator", reviewer, &[Scope::Operator]),
        ];
        for (name, person, scopes) in keys {
            facts.texts.insert(name.to_owned(), self.own_key(person, scopes)?);
        }
        Ok(())
    }

    /// Leaves answers that are held: by a proof that nobody may see, by a proof that ended, and by an older claim that ended.
    fn end_claims(&self, tidewater: &Member, eventful: &Member, facts: &Facts) -> Result<(), StageError> {
        let hidden = self.prove_claim(tidewater, Chain::Ethereum, "hidden_proof")?;
        let named = json!({"visibility": "named", "named": [tidewater.organisation]});
        self.change_claim(tidewater, "PATCH", &hidden, Some(&named))?;
        let recent = self.prove_claim(tidewater, Chain::Ethereum, "recently_proven")?;
        self.change_claim(tidewater, "DELETE", &recent, None)?;
        let address = facts.fill("${eth:unsettled_end}")?;
        let older = self.claim(eventful, "eip155:1", &address)?;
        self.claim(tidewater, "eip155:1", &address)?;
        self.change_claim(eventful, "DELETE", &older, None)
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
        self.decide(by, &case, (&[], None), &revocation)
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
    address: String,
    /// How much of the list is there: `complete`, or `partial`. The list's first row counts.
    #[serde(default = "complete")]
    coverage: String,
}

/// Returns the invented sanctions lists.
fn sanctions(facts: &Facts, changes: &Changes, as_of: &str) -> Result<Vec<Value>, StageError> {
    let text = facts.fill(LISTED)?;
    let rows = csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<Vec<Listed>, _>>();
    let mut rows = rows.map_err(|error| StageError::Seed { file: "listed.csv", reason: error.to_string() })?;
    rows.extend(changes.listed.iter().cloned());
    rows.sort_by(|one, other| one.list.cmp(&other.list));
    let lists = rows.chunk_by(|one, next| one.list == next.list).map(|rows| {
        let entries: Vec<Value> = rows.iter().map(entry).collect();
        let first = rows.first();
        json!({"id": first.map(|row| &row.list), "coverage": first.map(|row| &row.coverage), "as_of": as_of,
               "source": "invented for the sandbox", "entries": entries})
    });
    Ok(lists.collect())
}

fn entry(row: &Listed) -> Value {
    let addresses = if row.address.is_empty() { vec![] } else { vec![json!({"currency": "ETH", "text": row.address})] };
    let aliases = if row.alias.is_empty() { vec![] } else { vec![&row.alias] };
    json!({"uid": row.uid, "name": row.name, "aliases": aliases, "programs": ["SANDBOX"], "addresses": addresses})
}

fn complete() -> String {
    "complete".to_owned()
}
