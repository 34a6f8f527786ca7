//! Timers that call services. Each runs in a thread of its own and stops when its guard drops.

mod expire;
mod tail;

pub use expire::Expirer;
pub use tail::Tailer;
