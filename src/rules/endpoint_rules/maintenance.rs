//! Announced maintenance: the windows that an endpoint may have, and how overlapping windows become one.

use super::check::EndpointFault;
use vasp_record::endpoint::MaintenanceWindow;
use vasp_words::time::UtcTime;

/// Maximum number of windows of an endpoint that have not ended; our own limit.
pub const WINDOWS_MAX: usize = 20;

/// Longest window in seconds: 30 days; our own limit. For a longer absence the VASP pauses the endpoint.
pub const WINDOW_SECS_MAX: i64 = 30 * 86_400;

/// Longest reason in characters; our own limit.
const REASON_LENGTH_MAX: usize = 200;

/// Returns the windows in order of time, with overlapping windows merged into one. Windows that only touch stay separate. A merged window
/// keeps all the reasons.
#[must_use]
pub fn merged(mut windows: Vec<MaintenanceWindow>) -> Vec<MaintenanceWindow> {
    windows.sort();
    let mut found: Vec<MaintenanceWindow> = Vec::with_capacity(windows.len());
    for next in windows {
        match found.last_mut() {
            Some(last) if next.from < last.to => {
                last.to = last.to.max(next.to);
                last.reason = joined(last.reason.take(), next.reason);
            }
            _ => found.push(next),
        }
    }
    found
}

fn joined(first: Option<String>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) if !first.split("; ").any(|reason| reason == second) => Some(format!("{first}; {second}")),
        (first, second) => first.or(second),
    }
}

/// Returns the windows that have not ended.
pub fn not_over(windows: &[MaintenanceWindow], now: UtcTime) -> impl Iterator<Item = &MaintenanceWindow> {
    windows.iter().filter(move |window| window.to > now)
}

/// Checks one window. `pointer` is its place in the request.
///
/// # Errors
/// `EndpointFault` says what would be right.
pub fn check_window(window: &MaintenanceWindow, now: UtcTime, pointer: &str) -> Result<(), EndpointFault> {
    let fault =
        |member: &str, code, detail: &str| Err(EndpointFault::new(&format!("{pointer}/{member}"), code, detail.to_owned()));
    if window.from >= window.to {
        return fault("to", "invalid_window", "maintenance must end after it begins");
    }
    if window.to <= now {
        return fault("to", "window_over", "this maintenance has already ended; leave it out");
    }
    if is_too_long(window) {
        return fault("to", "window_too_long", "maintenance lasts at most 30 days; pause the endpoint if it takes longer");
    }
    let reason = window.reason.as_deref().unwrap_or("-");
    if !(1..=REASON_LENGTH_MAX).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
        return fault("reason", "invalid_value", "a reason has 1 to 200 characters and no control characters; or leave it out");
    }
    Ok(())
}

/// Merges windows that were checked, and checks the result. `pointer` is the place of the list in the request.
///
/// # Errors
/// `EndpointFault` if there are too many windows, or if overlapping windows together last too long.
pub fn merge_checked(windows: Vec<MaintenanceWindow>, pointer: &str) -> Result<Vec<MaintenanceWindow>, EndpointFault> {
    // Count and measure the merged windows: the VASP may announce overlapping windows one by one.
    let windows = merged(windows);
    if windows.len() > WINDOWS_MAX {
        let detail = format!("an endpoint has at most {WINDOWS_MAX} maintenance windows; remove some");
        return Err(EndpointFault::new(pointer, "too_many_windows", detail));
    }
    if windows.iter().any(is_too_long) {
        let detail =
            "overlapping windows count as one, and one lasts at most 30 days; pause the endpoint if it takes longer".to_owned();
        return Err(EndpointFault::new(pointer, "window_too_long", detail));
    }
    Ok(windows)
}

fn is_too_long(window: &MaintenanceWindow) -> bool {
    window.to > window.from.plus_secs(WINDOW_SECS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_780_000_000;

    fn at(secs: i64) -> UtcTime {
        UtcTime::EPOCH.plus_secs(NOW + secs)
    }

    fn window(from: i64, to: i64, reason: Option<&str>) -> MaintenanceWindow {
        MaintenanceWindow { from: at(from), to: at(to), reason: reason.map(str::to_owned) }
    }

    #[test]
    fn overlapping_windows_become_one_and_touching_ones_stay_two() {
        let windows = vec![
            window(20, 30, Some("c")),
            window(0, 10, Some("a")),
            window(5, 15, Some("b")),
            window(15, 20, None),
            window(6, 7, Some("a")),
        ];

        assert_eq!(merged(windows), [window(0, 15, Some("a; b")), window(15, 20, None), window(20, 30, Some("c"))]);
    }

    #[test]
    fn each_rule_of_a_window_names_its_member() {
        let day = 86_400;
        let long = "x".repeat(201);
        for (given, expected) in [
            (window(0, 1, None), None),
            (window(-day, 1, Some("begun before")), None),
            (window(0, 30 * day, None), None),
            (window(5, 5, None), Some(("/to", "invalid_window"))),
            (window(6, 5, None), Some(("/to", "invalid_window"))),
            (window(-9, 0, None), Some(("/to", "window_over"))),
            (window(0, 30 * day + 1, None), Some(("/to", "window_too_long"))),
            (window(0, 1, Some("")), Some(("/reason", "invalid_value"))),
            (window(0, 1, Some("a\u{7}")), Some(("/reason", "invalid_value"))),
            (window(0, 1, Some(&long)), Some(("/reason", "invalid_value"))),
        ] {
            let fault = check_window(&given, at(0), "/maintenance/0").err();
            let found = fault.as_ref().map(|fault| (fault.pointer.strip_prefix("/maintenance/0").unwrap(), fault.code));
            assert_eq!(found, expected, "{given:?}");
        }
    }

    #[test]
    fn twenty_windows_stand_and_one_more_does_not() {
        let windows = |count: i64| (0..count).map(|n| window(n * 10, n * 10 + 5, None)).collect::<Vec<_>>();

        assert_eq!(merge_checked(windows(20), "").unwrap().len(), 20);
        assert_eq!(merge_checked(windows(21), "").unwrap_err().code, "too_many_windows");
    }

    #[test]
    fn overlapping_windows_last_no_longer_than_one_may() {
        let day = 86_400;
        let fault = merge_checked(vec![window(0, 20 * day, None), window(19 * day, 31 * day, None)], "/maintenance").unwrap_err();

        assert_eq!((fault.pointer.as_str(), fault.code), ("/maintenance", "window_too_long"));
    }

    proptest! {
        /// Merging does not change which moments are in maintenance, whatever the order of the windows.
        #[test]
        fn merging_keeps_every_moment(windows in prop::collection::vec((0i64..60, 1i64..20), 0..12)) {
            let given: Vec<_> = windows.iter().map(|(from, length)| window(*from, from + length, None)).collect();
            let found = merged(given.clone());

            let covers = |windows: &[MaintenanceWindow], moment| windows.iter().any(|w| w.from <= at(moment) && at(moment) < w.to);
            for moment in -1..90 {
                prop_assert_eq!(covers(&given, moment), covers(&found, moment));
            }
            prop_assert!(found.windows(2).all(|pair| pair[0].to <= pair[1].from));
            prop_assert_eq!(merged(found.clone()), found.clone());
            let mut reversed = given;
            reversed.reverse();
            prop_assert_eq!(merged(reversed), found);
        }
    }
}
