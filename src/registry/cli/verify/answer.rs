//! `verify answer`: checks the saved verdict of a pre-check against its receipt, and its evidence and request, or the page of a report. It
//! needs no server. Exit codes: 0 the registry signed it, 1 the registry did not sign it or the key is unknown, 2 nothing could be checked.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::super::{Outcome, open};
use crate::config::{FileOptions, StoreOptions};
use crate::transparency::published_keys;
use vasp_pki::receipt::{Given, PublishedKeys, Receipt, ReceiptVerdict, Verified, is_page, verify, verify_report};
use vasp_record::environment::Environment;
use vasp_words::time::UtcTime;

/// An upper limit in bytes for any answer, request or key set.
const LENGTH_MAX: u64 = 64 << 20;

/// Options of `verify answer`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Answer {
    /// The verdict as it was received, JSON, also with its evidence inside; or a report, HTML; `-` reads standard input
    file: PathBuf,
    /// The evidence as it was received, JSON, to check that it is the one that the verdict rests on
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_EVIDENCE")]
    evidence: Option<PathBuf>,
    /// The registry's keys, as from /.well-known/jwks.json; without this option, the keys of the database
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_JWKS")]
    jwks: Option<PathBuf>,
    /// The request that was sent, JSON, to check that it is the one that the verdict answers
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_REQUEST")]
    request: Option<PathBuf>,
    /// Accept the receipt of a sandbox, in which everything is invented
    #[arg(long)]
    sandbox: bool,
    /// Print the verdict as JSON
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
    #[command(flatten)]
    store: StoreOptions,
}

impl Answer {
    /// Runs the command.
    ///
    /// # Errors
    /// If a file cannot be read, the verdict has no receipt, or no keys are given.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let Self { file: path, evidence, jwks, request, sandbox, json, store } = self;
        let verdict = read(&path)?;
        let [evidence, request] = [evidence, request].map(|path| path.as_deref().map(read).transpose());
        let (evidence, request) = (evidence?, request?);
        let keys = keys(jwks.as_deref(), store, file)?;
        let given = Given { verdict: &verdict, evidence: evidence.as_deref(), request: request.as_deref() };
        let verified = match is_page(&verdict) {
            true => verify_report(&verdict, &keys)?,
            false => verify(given, &keys)?,
        };
        let environment = verified.receipt.as_ref().and_then(|receipt| receipt.environment);
        if environment == Some(Environment::Sandbox) && !sandbox {
            return Err(
                "a sandbox signed this receipt, so everything in it is invented; to check it all the same, give --sandbox".into(),
            );
        }
        let mut out = std::io::stdout();
        match json {
            true => writeln!(out, "{}", serde_json::to_string_pretty(&as_json(&verified))?)?,
            false => print(&mut out, &verified)?,
        }
        Ok(ExitCode::from(u8::from(verified.verdict != ReceiptVerdict::Valid)))
    }
}

fn read(path: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let mut text = String::new();
    let read = match path {
        path if path == Path::new("-") => std::io::stdin().take(LENGTH_MAX).read_to_string(&mut text),
        path => File::open(path).and_then(|open| open.take(LENGTH_MAX).read_to_string(&mut text)),
    };
    read.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(text)
}

fn keys(jwks: Option<&Path>, store: StoreOptions, file: &FileOptions) -> Result<PublishedKeys, Box<dyn std::error::Error>> {
    if let Some(path) = jwks {
        let keys = PublishedKeys::parse(&read(path)?);
        return keys.map_err(|error| format!("{}: {error}", path.display()).into());
    }
    let settings = store.settle(&file.store);
    if settings.database.is_none() {
        let how = "save /.well-known/jwks.json of the registry and give --jwks FILE, or name its database with --database";
        return Err(format!("the registry's keys are needed to check a receipt: {how}").into());
    }
    Ok(published_keys(&open::store_to_read(&settings)?)?)
}

fn signed_at(receipt: &Receipt) -> String {
    let time = receipt.iat.checked_mul(1_000_000).and_then(|micros| UtcTime::from_micros(micros).ok());
    time.map_or_else(|| receipt.iat.to_string(), |time| time.to_string())
}

fn print(out: &mut impl Write, verified: &Verified) -> std::io::Result<()> {
    let key = verified.key_id.as_deref().unwrap_or("not readable");
    match verified.verdict {
        ReceiptVerdict::Valid => writeln!(out, "valid: the verdict is what the registry signed")?,
        ReceiptVerdict::Altered => writeln!(out, "altered: this is not what the registry signed")?,
        ReceiptVerdict::UnknownKey => writeln!(out, "unknown key: it is unknown who signed this receipt")?,
        ReceiptVerdict::KeyNotInUse => {
            writeln!(out, "key not in use: the receipt is dated to a time at which its key did not sign")?
        }
    }
    for finding in &verified.findings {
        writeln!(out, "  {}: {}", finding.part, finding.detail)?;
    }
    writeln!(out, "key: {key}")?;
    let Some(receipt) = &verified.receipt else { return Ok(()) };
    writeln!(out, "signed by: {}, {}", receipt.iss, signed_at(receipt))?;
    writeln!(out, "pre-check: {}, recommendation {}", receipt.precheck_id, receipt.recommendation)?;
    if let Some(environment) = receipt.environment {
        writeln!(out, "environment: {environment}")?;
    }
    writeln!(out, "based on: directory at {}", receipt.sequence)?;
    writeln!(out, "log: {} entries, root {}", receipt.checkpoint.size, receipt.checkpoint.root)?;
    match verified.evidence_checked {
        true => writeln!(out, "evidence: checked")?,
        false => writeln!(out, "evidence: not checked (give --evidence FILE)")?,
    }
    match verified.request_checked {
        true => writeln!(out, "request: checked"),
        false => writeln!(out, "request: not checked (give --request FILE)"),
    }
}

fn as_json(verified: &Verified) -> Value {
    let found = |finding: &vasp_pki::receipt::Finding| json!({"part": finding.part.to_string(), "detail": finding.detail});
    json!({
        "verdict": verified.verdict.as_str(),
        "findings": verified.findings.iter().map(found).collect::<Vec<_>>(),
        "key_id": verified.key_id,
        "evidence_checked": verified.evidence_checked,
        "request_checked": verified.request_checked,
        "receipt": verified.receipt,
    })
}
