//! The structure of an address's bytes: `version ‖ payload ‖ checksum`. The kinds only convert characters to bytes.

use super::checksum::Checksum;
use super::fault::Fault;

/// The allowed payload lengths, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Lengths {
    /// One of these lengths.
    OneOf(Vec<usize>),
    /// A range from the first to the second length; `None` means no maximum.
    Range(usize, Option<usize>),
}

impl Lengths {
    pub(super) fn allow(&self, length: usize) -> bool {
        match self {
            Self::OneOf(lengths) => lengths.contains(&length),
            Self::Range(min, max) => length >= *min && max.is_none_or(|max| length <= max),
        }
    }

    pub(super) fn min(&self) -> usize {
        match self {
            Self::OneOf(lengths) => lengths.iter().min().copied().unwrap_or_default(),
            Self::Range(min, _) => *min,
        }
    }

    pub(super) fn max(&self) -> Option<usize> {
        match self {
            Self::OneOf(lengths) => lengths.iter().max().copied(),
            Self::Range(_, max) => *max,
        }
    }

    /// Describes the lengths for a message; `convert` converts each from bytes.
    pub(super) fn describe(&self, convert: impl Fn(usize) -> usize) -> String {
        match self {
            Self::OneOf(lengths) => lengths.iter().map(|length| convert(*length).to_string()).collect::<Vec<_>>().join(" or "),
            Self::Range(min, None) => format!("at least {}", convert(*min)),
            Self::Range(min, Some(max)) => format!("{} to {}", convert(*min), convert(*max)),
        }
    }
}

/// Bytes that passed the checks of the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Body {
    /// The version, one of the format's.
    pub(super) version: Vec<u8>,
    pub(super) payload: Vec<u8>,
}

/// Which bytes are an account of a format.
#[derive(Debug)]
pub(super) struct Frame {
    /// The allowed versions, one of which precedes the payload; a single empty version if there is none.
    pub(super) versions: Vec<Vec<u8>>,
    /// Whether the version is part of the bytes; it is part of the checksum's input in any case.
    pub(super) version_in_body: bool,
    pub(super) lengths: Lengths,
    pub(super) checksum: Checksum,
}

impl Frame {
    /// Checks bytes and splits them into version and payload.
    pub(super) fn open(&self, bytes: &[u8]) -> Result<Body, Fault> {
        let wrong_length = Fault::Bytes(bytes.len());
        let (body, checksum) = self.checksum.split(bytes).ok_or(wrong_length)?;
        let mut fault = wrong_length;
        for version in &self.versions {
            let payload = if self.version_in_body { body.strip_prefix(version.as_slice()) } else { Some(body) };
            let Some(payload) = payload.filter(|payload| self.lengths.allow(payload.len())) else { continue };
            let sum = if self.version_in_body { self.checksum.of(body) } else { self.checksum.of(&[version, body].concat()) };
            if sum == checksum {
                return Ok(Body { version: version.clone(), payload: payload.to_vec() });
            }
            fault = Fault::Checksum;
        }
        Err(fault)
    }

    /// Puts version, payload and checksum together.
    pub(super) fn close(&self, version: &[u8], payload: &[u8]) -> Vec<u8> {
        let body = [version, payload].concat();
        let checksum = self.checksum.of(&body);
        self.checksum.join(if self.version_in_body { &body } else { payload }, &checksum)
    }

    /// Tells whether a checksum in the bytes matches, for any version and length.
    pub(super) fn checksum_holds(&self, bytes: &[u8]) -> bool {
        self.checksum != Checksum::None
            && self.version_in_body
            && self.checksum.split(bytes).is_some_and(|(body, checksum)| self.checksum.of(body) == checksum)
    }

    /// Returns the minimum and maximum number of bytes; `None` if there is no maximum.
    pub(super) fn byte_lengths(&self) -> (usize, Option<usize>) {
        let (shortest, longest) = if self.version_in_body {
            let lengths = || self.versions.iter().map(Vec::len);
            (lengths().min().unwrap_or_default(), lengths().max().unwrap_or_default())
        } else {
            (0, 0)
        };
        let checksum = self.checksum.length();
        (shortest + self.lengths.min() + checksum, self.lengths.max().map(|max| longest + max + checksum))
    }
}
