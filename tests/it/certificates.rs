//! Certificates: a matrix of good and bad ones with what must be found about each, revocation lists, and what members publish.

mod fetched;
mod lab;
mod lists;
mod matrix;
mod published;
mod recorded;
