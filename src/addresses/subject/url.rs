//! Subjects that lead to a URL: Travel Address, LNURL and URL. Each is told by its form, never by what its URL says; only a
//! Travel Address must have `t=i`. All three then pass the one policy of `inquiry_url`.

use super::{Subject, SubjectError};
use crate::inquiry_url::InquiryUrl;
use crate::lnurl::Lnurl;
use crate::travel_address::TravelAddress;
use vasp_words::host::Host;

/// Reads a Travel Address and the URL that it hides.
pub(super) fn travel_address(text: &str) -> Result<Subject, SubjectError> {
    let address: TravelAddress = text.parse().map_err(SubjectError::TravelAddress)?;
    let url = address.inquiry_url().map_err(SubjectError::Url)?;
    Ok(Subject::TravelAddress(address, url))
}

/// Reads an LNURL and the URL that it hides.
pub(super) fn lnurl(text: &str) -> Result<Subject, SubjectError> {
    let lnurl: Lnurl = text.parse().map_err(SubjectError::Lnurl)?;
    let url = lnurl.inquiry_url().map_err(SubjectError::Url)?;
    Ok(Subject::Lnurl(lnurl, url))
}

/// Reads a URL.
pub(super) fn url(text: &str) -> Result<Subject, SubjectError> {
    text.parse().map(Subject::Url).map_err(SubjectError::Url)
}

/// Tells whether a text has the form of a URL: no subject of another kind has it.
pub(super) fn is_url(text: &str) -> bool {
    text.contains("://")
}

impl Subject {
    /// Returns the URL that the subject leads to.
    #[must_use]
    pub fn inquiry_url(&self) -> Option<&InquiryUrl> {
        match self {
            Self::TravelAddress(_, url) | Self::Lnurl(_, url) | Self::Url(url) => Some(url),
            _ => None,
        }
    }

    /// Returns the host that is asked about, with the path on it; an empty path for the host as a whole.
    #[must_use]
    pub fn host_and_path(&self) -> Option<(&Host, &str)> {
        match self {
            Self::Domain(host) => Some((host, "")),
            _ => self.inquiry_url().map(|url| (url.host(), url.path())),
        }
    }
}
