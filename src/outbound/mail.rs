//! Sends mail through a server that the operator chose: enrolment links to invited people. Off unless it is configured. The callers are
//! services, which decide the text and the recipient.

use std::fmt;
use std::str::FromStr;
use std::sync::mpsc::channel;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{Message, SmtpTransport, Transport};
use serde::Deserialize;
use url::Url;

use crate::Slot;

/// The time limit of the mail server for one step.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a caller waits for the mail server: less than the 5 seconds after which a write is answered as if the database were slow. Ours.
const WAITED: Duration = Duration::from_secs(4);

/// The URL of a mail server, with name and password: `smtps://name:password@mail.example.org`, or
/// `smtp://name:password@mail.example.org:587?tls=required`. Without TLS, only a server on the same machine is allowed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SmtpUrl(String);

/// The text is not the URL of a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a mail server must be smtps://HOST, smtp://HOST:587?tls=required, or on the same machine smtp://127.0.0.1:25 without TLS"
)]
pub struct SmtpUrlError;

/// The sender of mail: `registry@example.org` or `The registry <registry@example.org>`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct MailSender(Mailbox);

/// The text is not a sender of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a mail sender must have the form registry@example.org or The registry <registry@example.org>")]
pub struct MailSenderError;

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The recipient's address is not valid for a mail.
    #[error("mail cannot be sent to this address")]
    Unwritable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The mail server did not accept the mail.
    #[error("the mail server did not accept the mail")]
    NotTaken(#[source] lettre::transport::smtp::Error),
    /// The mail server has not answered yet.
    #[error("the mail server has not taken the mail within {} seconds, and may still take it", WAITED.as_secs())]
    Silent,
    /// The machine has no thread for the mail.
    #[error("the mail cannot be sent")]
    NoThread(#[source] std::io::Error),
}

/// The sender of mail.
pub struct Mailer {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Mailer {
    /// Makes a mailer for a server. The server is not called yet.
    ///
    /// # Errors
    /// `MailError::NotTaken` if the library refuses the URL.
    pub fn new(server: &SmtpUrl, from: &MailSender) -> Result<Self, MailError> {
        let transport = SmtpTransport::from_url(&server.0).map_err(MailError::NotTaken)?.timeout(Some(PATIENCE)).build();
        Ok(Self { transport, from: from.0.clone() })
    }

    /// Sends a text. Blocks for 4 seconds at most; after that the mail server still has 10 for each step. `slot` is taken until the end.
    pub fn send(&self, to: &str, subject: &str, text: String, slot: Slot) -> Result<(), MailError> {
        let to = to.parse().map_err(|error| MailError::Unwritable(Box::new(error)))?;
        let message = Message::builder().from(self.from.clone()).to(Mailbox::new(None, to)).subject(subject).body(text);
        let message = message.map_err(|error| MailError::Unwritable(Box::new(error)))?;
        let ((done, sent), transport) = (channel(), self.transport.clone());
        let work = move || {
            // A caller who no longer waits was told that the mail may still be taken.
            drop(done.send(transport.send(&message).map(drop).map_err(MailError::NotTaken)));
            drop(slot);
        };
        std::thread::Builder::new().name("mail".to_owned()).spawn(work).map_err(MailError::NoThread)?;
        sent.recv_timeout(WAITED).unwrap_or(Err(MailError::Silent))
    }
}

impl FromStr for SmtpUrl {
    type Err = SmtpUrlError;
    fn from_str(text: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(text).map_err(|_| SmtpUrlError)?;
        let host = url.host_str().ok_or(SmtpUrlError)?;
        let tls = url.query_pairs().any(|(name, value)| name == "tls" && value == "required");
        let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        let is_safe = match url.scheme() {
            "smtps" => true,
            "smtp" => tls || is_here,
            _ => false,
        };
        if is_safe && SmtpTransport::from_url(text).is_ok() { Ok(Self(text.to_owned())) } else { Err(SmtpUrlError) }
    }
}

impl FromStr for MailSender {
    type Err = MailSenderError;
    fn from_str(text: &str) -> Result<Self, MailSenderError> {
        text.parse().map(Self).map_err(|_| MailSenderError)
    }
}

impl TryFrom<String> for SmtpUrl {
    type Error = SmtpUrlError;
    fn try_from(text: String) -> Result<Self, SmtpUrlError> {
        text.parse()
    }
}

impl TryFrom<String> for MailSender {
    type Error = MailSenderError;
    fn try_from(text: String) -> Result<Self, MailSenderError> {
        text.parse()
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmtpUrl(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_speaks_tls_unless_it_is_on_the_same_machine() {
        let taken = ["smtps://ada:secret@mail.example.org", "smtp://mail.example.org:587?tls=required", "smtp://127.0.0.1:2525"];
        assert!(taken.iter().all(|text| text.parse::<SmtpUrl>().is_ok()), "{taken:?}");
        for text in
            ["smtp://mail.example.org", "smtp://mail.example.org?tls=opportunistic", "https://mail.example.org", "mail", ""]
        {
            assert_eq!(text.parse::<SmtpUrl>(), Err(SmtpUrlError), "{text}");
        }
        assert!(!format!("{:?}", taken[0].parse::<SmtpUrl>().unwrap()).contains("secret"));
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for text in ["registry@example.org", "The registry <registry@example.org>"] {
            assert!(text.parse::<MailSender>().is_ok(), "{text}");
        }
        for text in ["", "registry", "a@b\r\nBcc: eve@example.org"] {
            assert_eq!(text.parse::<MailSender>(), Err(MailSenderError), "{text}");
        }
    }
}
