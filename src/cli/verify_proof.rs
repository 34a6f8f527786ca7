//! `verify-proof`: checks a proof object without server and database, as anyone can who holds it. Exit codes: 0 valid, 1
//! refused, 2 not readable as a proof.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Outcome;
use serde_json::{Value, json};
use vasp_addresses::network::NetworkTable;
use vasp_addresses::proof;
use vasp_addresses::proof::{Proof, ProofError, VERIFIER_VERSION, VerifiedProof};
use vasp_clock::{Clock, SystemClock};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// More bytes than any proof has.
const LENGTH_MAX: u64 = 1 << 20;

/// Options of `verify-proof`.
#[derive(Debug, clap::Args)]
pub(super) struct VerifyProof {
    /// The proof object, JSON; `-` reads standard input
    file: PathBuf,
    /// Check as if it were this time (RFC 3339), instead of now
    #[arg(long, env = "VASP_REGISTRY_AT", value_name = "TIME")]
    at: Option<UtcTime>,
    /// Print the verdict as JSON
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
}

/// Why there is no proof to check.
#[derive(Debug, thiserror::Error)]
enum UnreadableProof {
    /// The file cannot be read.
    #[error("cannot read {file}")]
    File {
        file: String,
        #[source]
        source: std::io::Error,
    },
    /// The text is not a proof object.
    #[error("{file} is not a proof object: `{member}`")]
    Form {
        file: String,
        member: String,
        #[source]
        source: serde_json::Error,
    },
}

impl VerifyProof {
    /// Runs the command.
    ///
    /// # Errors
    /// Where the file cannot be read or is not a proof object.
    pub(super) fn run(self) -> Outcome {
        let proof = read(&self.file)?;
        let now = self.at.unwrap_or_else(|| SystemClock.now());
        let result = proof::verify(NetworkTable::embedded(), &proof, now);
        let mut out = std::io::stdout();
        match &result {
            _ if self.json => writeln!(out, "{}", serde_json::to_string_pretty(&verdict(&result))?)?,
            Ok(verified) => print_valid(&mut out, verified)?,
            Err(error) => writeln!(out, "refused: {}\ncode: {}", error_chain(error), error.code())?,
        }
        Ok(ExitCode::from(u8::from(result.is_err())))
    }
}

fn read(path: &Path) -> Result<Proof, UnreadableProof> {
    let file = || path.display().to_string();
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(LENGTH_MAX).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|open| open.take(LENGTH_MAX).read_to_string(&mut text))
    };
    read.map_err(|source| UnreadableProof::File { file: file(), source })?;
    let mut reader = serde_json::Deserializer::from_str(&text);
    let proof = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let member = error.path().to_string();
        UnreadableProof::Form { file: file(), member, source: error.into_inner() }
    })?;
    let ended = reader.end();
    ended.map_err(|source| UnreadableProof::Form { file: file(), member: ".".to_owned(), source })?;
    Ok(proof)
}

fn print_valid(out: &mut impl Write, verified: &VerifiedProof) -> std::io::Result<()> {
    let VerifiedProof { account, scheme, challenge, verified_at, notes } = verified;
    writeln!(out, "valid: the key of {} on {} signed the challenge", account.canonical, account.caip2)?;
    writeln!(out, "scheme: {scheme}")?;
    writeln!(out, "VASP: {}", challenge.vasp())?;
    writeln!(out, "asked by: {}", challenge.registry())?;
    writeln!(out, "open: {} to {}, checked at {verified_at}", challenge.issued(), challenge.expires())?;
    writeln!(out, "nonce: {} (that it was used once only its registry knows)", challenge.nonce())?;
    for note in notes {
        writeln!(out, "note: {}", note.as_str())?;
    }
    Ok(())
}

fn verdict(result: &Result<VerifiedProof, ProofError>) -> Value {
    match result {
        Ok(VerifiedProof { account, scheme, challenge, verified_at, notes }) => json!({
            "verdict": "valid",
            "scheme": scheme,
            "network": account.caip2,
            "address": account.canonical,
            "vasp": challenge.vasp(),
            "registry": challenge.registry(),
            "nonce": challenge.nonce(),
            "issued": challenge.issued(),
            "expires": challenge.expires(),
            "verified_at": verified_at,
            "verifier_version": VERIFIER_VERSION,
            "notes": notes,
        }),
        Err(error) => json!({ "verdict": "refused", "code": error.code(), "detail": error_chain(error) }),
    }
}
