//! What a server says at its start.

use std::io::{self, Write};
use std::net::SocketAddr;

use crate::config::DatabaseUrl;

/// With what a server starts.
pub(super) struct Start {
    pub(super) database: DatabaseUrl,
    pub(super) sequence: i64,
    pub(super) address: SocketAddr,
    pub(super) scheme: &'static str,
    pub(super) has_public_url: bool,
}

impl Start {
    /// Logs that the server has started, and warns of settings that an operator may have forgotten.
    pub(super) fn tell(self) -> io::Result<()> {
        let Self { database, sequence, address, scheme, has_public_url } = self;
        let version = env!("CARGO_PKG_VERSION");
        tracing::info!(version, %database, directory.sequence = sequence, "the registry serves");
        let for_others = !address.ip().is_loopback();
        if for_others && scheme == "http" {
            tracing::warn!(%address, "other machines can reach this address without TLS: give --tls-certificate and --tls-key, or have a proxy end TLS");
        }
        if for_others && !has_public_url {
            tracing::warn!("--public-url is not set: links in mails, certificates and invitations cannot lead here");
        }
        writeln!(io::stdout(), "listening on {scheme}://{address}")
    }
}
