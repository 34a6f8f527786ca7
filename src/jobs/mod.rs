//! Timers that call services. Each runs in a thread of its own and stops when its guard drops.

mod periodic;
mod recheck_domains;
mod tail;

pub use periodic::Periodic;
pub use recheck_domains::DomainRechecker;
pub use tail::Tailer;
