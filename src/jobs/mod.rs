//! Timers that call services. Each runs in a thread of its own and stops when its guard drops.

mod flush;
mod tail;

pub use flush::Flusher;
pub use tail::Tailer;
