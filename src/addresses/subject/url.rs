//! Subjects with a URL: Travel Address, LNURL and URL. Each is recognised by its form, never by the content of its URL. Only a Travel
//! Address must have `t=i`. All three must then meet the policy of `inquiry_url`, with a path that all servers read alike.

use super::{Subject, SubjectError};
use crate::inquiry_url::InquiryUrl;
use crate::lnurl::Lnurl;
use crate::travel_address::TravelAddress;
use vasp_words::host::Host;

/// Reads a Travel Address and the URL hidden in it.
pub(super) fn travel_address(text: &str) -> Result<Subject, SubjectError> {
    let address: TravelAddress = text.parse().map_err(SubjectError::TravelAddress)?;
    let url = address.inquiry_url().map_err(SubjectError::Url)?;
    Ok(Subject::TravelAddress(address, url))
}

/// Reads an LNURL and the URL hidden in it.
pub(super) fn lnurl(text: &str) -> Result<Subject, SubjectError> {
    let lnurl: Lnurl = text.parse().map_err(SubjectError::Lnurl)?;
    let url = lnurl.inquiry_url().map_err(SubjectError::Url)?;
    Ok(Subject::Lnurl(lnurl, url))
}

/// Reads a URL.
pub(super) fn url(text: &str) -> Result<Subject, SubjectError> {
    text.parse().and_then(InquiryUrl::with_clear_path).map(Subject::Url).map_err(SubjectError::Url)
}

/// Tells whether a text has the form of a URL; no other kind of subject has this form.
pub(super) fn is_url(text: &str) -> bool {
    text.contains("://")
}

impl Subject {
    /// Returns the URL of the subject; `None` if it has none.
    #[must_use]
    pub fn inquiry_url(&self) -> Option<&InquiryUrl> {
        match self {
            Self::TravelAddress(_, url) | Self::Lnurl(_, url) | Self::Url(url) => Some(url),
            _ => None,
        }
    }

    /// Returns the host of the subject and the path on it; the path is empty for the host as a whole. `None` if the subject has no host.
    #[must_use]
    pub fn host_and_path(&self) -> Option<(&Host, &str)> {
        match self {
            Self::Domain(host) => Some((host, "")),
            _ => self.inquiry_url().map(|url| (url.host(), url.path())),
        }
    }
}
