//! Pure knowledge of the field: no I/O, no clock, no randomness of its own. Everything here is a function of its
//! arguments, so any answer can be replayed. May import nothing of the other rooms.

pub mod address;
pub mod authority;
pub mod caip;
pub mod change;
pub mod claim;
pub mod country;
pub mod due_diligence;
pub mod fact;
pub mod host;
pub mod ids;
pub mod lei;
pub mod licence;
pub mod lists;
pub mod money;
pub mod name;
pub mod network;
pub mod obligations;
pub mod policy;
pub mod precheck;
pub mod proof;
pub mod register;
pub mod resolution;
pub mod rulebook;
pub mod screening;
pub mod search;
pub mod subject;
pub mod time;
pub mod timeline;
pub mod travel_address;
pub mod vasp;
pub mod vasp_name;
