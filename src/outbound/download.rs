//! Downloads a file of a source: by HTTPS, by the same rules as every other call, with conditional requests, and with limits of its own,
//! because such a file is large. The body goes straight to the caller, never whole into memory. The caller is the poller of sources.

use std::io::{Read, Write};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ureq::http::{HeaderMap, header};

use super::dns::Resolvers;
use super::fetch_error::FetchError;
use super::https::{HttpsClient, Limit, Message, REDIRECTS_MAX, fault, is_redirect, next_url};
use vasp_addresses::inquiry_url::InquiryUrl;

/// How much is read at a time, in bytes.
const PIECE: usize = 1 << 16;

/// The longest text of a header that is kept.
const HEADER_MAX: usize = 300;

/// How long and how large a download may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadLimits {
    /// The whole time: look-ups, connections, redirects and the body.
    pub whole: Duration,
    /// How long the server may be silent.
    pub silence: Duration,
    /// The largest body, in bytes.
    pub size_bytes: u64,
}

/// What a server said of a file, to be told to it the next time.
///
/// Source: RFC 9110, section 8.8.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag` header; `None` if it was missing.
    pub etag: Option<String>,
    /// The `Last-Modified` header; `None` if it was missing.
    pub last_modified: Option<String>,
}

/// What to download.
pub struct DownloadAsk<'a> {
    /// Where it is.
    pub url: &'a InquiryUrl,
    /// What its server said of the file that is known; `None` to get it in any case.
    pub known: Option<&'a Validators>,
    /// The limits.
    pub limits: DownloadLimits,
    /// Returns whether to stop the download.
    pub stop: &'a dyn Fn() -> bool,
}

/// What became of a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Downloaded {
    /// The server still has the file that is known.
    Unchanged,
    /// The server sent a file.
    File {
        /// The URL that answered, after any redirects.
        url: InquiryUrl,
        /// The file name that the server proposes; `None` if it proposes none.
        name: Option<String>,
        /// What the server said of the file.
        validators: Validators,
    },
    /// The server sent a web page.
    WebPage,
    /// The server answered with another status.
    Status(u16),
}

impl DownloadAsk<'_> {
    /// Returns the headers that ask for the file only if it changed.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (&'static str, String)> {
        let etag = self.known.and_then(|known| known.etag.clone()).map(|etag| ("if-none-match", etag));
        let since = self.known.and_then(|known| known.last_modified.clone()).map(|since| ("if-modified-since", since));
        etag.into_iter().chain(since)
    }
}

impl HttpsClient {
    /// Downloads a file into `to`.
    pub(super) fn download(
        &self,
        resolvers: &Resolvers,
        ask: &DownloadAsk<'_>,
        to: &mut dyn Write,
    ) -> Result<Downloaded, FetchError> {
        let limit = Limit::start(u64::try_from(ask.limits.whole.as_micros()).unwrap_or(u64::MAX));
        let slow = |error| match error {
            FetchError::TimedOut(host) => {
                FetchError::TooSlow { host, secs: ask.limits.whole.as_secs(), silent_secs: ask.limits.silence.as_secs() }
            }
            other => other,
        };
        let mut url = ask.url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let answer = self.ask(resolvers, &url, &Message::Download(ask), limit).map_err(slow)?;
            let mut response = answer.response;
            let status = response.status().as_u16();
            if is_redirect(status) {
                url = next_url(&url, response.headers())?;
                continue;
            }
            let headers = response.headers().clone();
            match status {
                304 if ask.known.is_some() => return Ok(Downloaded::Unchanged),
                200 if is_web_page(&headers) => return Ok(Downloaded::WebPage),
                200 => {}
                other => return Ok(Downloaded::Status(other)),
            }
            if text(&headers, header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
                return Err(FetchError::Compressed);
            }
            copy(response.body_mut().as_reader(), to, ask, &url).map_err(slow)?;
            let validators =
                Validators { etag: text(&headers, header::ETAG), last_modified: text(&headers, header::LAST_MODIFIED) };
            return Ok(Downloaded::File { url, name: proposed_name(&headers), validators });
        }
        Err(FetchError::TooManyRedirects)
    }
}

/// Copies a body piece by piece.
fn copy(mut body: impl Read, to: &mut dyn Write, ask: &DownloadAsk<'_>, url: &InquiryUrl) -> Result<(), FetchError> {
    let (mut piece, mut size_bytes) = (vec![0; PIECE], 0_u64);
    loop {
        if (ask.stop)() {
            return Err(FetchError::BrokenOff);
        }
        let count = body.read(&mut piece).map_err(|error| fault(&ureq::Error::from(error), url.host()))?;
        if count == 0 {
            return Ok(());
        }
        size_bytes = size_bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        if size_bytes > ask.limits.size_bytes {
            return Err(FetchError::FileTooLong(ask.limits.size_bytes));
        }
        to.write_all(piece.get(..count).unwrap_or_default()).map_err(|_| FetchError::NotStored)?;
    }
}

/// Returns the text of a header, if it is one and not too long.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty() && text.len() <= HEADER_MAX).then(|| text.to_owned())
}

fn is_web_page(headers: &HeaderMap) -> bool {
    let kind = text(headers, header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    kind.starts_with("text/html") || kind.starts_with("application/xhtml+xml")
}

/// Returns the name in `Content-Disposition`, in its plain form.
///
/// Source: RFC 6266, section 4.3. A name in the extended form is ignored: the sources use ASCII.
fn proposed_name(headers: &HeaderMap) -> Option<String> {
    let value = text(headers, header::CONTENT_DISPOSITION)?;
    let name = value.split(';').find_map(|part| part.trim().strip_prefix("filename="))?;
    let name = name.trim_matches('"').rsplit(['/', '\\']).next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_DISPOSITION, value.parse().unwrap());
        proposed_name(&headers)
    }

    #[test]
    fn a_proposed_name_has_no_folders() {
        assert_eq!(proposed("attachment; filename=\"CASPS_20260426.csv\"").as_deref(), Some("CASPS_20260426.csv"));
        assert_eq!(proposed("attachment; filename=../../etc/passwd").as_deref(), Some("passwd"));
        assert_eq!(proposed("attachment; filename=\"c:\\x.csv\"").as_deref(), Some("x.csv"));
        for value in ["attachment", "attachment; filename=\"\"", "attachment; filename*=UTF-8''x.csv", "inline; filename=a/"] {
            assert_eq!(proposed(value), None, "{value}");
        }
    }
}
