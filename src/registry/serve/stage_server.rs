//! The server that is up while a sandbox or a demo is filled. It listens on a free port of this machine, so that nobody meets one that is
//! half filled.

use std::error::Error;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::{Arc, mpsc};

use super::{bind, routes};
use crate::config::{ServerOptions, ServerSettings};
use crate::http::{App, Limits, Readiness, Throttle};
use crate::node::Registry;
use vasp_clock::{Clock, LimiterClock, Random};

/// Returns the settings of a sandbox's server: nobody is slowed down, and a new member's claims count at once. `name` stands in challenges.
pub(crate) fn unhurried(settings: ServerSettings, name: &str) -> ServerSettings {
    let mut settings = settings;
    (settings.rate, settings.public_rate) = (None, None);
    settings.registry_name = name.parse().ok();
    settings.claims.allowance.after_days = 0;
    settings
}

/// Runs `work`, which gets the address, beside a server of the registry.
pub(crate) fn with_server<T>(
    registry: &Arc<Registry>,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
    name: &str,
    work: impl FnOnce(SocketAddr) -> T,
) -> Result<T, Box<dyn Error>> {
    let mut settings = unhurried(ServerOptions::default().settle(&ServerOptions::default()), name);
    settings.listen = ([127, 0, 0, 1], 0).into();
    settings.workers = NonZeroU16::MIN;
    let app = App {
        registry: Arc::clone(registry),
        public_read: false,
        limits: Limits::of(&settings),
        throttle: Throttle::new(&settings, &LimiterClock(Arc::clone(&clock))),
        clock,
        random,
        public_metrics: false,
        registry_name: settings.registry_name.clone(),
        tls: None,
        readiness: Box::new(|| Readiness::Ready),
    };
    let failed = |reason: String| format!("the server for the invented people cannot be started: {reason}");
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::Builder::new().name("stage".to_owned()).spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let bound = match bind(&settings, actix_web::web::Data::new(app), routes) {
                Ok(bound) => bound,
                Err(error) => return drop(sender.send(Err(error.to_string()))),
            };
            drop(sender.send(Ok((bound.address, bound.server.handle()))));
            drop(bound.server.await);
        });
    });
    let thread = thread.map_err(|error| failed(error.to_string()))?;
    let (address, handle) = receiver.recv().map_err(|error| failed(error.to_string()))?.map_err(failed)?;
    let done = work(address);
    drop(handle.stop(false));
    drop(thread.join());
    Ok(done)
}
