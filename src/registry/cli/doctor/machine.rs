//! What needs no database: who may read the files, free space, the address to listen on, the server's certificate, and the environment.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use super::super::{healthcheck, open};
use super::Finding;
use crate::config::{StoreSettings, TlsSettings};
use crate::http::tls::ServerTls;
use vasp_pki::ServerChain;
use vasp_store::{DatabaseUrl, exposures, folder_of, is_in_memory};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// Less free space than this share of a disk, in percent, is told.
///
/// Source: `docs/alerts.yaml`, "disk < 15 %".
const FREE_PERCENT: u64 = 15;

/// How long before its end a certificate is told, in days.
///
/// Source: `docs/alerts.yaml`, "certificate < 14 d".
const CERTIFICATE_DAYS: i64 = 14;

const DAY_SECS: i64 = 86_400;

/// Looks at the machine.
pub(super) fn findings(
    settings: &StoreSettings,
    listen: SocketAddr,
    tls: Result<Option<TlsSettings>, String>,
    now: UtcTime,
) -> Vec<Finding> {
    let file = match open::database(settings) {
        Ok(DatabaseUrl::Sqlite(path)) => Some(path),
        _ => None,
    };
    let scheme = if matches!(tls, Ok(None)) { "http" } else { "https" };
    let mut all: Vec<_> = file.iter().map(|path| file_mode(path)).collect();
    all.extend(documents(settings));
    all.extend(disks(settings, file.as_deref()));
    all.push(address(scheme, listen));
    all.push(certificate(listen, tls, now));
    all.push(environment());
    all
}

/// The variables that are for one start, or one import, only.
const FOR_ONE_START: [&str; 6] = [
    "VASP_REGISTRY_CREATE",
    "VASP_REGISTRY_ACCEPT_CLOCK",
    "VASP_REGISTRY_ACCEPT_FORK",
    "VASP_REGISTRY_ACCEPT_SHRINK",
    "VASP_REGISTRY_DRY_RUN",
    "VASP_REGISTRY_PARTIAL",
];

/// Warns of variables that are meant for one start and are still set: the next start would use them again.
fn environment() -> Finding {
    let is_set = |name: &&str| std::env::var(name).is_ok_and(|value| value == "true");
    let left: Vec<&str> = FOR_ONE_START.into_iter().filter(is_set).collect();
    match left.is_empty() {
        true => Finding::ok("environment", "nothing is set that is for one start or import only"),
        false => Finding::warning("environment", format!("for one start or import only, remove after it: {}", left.join(", "))),
    }
}

fn file_mode(path: &Path) -> Finding {
    match exposures(path) {
        Ok(how) if how.is_empty() => Finding::ok("file mode", "only its owner can access the database"),
        Ok(how) => Finding::warning("file mode", how.join("; ")),
        Err(error) => Finding::failed("file mode", format!("{}: {error}", path.display())),
    }
}

fn documents(settings: &StoreSettings) -> Option<Finding> {
    let check = "documents";
    match open::documents(settings) {
        Ok(Some(folder)) if folder.is_dir() => Some(Finding::ok(check, folder.display().to_string())),
        Ok(Some(folder)) => Some(Finding::ok(check, format!("{} is made when it is needed", folder.display()))),
        Ok(None) => Some(Finding::warning(check, "no folder is configured (--documents DIR): members cannot upload documents")),
        // The check of the database says why.
        Err(_) => None,
    }
}

/// Free space where the database and the documents are, each disk once.
fn disks(settings: &StoreSettings, database: Option<&Path>) -> Vec<Finding> {
    let folders = database.map(|path| folder_of(path).to_owned()).into_iter().chain(open::documents(settings).ok().flatten());
    let mut seen = vec![];
    let mut all = vec![];
    for folder in folders.filter(|folder| folder.is_dir()) {
        let Ok(of) = rustix::fs::statvfs(&folder) else { continue };
        if !seen.contains(&of.f_fsid) {
            seen.push(of.f_fsid);
            all.push(disk(&folder, of.f_bavail.saturating_mul(of.f_frsize), of.f_blocks.saturating_mul(of.f_frsize)));
        }
    }
    all
}

fn disk(folder: &Path, free: u64, whole: u64) -> Finding {
    let percent = free.saturating_mul(100).checked_div(whole).unwrap_or(0);
    let detail = format!("{}: {} MiB free, {percent} %", folder.display(), free >> 20_u32);
    match percent >= FREE_PERCENT {
        _ if is_in_memory(folder).is_ok_and(|is| is) => {
            Finding::warning("disk", format!("{detail}; it is kept in memory, so a restart of the machine empties it"))
        }
        true => Finding::ok("disk", detail),
        false => Finding::warning("disk", format!("{detail}; a full disk refuses every write")),
    }
}

/// The address must be free, or a registry must answer there.
fn address(scheme: &str, listen: SocketAddr) -> Finding {
    let check = "address";
    let Err(error) = TcpListener::bind(listen) else { return Finding::ok(check, format!("{listen} is free")) };
    if error.kind() != std::io::ErrorKind::AddrInUse {
        return Finding::failed(check, format!("a server cannot listen on {listen}: {error}"));
    }
    match healthcheck::condition_at(scheme, listen) {
        Ok(None) => Finding::ok(check, format!("a registry answers at {listen}, and is ready")),
        Ok(Some(reasons)) => Finding::warning(check, format!("the registry at {listen} is degraded: {reasons}")),
        Err(why) => Finding::failed(check, format!("{listen} is taken, and what listens there {why}")),
    }
}

fn certificate(listen: SocketAddr, tls: Result<Option<TlsSettings>, String>, now: UtcTime) -> Finding {
    let check = "certificate";
    let settings = match tls {
        Ok(Some(settings)) => settings,
        Ok(None) if listen.ip().is_loopback() => return Finding::ok(check, "none is needed for this machine alone"),
        Ok(None) => {
            let detail = "none is set, and other machines can reach the address: give --tls-certificate and --tls-key, or have a proxy end TLS";
            return Finding::warning(check, detail);
        }
        Err(why) => return Finding::failed(check, why),
    };
    match ServerTls::load(&settings, now) {
        Err(error) => Finding::failed(check, error_chain(&error).to_string()),
        Ok(tls) => {
            let (end, path) = (tls.not_after(), settings.certificate.display());
            match end {
                _ if end <= now => Finding::failed(check, format!("{path} expired at {end}: renew it")),
                _ if end <= now.plus_secs(CERTIFICATE_DAYS * DAY_SECS) => {
                    Finding::warning(check, format!("{path} expires at {end}: renew it"))
                }
                _ if tls.chain().foreign.is_some() => {
                    Finding::warning(check, tls.chain().foreign.map_or_else(String::new, |foreign| format!("{path}: {foreign}")))
                }
                _ => {
                    let ServerChain { hosts, needs, .. } = tls.chain();
                    let needs = needs.map_or_else(String::new, |issuer| format!("; clients must know its issuer, {issuer}"));
                    Finding::ok(check, format!("{path} is valid until {end}, for {}{needs}", hosts.join(", ")))
                }
            }
        }
    }
}
