//! What a server reads from its settings and files before it listens, besides the database and its own certificate. `doctor` and
//! `upgrade-check` read the same: a server that cannot start is told before somebody stops the old one.

use std::error::Error;
use std::path::{Path, PathBuf};

use super::open;
use crate::config::{
    CertificateOptions, FileOptions, OutboundOptions, OutboundSettings, ProbeConfig, ProbeOptions, SignInOptions, SignInSettings,
};
use vasp_outbound::{BaseUrl, ClientIdentity, Mailer, Outbound, Provider};
use vasp_pki::read_leaf;
use vasp_pki::x509::RootSets;
use vasp_words::time::UtcTime;

/// The options behind it.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct PreparedOptions {
    #[command(flatten)]
    sign_in: SignInOptions,
    #[command(flatten)]
    outbound: OutboundOptions,
    #[command(flatten)]
    probes: ProbeOptions,
    #[command(flatten)]
    certificates: CertificateOptions,
}

/// Sets up resolvers and mail.
fn calling_out(calls: OutboundSettings) -> Result<Outbound, Box<dyn Error>> {
    let outbound = Outbound::public(&calls.dns_resolvers)?;
    match (calls.smtp_url, calls.mail_from) {
        (Some(server), Some(from)) => Ok(outbound.mailing(Mailer::new(&server, &from)?)),
        (Some(_), None) => Err("a mail server needs a sender: give --mail-from ADDRESS".into()),
        (None, _) => Ok(outbound),
    }
}

/// What was read.
pub(super) struct Prepared {
    pub(super) public_url: Option<BaseUrl>,
    pub(super) sign_in: SignInSettings,
    pub(super) outbound: Outbound,
    pub(super) providers: Vec<Provider>,
    pub(super) roots: RootSets,
    pub(super) probes: Probes,
}

/// How endpoints are probed.
pub(super) struct Probes {
    pub(super) config: ProbeConfig,
    /// The certificate that probes present, and its last second.
    pub(super) identity: Option<(ClientIdentity, UtcTime)>,
}

impl Probes {
    /// Reads the certificate and key, if probes are made with any.
    ///
    /// # Errors
    /// If a file cannot be read or used.
    pub(super) fn read(config: ProbeConfig) -> Result<Self, Box<dyn Error>> {
        let read = |path: &Path| {
            std::fs::read(path)
                .map_err(|error| format!("cannot read the certificate or key file {} of probes: {error}", path.display()))
        };
        let of = |(chain, key): &(PathBuf, PathBuf)| -> Result<_, Box<dyn Error>> {
            let identity = ClientIdentity::from_pem(&read(chain)?, &read(key)?)?;
            let leaf = read_leaf(identity.certificate())
                .map_err(|error| format!("cannot use the certificate in {}: {error}", chain.display()))?;
            Ok((identity, leaf.not_after))
        };
        let identity = config.identity.as_ref().filter(|_| config.enabled).map(of).transpose()?;
        Ok(Self { config, identity })
    }
}

impl PreparedOptions {
    /// Reads everything.
    ///
    /// # Errors
    /// If a setting or a file cannot be used.
    pub(super) fn prepare(self, file: &FileOptions) -> Result<Prepared, Box<dyn Error>> {
        let public_url = self.sign_in.public_url.clone().or_else(|| file.sign_in.public_url.clone());
        let sign_in = self.sign_in.settle(&file.sign_in);
        let probes = self.probes.settle(&file.probes)?;
        Ok(Prepared {
            public_url,
            outbound: calling_out(self.outbound.settle(&file.outbound))?,
            providers: open::providers(&sign_in, &file.oidc)?,
            roots: open::roots(&self.certificates.settle(&file.certificates))?,
            sign_in,
            probes: Probes::read(probes)?,
        })
    }
}
