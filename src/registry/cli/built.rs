//! How the program was built. The profile `release` is quick to build and slow to answer; `docs/building.md` has the figures.

/// The optimisation level of the application, from the build script: `0` in the profiles `dev` and `release`, `3` in `dist`.
pub(super) const LEVEL: &str = env!("BUILT_AT_LEVEL");

/// Returns what to do before the program serves others; `None` if it was built for a server.
pub(super) fn to_be_tried() -> Option<&'static str> {
    let why = "this program was built quickly, to try it out; for a server build it with `--profile dist`: it then answers about three times faster";
    (LEVEL == "0").then_some(why)
}
