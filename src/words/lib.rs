//! Small values of the field that everything else is written with: identifiers, instants and dates, countries, LEIs, money, hosts, CAIP
//! names. No I/O, no clock, no randomness of its own; imports nothing of ours. Changes rarely.

pub mod caip;
pub mod closed_list;
pub mod country;
pub mod difference;
pub mod error_chain;
pub mod exchange_rate;
pub mod host;
pub mod ids;
pub mod lei;
pub mod look_alike;
pub mod money;
pub mod name;
pub mod protocol_id;
pub mod reference_rates;
pub mod rule_names;
pub mod schema;
pub mod sql;
pub mod time;
pub mod written_name;
