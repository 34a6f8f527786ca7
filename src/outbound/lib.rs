//! All outgoing calls. DNS look-ups ask several resolvers that must agree. Small files are fetched by HTTPS from hosts that members name,
//! at public addresses only; files of sources too, which are large. The operator chooses a mail server and OpenID providers. There are no signing keys here. What an answer proves
//! is decided in `domain`. The callers are services.

mod address_policy;
mod dns;
mod download;
mod fetch_error;
mod https;
mod laboratory;
mod mail;
mod openid;
mod probe;
mod receiver;
mod test_names;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hickory_resolver::proto::dnssec::TrustAnchors;

pub use address_policy::{AddressKind, AddressPolicy, AddressRefused};
pub use download::{DownloadAsk, DownloadLimits, Downloaded, Validators};
pub use fetch_error::FetchError;
pub use https::{Fetched, SignedFileUrl};
pub use laboratory::Laboratory;
pub use mail::{MailError, MailSender, MailSenderError, Mailer, SmtpUrl, SmtpUrlError};
pub use openid::{
    Account, BaseUrl, BaseUrlError, Issuer, IssuerError, OidcOptions, OpenIdError, Provider, ProviderName, ProviderNameError,
};
pub use probe::{ClientIdentity, ClientIdentityError, ProbeAsk, ProbeJob, ProbeRunner, Probed, Prober};
pub use receiver::{LocalUrl, NotLocal, ReceiverUrl};
pub use test_names::{NotATestName, TestNames};

use dns::Resolvers;
use https::HttpsClient;
use vasp_addresses::inquiry_url::InquiryUrl;
use vasp_record::dns_answer::{AGREEING_MIN, ResolverAnswer};

/// The time limit for all resolvers together to answer one question.
const LOOKUP: Duration = Duration::from_secs(5);
/// How many outgoing calls on request may run at the same time.
const AT_ONCE: usize = 16;

/// The entry point for all outgoing calls.
pub struct Outbound {
    resolvers: Resolvers,
    https: HttpsClient,
    laboratory: Option<Laboratory>,
    under_way: Arc<AtomicUsize>,
    mails: Arc<AtomicUsize>,
    mailer: Option<Mailer>,
    calls: Calls,
}

/// Which machines are called besides those of the public Internet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Calls {
    NoOthers,
    ThisMachine,
}

/// A slot for work that makes outgoing calls; it is free again when this is dropped.
pub struct Slot(Arc<AtomicUsize>);

/// Takes a slot if one is free. It is counted first, and the guard gives it back, so two callers cannot both take the last one.
fn slot_of(taken: &Arc<AtomicUsize>) -> Option<Slot> {
    let slot = Slot(Arc::clone(taken));
    (taken.fetch_add(1, Ordering::SeqCst) < AT_ONCE).then_some(slot)
}

/// Why no outgoing calls are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// Too few resolvers to compare their answers.
    #[error("the number of different DNS resolvers is {0}, but {AGREEING_MIN} must agree: give --dns-resolver more than once")]
    TooFewResolvers(
        /// The number of different resolvers.
        usize,
    ),
}

impl Outbound {
    /// Makes outgoing calls to the public Internet, with these resolvers.
    pub fn public(resolvers: &[SocketAddr]) -> Result<Self, OutboundError> {
        let resolvers = Resolvers::new(different(resolvers)?, Arc::new(TrustAnchors::default()));
        Ok(Self::of(resolvers, None))
    }

    /// Makes outgoing calls to a test's own servers, with these resolvers of the test.
    pub fn within(laboratory: Laboratory, resolvers: &[SocketAddr]) -> Result<Self, OutboundError> {
        let resolvers = Resolvers::new(different(resolvers)?, Arc::clone(&laboratory.dns_roots));
        Ok(Self::of(resolvers, Some(laboratory)))
    }

    fn of(resolvers: Resolvers, laboratory: Option<Laboratory>) -> Self {
        let https = HttpsClient::new(laboratory.clone());
        Self {
            resolvers,
            https,
            laboratory,
            under_way: Arc::default(),
            mails: Arc::default(),
            mailer: None,
            calls: Calls::NoOthers,
        }
    }

    /// Also sends messages to programs on this machine. Only a sandbox asks for this.
    #[must_use]
    pub fn on_this_machine(self) -> Self {
        Self { calls: Calls::ThisMachine, ..self }
    }

    fn calls_this_machine(&self) -> bool {
        self.calls == Calls::ThisMachine
    }

    /// Answers reserved names from this table, and asks no resolver about them.
    #[must_use]
    pub fn with_test_names(self, names: Arc<TestNames>) -> Self {
        Self { resolvers: self.resolvers.with_test_names(names), ..self }
    }

    /// Sends links by mail.
    #[must_use]
    pub fn mailing(self, mailer: Mailer) -> Self {
        Self { mailer: Some(mailer), ..self }
    }

    /// Returns the mailer; `None` if no mail server is configured.
    #[must_use]
    pub fn mailer(&self) -> Option<&Mailer> {
        self.mailer.as_ref()
    }

    /// Returns a slot for work that makes outgoing calls on a request. `None` if all slots are taken, because each one holds a thread for
    /// seconds.
    #[must_use]
    pub fn slot(&self) -> Option<Slot> {
        slot_of(&self.under_way)
    }

    /// Returns a slot for a mail, which a slow mail server may hold for minutes. So mails have slots of their own.
    #[must_use]
    pub fn mail_slot(&self) -> Option<Slot> {
        slot_of(&self.mails)
    }

    /// Makes the prober of endpoints. With an operator's certificate, the prober shows the certificate if a server asks for one.
    ///
    /// # Errors
    /// `ClientIdentityError` if the library refuses its own settings.
    pub fn prober(&self, identity: Option<&ClientIdentity>) -> Result<Prober, ClientIdentityError> {
        Prober::new(self.resolvers.clone(), self.laboratory.clone(), identity)
    }

    /// Asks every resolver for the TXT records of a name, which has no dot at its end. Takes up to 5 seconds; blocks.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<ResolverAnswer> {
        self.resolvers.texts(name, LOOKUP)
    }

    /// Fetches a small file. Takes up to 5 seconds; blocks.
    pub fn fetch(&self, url: &InquiryUrl) -> Result<Fetched, FetchError> {
        self.https.fetch(&self.resolvers, url)
    }

    /// Fetches a file that carries its own signature, such as a revocation list, of at most 1 MiB, by HTTP or HTTPS. Takes up to 5 seconds;
    /// blocks.
    pub fn fetch_signed(&self, url: &SignedFileUrl) -> Result<Fetched, FetchError> {
        self.https.fetch_signed(&self.resolvers, url)
    }
}

impl Outbound {
    /// Downloads a file of a source into `to`. Takes as long as its limits allow; blocks.
    pub fn download(&self, ask: &DownloadAsk<'_>, to: &mut dyn std::io::Write) -> Result<Downloaded, FetchError> {
        self.https.download(&self.resolvers, ask, to)
    }

    /// Posts a message to a URL that an organisation chose and returns the status of the response. Takes up to 10 seconds; blocks.
    pub fn post(&self, url: &ReceiverUrl, headers: &[(&'static str, String)], body: &[u8]) -> Result<u16, FetchError> {
        match url {
            ReceiverUrl::Public(url) => self.https.post(&self.resolvers, url, headers, body),
            ReceiverUrl::Local(url) if self.calls_this_machine() => self.https.post_here(url, headers, body),
            ReceiverUrl::Local(url) => Err(FetchError::NotCalledHere(url.place())),
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Returns the resolvers without duplicates, if there are enough of them.
fn different(resolvers: &[SocketAddr]) -> Result<Vec<SocketAddr>, OutboundError> {
    let mut seen = BTreeSet::new();
    let kept: Vec<_> = resolvers.iter().copied().filter(|resolver| seen.insert(*resolver)).collect();
    if kept.len() < AGREEING_MIN { Err(OutboundError::TooFewResolvers(kept.len())) } else { Ok(kept) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_resolver_named_twice_cannot_agree_with_itself() {
        let address: SocketAddr = "192.0.2.1:53".parse().unwrap();

        assert!(matches!(Outbound::public(&[address, address]), Err(OutboundError::TooFewResolvers(1))));
        assert!(Outbound::public(&[address, "192.0.2.2:53".parse().unwrap()]).is_ok());
    }

    #[test]
    fn places_are_few_and_come_back() {
        let outbound = Outbound::public(&["192.0.2.1:53".parse().unwrap(), "192.0.2.2:53".parse().unwrap()]).unwrap();

        let mut slots: Vec<_> = std::iter::from_fn(|| outbound.slot()).take(2 * AT_ONCE).collect();
        assert_eq!(slots.len(), AT_ONCE);
        assert!(outbound.slot().is_none() && outbound.mail_slot().is_some());
        slots.pop();
        assert!(outbound.slot().is_some());
    }
}
