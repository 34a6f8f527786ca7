//! The basic value types of the project: identifiers, times and dates, countries, LEIs, money, hosts, CAIP names. This crate has
//! no I/O, no clock and no randomness of its own. It depends on no other crate of ours and rarely changes.

pub mod caip;
pub mod closed_list;
pub mod country;
pub mod difference;
pub mod error_chain;
pub mod exchange_rate;
pub mod host;
pub mod ids;
pub mod in_parts;
pub mod json_place;
pub mod lei;
pub mod look_alike;
pub mod money;
pub mod name;
pub mod protocol_id;
pub mod reference_rates;
pub mod retention_law;
pub mod rule_names;
pub mod schema;
pub mod shared_texts;
pub mod similar;
pub mod sql;
pub mod text;
pub mod time;
pub mod written_name;
