//! Bundles of data: dated reference documents in one file, each with its publisher and licence, and a signed manifest. Somebody with a network
//! makes one; a registry takes it without calling anybody. The caller is the command `bundle`.
//!
//! A bundle is a zip archive with `manifest.json`, `manifest.sig` and the files that the manifest names. `manifest` has the rules, `archive`
//! writes and reads it, `pinned` knows whose bundles a registry takes and which was the last, `apply` imports the files.
//!
//! Source: what freshclam and The Update Framework (TUF 1.0.33, section 5) do: a pinned key, a number that only grows, a hash for each file.

mod apply;
mod archive;
mod error;
mod manifest;
mod pinned;

pub use apply::{BundleGround, import_bundle};
pub use archive::{Bundle, make_bundle};
pub use error::BundleError;
pub use manifest::{BundleFile, Contents, Described, Manifest};
pub use pinned::{Pinned, begin, finish, read_pinned};
