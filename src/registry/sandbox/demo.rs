//! What a demo has beside real data: a verified member with a domain, an endpoint, a certificate and a proven address; a member that was
//! suspended, whose case is open; the registry's two people; and a gateway in the USA, which approved the first member and was alerted about
//! the second. All of it is invented, under names of `example.com`, which nobody can prove elsewhere.
//!
//! The sanctions lists that bind in the USA are imported whole, so that a question of that gateway can end in `proceed`. That of the United
//! Nations is not in the program, because its terms of use forbid to hand it on for money: it is taken from a file beside. Without it, the
//! invented gateway says that it searched that list itself, and answers say so.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};

use super::client::Client;
use super::facts::Facts;
use super::people::{Part, Setting, Stage};
use super::story::{Member, NewMember, Reviewers};
use super::wallets::Chain;
use super::{Files, Filled, StageError, keep};
use crate::imports::ImportFormat;
use crate::node::Registry;
use vasp_clock::{Clock, Random};
use vasp_outbound::TestNames;
use vasp_record::role::{Role, Scope};
use vasp_rules::screening::UN_SANCTIONS;

/// The name in challenges to members.
pub const NAME: &str = "demo.example.com";

/// The name of the registry's own organisation.
pub const ORGANISATION: &str = "Demo registry";

const SETTING: Setting = Setting { registry: ORGANISATION, mail: NAME, invented: "Invented for the demo." };

/// OFAC's list, whole.
const OFAC: (&str, &[u8]) = ("us-ofac-sdn.json", include_bytes!("../../../seed/demo/us-ofac-sdn.json.gz"));

/// The names under which the list of the United Nations may lie beside the program: in the project's own form, or as published.
const BESIDE: [(&str, ImportFormat); 2] =
    [("un.json.gz", ImportFormat::SanctionsJson), ("consolidated.xml", ImportFormat::UnConsolidated)];

/// A list that is not in the program.
#[derive(Debug)]
pub struct ListBeside {
    format: ImportFormat,
    name: &'static str,
    bytes: Vec<u8>,
}

/// Returns the list of the United Nations from a folder; `None` if it has none.
///
/// # Errors
/// In words, if the file is there and cannot be read.
pub fn list_beside(folder: &Path) -> Result<Option<ListBeside>, String> {
    let Some((name, format)) = BESIDE.into_iter().find(|(name, _)| folder.join(name).exists()) else { return Ok(None) };
    let path = folder.join(name);
    let bytes = std::fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(Some(ListBeside { format, name, bytes }))
}

/// Imports the sanctions lists that the seed lacks, or has only in part. Call it before the registry is opened: an open registry reads all lists
/// again after an import.
///
/// # Errors
/// `StageError::Seed` if a list cannot be read.
pub fn import_lists(files: &Files<'_>, beside: Option<ListBeside>) -> Result<(), StageError> {
    let (day, (name, bytes)) = (files.clock.now().date().to_string(), OFAC);
    files.import(ImportFormat::SanctionsJson, name, &day, bytes.to_vec())?;
    match beside {
        Some(ListBeside { format, name, bytes }) => files.import(format, name, &day, bytes),
        None => Ok(()),
    }
}

/// The name of the key with which the member proves its address.
const WALLET: &str = "demo";

/// Fills a registry that has the seed and the lists, and keeps beside its database what was invented. `server` is where a server of this
/// registry listens.
///
/// # Errors
/// `StageError` for the first thing that fails.
pub fn fill(
    registry: &Registry,
    folder: &Path,
    names: &TestNames,
    clock: &dyn Clock,
    random: &Random,
    server: SocketAddr,
) -> Result<Filled, StageError> {
    let now = clock.now();
    let stage = Stage { setting: &SETTING, registry, clock, random, client: &Client::of(server) };
    let generation = registry.pin(now);
    let mut lists = generation.documents().screen.iter().flat_map(|screen| screen.value.lists());
    let screened = match lists.any(|list| list.id == UN_SANCTIONS) {
        true => json!([]),
        false => json!([{
            "list": UN_SANCTIONS, "provider": SETTING.invented, "at": now, "reference": "demo", "outcome": "no_match",
        }]),
    };
    let filled = stage.act(names, &screened, Facts { begun: Some(now), ..Facts::default() })?;
    keep(folder, names, filled)
}

impl Stage<'_> {
    /// Makes the invented organisations and has their people act. `screened` are the lists that the gateway says it searched itself.
    fn act(&self, names: &TestNames, screened: &Value, mut facts: Facts) -> Result<Filled, StageError> {
        let reviewers = self.reviewers([
            &Part { name: "Anna", part: "reviews cases of the registry", roles: &[Role::Admin, Role::Reviewer] },
            &Part { name: "Ben", part: "approves what Anna proposes", roles: &[Role::Admin, Role::Approver] },
        ])?;
        let northquay = self.verified_member(
            &reviewers,
            names,
            &NewMember::of(101, "Northquay Example GmbH", "northquay.example.com", "Mia"),
        )?;
        let halted =
            self.verified_member(&reviewers, names, &NewMember::of(102, "Halted Example GmbH", "halted.example.com", "Hal"))?;
        self.prove_claim(&northquay, Chain::Solana, WALLET)?;
        let tls_key = self.certify(&northquay, "northquay.example.com")?.key;
        let (key, asker) = self.asker(
            "Demo gateway in the USA",
            None,
            [("Eve", "compliance of the gateway in the USA"), ("Finn", "approves what Eve proposes")],
        )?;
        let approved = json!({"status": "approved", "review_due": facts.fill("${day:300}")?});
        self.relate(&asker, &northquay.vasp, json!({"travel_rule": approved, "terms": {"risk": "low", "screened": screened}}))?;
        let watch = format!("/v1/watches/{}", halted.vasp);
        self.send(&asker.proposer, "PUT", &watch, &[], Some(&json!({"jurisdiction": "US"})))?;
        self.alert(&reviewers, &halted)?;
        let member_key = self.own_key(&northquay.editor, &[Scope::Member])?;
        facts.texts.extend(
            [
                ("us_gateway", key),
                ("member", member_key),
                ("member_tls_key", tls_key),
                ("member_address", Chain::Solana.address(WALLET)?),
                ("northquay", northquay.vasp),
                ("halted", halted.vasp),
            ]
            .map(|(name, text)| (name.to_owned(), text)),
        );
        let Reviewers { reviewer, approver } = reviewers;
        let people = [reviewer, approver, northquay.editor, halted.editor, asker.proposer, asker.approver];
        Ok(Filled { facts, people: people.into() })
    }

    /// Suspends a member that somebody watches: the look before it knows how it was, the look after it alerts.
    fn alert(&self, by: &Reviewers, member: &Member) -> Result<(), StageError> {
        self.look()?;
        self.suspend(by, member)?;
        self.look()
    }
}
