//! What disturbs and is no crash. A fault that hits nodes for longer lasts until they have told of it.

use rand_core::RngCore;

use super::fleet::{Fleet, NODES};
use super::{below, pause, report};

/// What was done, how often, and how long it took at most until a fault was told.
#[derive(Debug, Default)]
pub(super) struct Faults {
    hangs: usize,
    swallowed: usize,
    cut_off: usize,
    read_only: usize,
    full: usize,
    clocks: usize,
    told_ms: u64,
}

impl Faults {
    /// Does one, and undoes it.
    pub(super) fn one(&mut self, fleet: &Fleet<'_>, rng: &mut dyn RngCore) {
        let (node, all): (usize, Vec<usize>) = (below(rng, NODES), (0..NODES).collect());
        let kind = below(rng, 6);
        report(&format!("fault {kind} of node {node} or all at {} ms", fleet.now() / 1_000));
        match kind {
            0 => {
                self.hangs += 1;
                fleet.postgres.hang(true);
                self.told(fleet, &all);
                pause(rng, 0, 3_000);
                fleet.postgres.hang(false);
            }
            // New connections work: the node helps itself.
            1 => {
                self.swallowed += 1;
                fleet.relay(node).swallow(false);
            }
            2 => {
                self.cut_off += 1;
                fleet.relay(node).swallow(true);
                self.told(fleet, &[node]);
                pause(rng, 0, 3_000);
                fleet.relay(node).forward_new();
            }
            3 => {
                self.read_only += 1;
                fleet.postgres.read_only(true);
                self.told(fleet, &all);
                fleet.postgres.read_only(false);
            }
            4 => {
                let Some(clock) = fleet.clock(node) else { return };
                self.clocks += 1;
                clock.set(if below(rng, 2) == 0 { 86_400 } else { -3_600 });
                self.told(fleet, &[node]);
                pause(rng, 0, 2_000);
                clock.set(0);
            }
            _ if fleet.disk.is_mounted() => {
                self.full += 1;
                fleet.disk.fill(None, 0);
                pause(rng, 2_000, 6_000);
                fleet.disk.free(None);
            }
            _ => {}
        }
    }

    fn told(&mut self, fleet: &Fleet<'_>, nodes: &[usize]) {
        self.told_ms = self.told_ms.max(fleet.wait_until_told(nodes) / 1_000);
    }
}
