//! `verify proof`: checks proofs: answers to a registry's challenge, and signed messages as standards publish them. It needs no server or
//! database, so anyone who holds the proofs can run it. Exit codes: 0 all valid, 1 some not valid, 2 not readable as proofs.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::super::Outcome;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use vasp_addresses::address::Account;
use vasp_addresses::network::NetworkTable;
use vasp_addresses::proof::{AnyProof, Asker, Challenge, Note, ProofError, Scheme, Unbound, VERIFIER_VERSION};
use vasp_clock::{Clock, SystemClock};
use vasp_words::error_chain::error_chain;
use vasp_words::host::Host;
use vasp_words::json_place::read_with_place;
use vasp_words::time::UtcTime;

/// An upper limit in bytes for any file of proofs.
const LENGTH_MAX: u64 = 1 << 20;

/// Options of `verify proof`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Proof {
    /// One proof or an array of them, JSON; `-` reads standard input
    file: PathBuf,
    /// Check as if it were this time (RFC 3339), instead of now
    #[arg(long, env = "VASP_REGISTRY_AT", value_name = "TIME")]
    at: Option<UtcTime>,
    /// Accept only challenges of this registry as bound
    #[arg(long, env = "VASP_REGISTRY_REGISTRY_NAME", value_name = "HOST")]
    registry_name: Option<Host>,
    /// The VASP that asked: its id, LEI or name; may be given several times. Without it only challenges can be bound
    #[arg(long, env = "VASP_REGISTRY_VASP", value_name = "VASP")]
    vasp: Vec<String>,
    /// Print the verdicts as JSON
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
}

/// The reason why there is no proof to check.
#[derive(Debug, thiserror::Error)]
enum UnreadableProof {
    /// The file cannot be read.
    #[error("cannot read {file}")]
    File {
        file: String,
        #[source]
        source: std::io::Error,
    },
    /// The text is neither a proof object nor an array of them.
    #[error("{file} is not a proof object: `{member}`")]
    Form {
        file: String,
        member: String,
        #[source]
        source: serde_json::Error,
    },
}

/// The reason why a proof is refused.
#[derive(Debug, thiserror::Error)]
enum Refused {
    /// It is not valid.
    #[error(transparent)]
    Proof(ProofError),
    /// One of several is not a proof object; the others are checked all the same.
    #[error(transparent)]
    Unreadable(UnreadableProof),
}

impl Refused {
    fn code(&self) -> &'static str {
        match self {
            Self::Proof(error) => error.code(),
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// A valid proof.
struct Valid {
    account: Account,
    scheme: Scheme,
    challenge: Option<Challenge>,
    notes: Vec<Note>,
    bound: Result<(), Unbound>,
}

impl Proof {
    /// Runs the command.
    ///
    /// # Errors
    /// If the file cannot be read or holds no proofs.
    pub(super) fn run(self) -> Outcome {
        let items = read(&self.file)?;
        let now = self.at.unwrap_or_else(|| SystemClock.now());
        let asker = Asker { registry: self.registry_name, vasp: self.vasp };
        let checked = |item: Result<AnyProof, UnreadableProof>| check(&item.map_err(Refused::Unreadable)?, &asker, now);
        let results: Vec<Result<Valid, Refused>> = items.into_iter().map(checked).collect();
        let mut out = std::io::stdout();
        if self.json {
            let results: Vec<Value> = results.iter().map(|result| verdict(result, now)).collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&json!({ "results": results }))?)?;
        } else {
            for result in &results {
                match result {
                    Ok(valid) => print_valid(&mut out, valid, now)?,
                    Err(error) => writeln!(out, "refused: {}\ncode: {}", error_chain(error), error.code())?,
                }
            }
        }
        Ok(ExitCode::from(u8::from(results.iter().any(Result::is_err))))
    }
}

fn check(proof: &AnyProof, asker: &Asker, now: UtcTime) -> Result<Valid, Refused> {
    let verified = proof.verify(NetworkTable::embedded(), now).map_err(Refused::Proof)?;
    let challenge = std::str::from_utf8(&verified.message).ok().and_then(|text| text.parse().ok());
    let bound = asker.check(&verified.message, &verified.account, now);
    Ok(Valid { account: verified.account, scheme: verified.scheme, challenge, notes: verified.notes, bound })
}

/// Reads the proofs. A file that is no proof is an error of the command; in an array each unreadable proof is refused by itself.
fn read(path: &Path) -> Result<Vec<Result<AnyProof, UnreadableProof>>, UnreadableProof> {
    let file = || path.display().to_string();
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(LENGTH_MAX).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|open| open.take(LENGTH_MAX).read_to_string(&mut text))
    };
    read.map_err(|source| UnreadableProof::File { file: file(), source })?;
    let several = text.trim_start().starts_with('[');
    let items: Vec<&RawValue> = if several { form(path, "", &text)? } else { vec![form(path, "", &text)?] };
    let item = |(index, item): (usize, &&RawValue)| {
        let place = if several { format!("[{index}].") } else { String::new() };
        let Form { challenge } = form(path, &place, item.get())?;
        Ok(match challenge {
            Some(_) => AnyProof::Answer(form(path, &place, item.get())?),
            None => AnyProof::Published(form(path, &place, item.get())?),
        })
    };
    let read: Vec<Result<AnyProof, UnreadableProof>> = items.iter().enumerate().map(item).collect();
    if several { Ok(read) } else { read.into_iter().map(|one| one.map(Ok)).collect() }
}

/// Detects which of the two forms a proof has.
#[derive(Deserialize)]
struct Form {
    challenge: Option<serde::de::IgnoredAny>,
}

fn form<'a, T: Deserialize<'a>>(path: &Path, place: &str, text: &'a str) -> Result<T, UnreadableProof> {
    read_with_place(text).map_err(|(member, source)| {
        let (file, member) = (path.display().to_string(), format!("{place}{member}"));
        UnreadableProof::Form { file, member, source }
    })
}

fn print_valid(out: &mut impl Write, valid: &Valid, now: UtcTime) -> std::io::Result<()> {
    let Valid { account, scheme, challenge, notes, bound } = valid;
    let signed = if challenge.is_some() { "challenge" } else { "message" };
    writeln!(out, "valid: the key of {} on {} signed the {signed}", account.canonical, account.caip2)?;
    writeln!(out, "scheme: {scheme}")?;
    if let Some(challenge) = challenge {
        writeln!(out, "VASP: {}", challenge.vasp())?;
        writeln!(out, "asked by: {}", challenge.registry())?;
        writeln!(out, "open from {} to {}, checked at {now}", challenge.issued(), challenge.expires())?;
        writeln!(out, "nonce: {} (only its registry knows whether it was used once)", challenge.nonce())?;
    }
    match bound {
        Ok(()) => writeln!(out, "bound: yes")?,
        Err(reason) => writeln!(out, "bound: no, {reason}")?,
    }
    for note in notes {
        writeln!(out, "note: {}", note.as_str())?;
    }
    Ok(())
}

fn verdict(result: &Result<Valid, Refused>, now: UtcTime) -> Value {
    match result {
        Ok(Valid { account, scheme, challenge, notes, bound }) => json!({
            "valid": true,
            "bound": bound.is_ok(),
            "reason": bound.as_ref().err().map(ToString::to_string),
            "code": bound.is_err().then_some("not_bound"),
            "scheme": scheme,
            "network": account.caip2,
            "address": account.canonical,
            "challenge": challenge.as_ref().map(|challenge| json!({
                "vasp": challenge.vasp(),
                "registry": challenge.registry(),
                "nonce": challenge.nonce(),
                "issued": challenge.issued(),
                "expires": challenge.expires(),
            })),
            "verified_at": now,
            "verifier_version": VERIFIER_VERSION,
            "notes": notes,
        }),
        Err(error) => json!({ "valid": false, "bound": false, "reason": error_chain(error), "code": error.code() }),
    }
}
