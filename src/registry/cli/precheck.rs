//! `precheck`: asks the database directly whether to deal with a counterparty, and records nothing. Exit codes: 0 proceed, 1 hold or
//! reject, 2 refused or failed, 3 proceed once the conditions are met.

use std::io::Write;
use std::process::ExitCode;

use serde_json::json;

use super::{Outcome, open, table};
use crate::config::{FileOptions, StoreOptions};
use crate::precheck::http::request::PrecheckRequest;
use crate::precheck::{Asking, Extent, PrecheckAnswer, Rendering};
use vasp_clock::{Clock, Random, SystemClock};
use vasp_rules::policy::Recommendation;

/// Options of `precheck`.
#[derive(Debug, clap::Args)]
#[group(id = "destination", required = true, multiple = true, args = ["address", "vasp", "travel_address", "jurisdiction"])]
pub(super) struct Precheck {
    /// Jurisdiction of the originator, such as DE
    #[arg(long, value_name = "ID")]
    from: String,
    /// Destination: an address
    #[arg(long, env = "VASP_REGISTRY_ADDRESS")]
    address: Option<String>,
    /// Network of the address, CAIP-2 id or another name
    #[arg(long, env = "VASP_REGISTRY_NETWORK")]
    network: Option<String>,
    /// Memo of the transfer
    #[arg(long, env = "VASP_REGISTRY_MEMO")]
    memo: Option<String>,
    /// Destination: a VASP, by id or LEI
    #[arg(long, env = "VASP_REGISTRY_VASP")]
    vasp: Option<String>,
    /// Destination: a Travel Address, alone or together with an address
    #[arg(long, env = "VASP_REGISTRY_TRAVEL_ADDRESS")]
    travel_address: Option<String>,
    /// Destination: only a jurisdiction
    #[arg(long, env = "VASP_REGISTRY_JURISDICTION")]
    jurisdiction: Option<String>,
    /// VASP that hosts the address, as the customer declares it
    #[arg(long, value_name = "ID|LEI", env = "VASP_REGISTRY_DECLARED_VASP", conflicts_with = "self_hosted")]
    declared_vasp: Option<String>,
    /// The customer declares the address self-hosted
    #[arg(long, env = "VASP_REGISTRY_SELF_HOSTED")]
    self_hosted: bool,
    /// Country of the beneficiary's customer
    #[arg(long, value_name = "COUNTRY", env = "VASP_REGISTRY_CUSTOMER_COUNTRY")]
    customer_country: Option<String>,
    /// Value of the transfer, such as "1500 EUR"
    #[arg(long, value_name = "AMOUNT CURRENCY", env = "VASP_REGISTRY_FIAT")]
    fiat: Option<String>,
    /// Day of the transfer [default: today]
    #[arg(long, env = "VASP_REGISTRY_DATE")]
    date: Option<String>,
    /// Print the answer in the API's format
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
    /// With --json, print the evidence, too
    #[arg(long, env = "VASP_REGISTRY_FULL", requires = "json")]
    full: bool,
    #[command(flatten)]
    store: StoreOptions,
}

impl Precheck {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be used or the question is not valid.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let random = Random::from_system()?;
        let settings = self.store.clone().settle(&file.store);
        let registry = open::registry_to_read(&settings, &random)?;
        let now = SystemClock.now();
        let pointer = |member: &str| format!("/{member}");
        let question = self.request()?.question(now.date(), &pointer)?;
        let answer = crate::precheck::precheck(
            &registry,
            &registry.pin(now),
            &question,
            &Asking::beside_the_database(now),
            (now, &pointer),
        )?;
        if self.json {
            let (registry, silence) = (&registry, registry.silence());
            let rendering = Rendering { registry, question: &question, answer: &answer, silence };
            let extent = if self.full { Extent::Full } else { Extent::Verdict };
            let view: serde_json::Value = serde_json::from_str(&rendering.unrecorded(extent)?)?;
            writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&view)?)?;
        } else {
            print_answer(&answer)?;
        }
        Ok(ExitCode::from(match answer.outcome.recommendation {
            Recommendation::Proceed => 0,
            Recommendation::ProceedWithConditions => 3,
            Recommendation::Hold | Recommendation::Reject => 1,
        }))
    }

    /// Returns the same request that a gateway would send.
    fn request(&self) -> Result<PrecheckRequest, Box<dyn std::error::Error>> {
        let declared = match &self.declared_vasp {
            Some(vasp) => json!({"kind": "vasp", "vasp": vasp}),
            None if self.self_hosted => json!({"kind": "self_hosted"}),
            None => json!(null),
        };
        let fiat = match self.fiat.as_deref().map(|text| text.split_once(' ')) {
            None => json!(null),
            Some(Some((amount, currency))) => json!({"amount": amount, "currency": currency}),
            Some(None) => return Err("--fiat needs an amount and a currency, such as \"1500 EUR\"".into()),
        };
        let request = json!({
            "direction": "outgoing",
            "originator": {"jurisdiction": self.from},
            "beneficiary": {
                "address": self.address, "network": self.network, "memo": self.memo, "vasp": self.vasp,
                "travel_address": self.travel_address, "jurisdiction": self.jurisdiction, "declared": declared,
                "customer_country": self.customer_country,
            },
            "transfer": {"fiat": fiat, "date": self.date},
        });
        Ok(serde_json::from_value(request)?)
    }
}

fn print_answer(answer: &PrecheckAnswer) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let outcome = &answer.outcome;
    let incomplete = if outcome.incomplete { " (incomplete)" } else { "" };
    writeln!(out, "recommendation: {}{incomplete}", outcome.recommendation)?;
    if let Some(vasp) = &answer.counterparty {
        writeln!(out, "counterparty:   {} ({})", vasp.legal_name, vasp.id)?;
    }
    for vasp in &answer.candidates {
        writeln!(out, "candidate:      {} ({})", vasp.legal_name, vasp.id)?;
    }
    for reason in &outcome.reasons {
        let confidential = if reason.confidential { " (confidential: for compliance staff only)" } else { "" };
        writeln!(out, "reason:         {}{confidential}: {}", reason.code, reason.detail)?;
    }
    for condition in &outcome.conditions {
        let (code, before, who) = (condition.code.as_str(), condition.before.as_str(), condition.fulfilled_by.as_str());
        writeln!(out, "condition:      {code} (before {before}, by the {who}): {}", condition.detail)?;
    }
    for step in &outcome.next_steps {
        writeln!(out, "next step:      {}: {}", step.code.as_str(), step.detail)?;
    }
    let fields: Vec<&str> = answer.owed.obligations.required_fields.iter().map(|code| code.as_str()).collect();
    if !fields.is_empty() {
        writeln!(out, "required data:  {}", fields.join(", "))?;
    }
    for (place, route) in answer.routes.iter().flat_map(|routes| &routes.items).enumerate() {
        let state = match route.obstacles.first() {
            None => "can be used".to_owned(),
            Some(obstacle) => format!("{}: {}", obstacle.reason, obstacle.detail),
        };
        writeln!(out, "route {}:        {} ({}) {state}", place + 1, route.protocol, route.endpoint)?;
    }
    if let Some(near) = answer.routes.as_ref().and_then(|routes| routes.nearest.as_ref()) {
        writeln!(out, "nearest route:  {}", near.obstacle().detail)?;
    }
    writeln!(out)?;
    let rows: Vec<[String; 4]> = outcome
        .checks
        .iter()
        .map(|check| {
            [check.check().to_string(), check.outcome().to_string(), check.code.as_str().to_owned(), check.detail.to_string()]
        })
        .collect();
    table::print(["check", "outcome", "code", "detail"], &rows)
}
