//! `resolve`: asks the database directly who owns a subject. Exit codes: 0 owned, 1 anything else, 2 refused or failed.

use std::io::Write;
use std::process::ExitCode;

use super::{Outcome, open, table};
use crate::config::{FileOptions, StoreOptions};
use crate::resolve::http::ResolutionView;
use crate::resolve::{ResolveAnswer, ResolveQuestion};
use vasp_addresses::network::NetworkTable;
use vasp_addresses::subject::SubjectKind;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_record::claim::Reader;
use vasp_record::resolution::ResolutionStatus;

/// Options of `resolve`.
#[derive(Debug, clap::Args)]
pub(super) struct Resolve {
    /// VASP id, LEI, CAIP-10 account, Travel Address, address or domain
    subject: String,
    /// Network of an address, CAIP-2 id or another name
    #[arg(long, env = "VASP_REGISTRY_NETWORK")]
    network: Option<String>,
    /// How to read the subject: vasp, lei, caip10, travel_address, lnurl, url, address, domain, certificate_sha256, common_name,
    /// identifier:SCHEME
    #[arg(long)]
    kind: Option<SubjectKind>,
    /// Memo of the transfer
    #[arg(long, env = "VASP_REGISTRY_MEMO")]
    memo: Option<String>,
    /// Print the answer in the API's format
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
    #[command(flatten)]
    store: StoreOptions,
}

impl Resolve {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be used or the subject is not valid.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let random = Random::from_system()?;
        let settings = self.store.settle(&file.store);
        let registry = open::registry_to_read(&settings, &random)?;
        let now = SystemClock.now();
        let question = ResolveQuestion { subject: self.subject, kind: self.kind, network: self.network, memo: self.memo };
        let subject = crate::resolve::read_question(&question, crate::resolve::Effort::Place, |member| format!("--{member}"))?;
        let generation = registry.pin(now);
        crate::resolve::known_scheme(&generation, &subject, |member| format!("--{member}"))?;
        let answer = crate::resolve::resolve(&registry, &generation, subject, Reader::Gateway, now)?;
        if self.json {
            let view = ResolutionView::of(&answer, &registry, registry.silence());
            writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&view)?)?;
        } else {
            print_answer(&question.subject, &answer)?;
        }
        Ok(ExitCode::from(u8::from(answer.resolution.status != ResolutionStatus::Owned)))
    }
}

fn print_answer(subject: &str, answer: &ResolveAnswer) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let status = match answer.resolution.status {
        ResolutionStatus::Owned => "owned",
        ResolutionStatus::Conflicted => "conflicted",
        ResolutionStatus::Ambiguous => "ambiguous",
        ResolutionStatus::NotFound => "not found",
    };
    writeln!(out, "{subject}: {status}")?;
    let records = answer.generation.records();
    let rows: Vec<[String; 5]> = answer
        .resolution
        .owners
        .iter()
        .filter_map(|owner| {
            let vasp = records.get(owner.vasp)?;
            let network = owner.network.and_then(|number| NetworkTable::embedded().by_number(number));
            let claim = owner.claim.as_ref();
            Some([
                vasp.legal_name.clone(),
                format!("{:?}", vasp.kind).to_lowercase(),
                network.map(|n| n.caip2.to_string()).unwrap_or_default(),
                claim.map(|c| format!("{:?}", c.strength).to_lowercase()).unwrap_or_default(),
                claim.map(|c| c.source.as_ref().to_owned()).unwrap_or_default(),
            ])
        })
        .collect();
    if !rows.is_empty() {
        table::print(["owner", "kind", "network", "strength", "source"], &rows)?;
    }
    for (network, line) in &answer.coverage {
        match line {
            Some(line) => writeln!(out, "known on {}: {} claims of {} groups", network.name, line.claims, line.groups)?,
            None => writeln!(out, "known on {}: nothing", network.name)?,
        }
    }
    if let Some(platform) = &answer.platform {
        writeln!(out, "the host is shared: {platform}")?;
    }
    for warning in &answer.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    for warning in answer.presented.iter().flat_map(|presented| &presented.warnings) {
        writeln!(out, "warning: {warning}")?;
    }
    let names = if answer.presented.is_some() { "published such a certificate" } else { "names this host without proof" };
    for vasp in &answer.unverified {
        writeln!(out, "{names}: {} ({})", vasp.legal_name, vasp.id)?;
    }
    Ok(())
}
