//! From brand to entity: links with their evidence, the finder, the question that a pre-check asks, and how far the seed reaches. Expected values are
//! from docs/brands.md and from the seed's files, never from the code.

mod after_import;
mod by_country;
mod decided;
mod reach;
mod resolved;
mod ruled_out;
