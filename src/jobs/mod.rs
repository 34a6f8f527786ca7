//! Timers that call services. Each runs in a thread of its own and stops when its guard drops.

mod sessions;
mod tail;

pub use sessions::SessionKeeper;
pub use tail::Tailer;
