//! Options of refreshing sources in the background.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;
use vasp_addresses::inquiry_url::{InquiryUrl, UrlError};

/// The address of a file of a source, as `ID=URL`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SourceAddress {
    id: String,
    url: InquiryUrl,
}

/// The error for a text that is not the address of a source's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceAddressError {
    /// There is no id.
    #[error("write the source and the address of its file as ID=URL, such as esma-casps=https://mirror.example.com/CASPS.csv")]
    NoId,
    /// The URL is wrong.
    #[error("the address of the source {id} is not valid: {reason}")]
    Url {
        /// Id of the source.
        id: String,
        /// What is wrong.
        reason: UrlError,
    },
}

/// Options of refreshing sources.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct SourceOptions {
    /// A folder that mirrors what publishers offer; the server imports new files from it
    #[arg(long, value_name = "DIR", env = "VASP_REGISTRY_SOURCES_FROM")]
    pub sources_from: Option<PathBuf>,
    /// Download new files from their publishers [default: false]
    #[arg(long, env = "VASP_REGISTRY_POLL_SOURCES", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub poll_sources: Option<bool>,
    /// The longest time between two looks at a source that works, in seconds, at least 60 [default: 86400]
    #[arg(long, env = "VASP_REGISTRY_SOURCE_INTERVAL_SECS")]
    pub source_interval_secs: Option<NonZeroU32>,
    /// Another address from which the file of a source is downloaded, as ID=URL, for a mirror or if the publisher moved it; repeat it for
    /// further sources and files
    #[arg(long, value_name = "ID=URL", env = "VASP_REGISTRY_SOURCE_ADDRESS", value_delimiter = ' ')]
    pub source_address: Option<Vec<SourceAddress>>,
}

/// The settings of refreshing sources in effect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceSettings {
    /// The folder that mirrors the publishers; `None` if there is none.
    pub folder: Option<PathBuf>,
    /// Whether files are downloaded.
    pub network: bool,
    /// The longest time between two looks at a source that works, in seconds; at least 60.
    pub interval_secs: u32,
    /// Addresses that replace those of the table of sources, by the source's id.
    pub addresses: BTreeMap<String, Vec<InquiryUrl>>,
}

/// The shortest time between two looks, in seconds: the servers belong to others.
const INTERVAL_MIN_SECS: u32 = 60;

/// The default time between two looks, in seconds.
const INTERVAL_SECS: u32 = 86_400;

impl SourceOptions {
    /// Combines these options with those of a file and the defaults; these win.
    #[must_use]
    pub fn settle(self, file: &Self) -> SourceSettings {
        let mut addresses: BTreeMap<String, Vec<InquiryUrl>> = BTreeMap::new();
        for SourceAddress { id, url } in self.source_address.or_else(|| file.source_address.clone()).unwrap_or_default() {
            addresses.entry(id).or_default().push(url);
        }
        let interval = self.source_interval_secs.or(file.source_interval_secs).map_or(INTERVAL_SECS, NonZeroU32::get);
        SourceSettings {
            folder: self.sources_from.or_else(|| file.sources_from.clone()),
            network: self.poll_sources.or(file.poll_sources).unwrap_or(false),
            interval_secs: interval.max(INTERVAL_MIN_SECS),
            addresses,
        }
    }
}

impl SourceSettings {
    /// Returns whether the server looks at sources at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.network || self.folder.is_some()
    }
}

impl FromStr for SourceAddress {
    type Err = SourceAddressError;

    fn from_str(text: &str) -> Result<Self, SourceAddressError> {
        let (id, url) =
            text.split_once('=').filter(|(id, _)| !id.is_empty() && !id.contains(':')).ok_or(SourceAddressError::NoId)?;
        let id = id.to_owned();
        match url.parse() {
            Ok(url) => Ok(Self { id, url }),
            Err(reason) => Err(SourceAddressError::Url { id, reason }),
        }
    }
}

impl TryFrom<String> for SourceAddress {
    type Error = SourceAddressError;

    fn try_from(text: String) -> Result<Self, SourceAddressError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_beat_the_file_and_nothing_is_looked_at_by_default() {
        let address = |text: &str| text.parse::<SourceAddress>().unwrap();
        let file = SourceOptions {
            source_interval_secs: NonZeroU32::new(1),
            source_address: Some(vec![
                address("ofac-sdn=https://a.example.com/sdn.csv?x=1"),
                address("ofac-sdn=https://a.example.com/alt.csv"),
            ]),
            ..SourceOptions::default()
        };
        let given = SourceOptions { poll_sources: Some(true), ..SourceOptions::default() };

        let settled = given.settle(&file);
        assert_eq!((settled.network, settled.interval_secs, settled.addresses["ofac-sdn"].len()), (true, 60, 2));
        assert_eq!(settled.addresses["ofac-sdn"][0].to_string(), "https://a.example.com/sdn.csv?x=1");
        let settled = SourceOptions::default().settle(&SourceOptions::default());
        assert_eq!((settled.is_on(), settled.interval_secs), (false, 86_400));
    }

    #[test]
    fn an_address_needs_a_source_and_a_public_https_url() {
        for text in ["", "https://a.example.com/x", "=https://a.example.com/x", "https://a.example.com/x?a=b"] {
            assert_eq!(text.parse::<SourceAddress>(), Err(SourceAddressError::NoId), "{text}");
        }
        for text in ["esma-casps=http://a.example.com/x", "esma-casps=https://10.0.0.1/x", "esma-casps="] {
            assert!(matches!(text.parse::<SourceAddress>(), Err(SourceAddressError::Url { .. })), "{text}");
        }
    }
}
