//! Addresses of 839 blockchain networks, Travel Addresses, LNURLs, inquiry URLs, and proofs that somebody controls an address. Pure:
//! no server, no database, no clock. A gateway may use it by itself.

pub mod address;
pub mod inquiry_url;
pub mod lnurl;
pub mod network;
pub mod proof;
pub mod subject;
pub mod travel_address;
