//! The VASPs that a protocol reaches, as a gateway gets them from its own provider. An organisation loads its own list, which stays sealed under
//! its data key (`keep`); operators import one for all callers (`imports::import_vasp_list`). Which record a row is about is looked up each
//! time, so that a row that is about none is found as soon as the directory knows the firm (`read`). A pre-check turns the rows about its
//! counterparty into routes (`places`).

pub(crate) mod http;
mod keep;
mod places;
mod read;

pub use keep::{NewVaspList, end_list, keep_list};
pub use places::{Reach, reach_of};
pub use read::{HeldVaspList, ListedRow, RowState, list_lists, list_rows};
