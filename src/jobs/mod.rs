//! Timers that call services. Each runs in a thread of its own and stops when its guard drops.

mod tail;

pub use tail::Tailer;
