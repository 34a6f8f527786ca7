//! Making one thing worse never makes a route usable or moves it forward, and the order of the facts decides nothing.

use super::examples::*;
use super::*;
use crate::precheck::examples::certificate;
use proptest::prelude::*;
use vasp_record::certificate::{CertificateUse, PublishedCertificate};

const SPOKEN: [&str; 7] = ["trp", "trisa", "code", "verifyvasp", "sygna_bridge", "openvasp", "email"];

fn scenes() -> impl Strategy<Value = Scene> {
    let spoken = || proptest::sample::subsequence(SPOKEN.to_vec(), 0..5);
    let states = proptest::collection::vec(0u8..4, 9);
    (spoken(), spoken(), states, any::<bool>(), 0u8..3).prop_map(|(ours, theirs, states, told, own)| {
        let mut scene = Scene::of(&ours, &theirs);
        for (number, state) in (1..).zip(states) {
            let all = [HealthState::Down, HealthState::Degraded, HealthState::Unknown, HealthState::Responsive];
            scene.set_health(number, all[usize::from(state)]);
        }
        scene.provided = told.then(|| fields(&["originator.name", "beneficiary.name", "originator.lei"]));
        if own == 0 {
            scene.ours = None;
        } else if own == 1 {
            let calling = PublishedCertificate { certificate_use: CertificateUse::TlsClient, ..certificate(2) };
            scene.ours.as_mut().unwrap().certificates.push(calling);
        }
        scene
    })
}

fn place(routes: &Routes, id: EndpointId) -> Option<usize> {
    routes.items.iter().position(|route| route.endpoint == id)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn worse_never_becomes_usable_or_moves_forward(mut scene in scenes(), way in 0u8..WORSE, which in 0usize..8) {
        let before = scene.routes();
        let mut theirs = scene.theirs.clone();
        if worsen(&mut scene, &mut theirs, way, which).is_some() {
            let after = scene.routes_to(&theirs);
            for route in after.items.iter().filter(|route| route.is_usable()) {
                let was = before.items.iter().find(|one| one.endpoint == route.endpoint).unwrap();
                prop_assert!(was.is_usable(), "{way}: {was:?} became {route:?}");
            }
            prop_assert!(before.best().is_some() || after.best().is_none());
            if way < OF_ENDPOINT {
                let touched = theirs.endpoints[which % theirs.endpoints.len()].id;
                prop_assert!(place(&after, touched) >= place(&before, touched), "{way}: {before:?} became {after:?}");
            }
        }
    }

    #[test]
    fn the_order_of_facts_decides_nothing(scene in scenes()) {
        let mut turned = scene.clone();
        turned.theirs.endpoints.reverse();
        turned.theirs.certificates.reverse();
        if let Some(ours) = &mut turned.ours {
            ours.endpoints.reverse();
        }
        prop_assert_eq!(turned.routes(), scene.routes());
    }

    #[test]
    fn usable_ones_come_first_and_a_nearest_way_only_without_them(scene in scenes()) {
        let routes = scene.routes();
        prop_assert!(routes.items.is_sorted_by_key(|route| !route.is_usable()));
        prop_assert!(routes.nearest.is_none() || routes.best().is_none());
        prop_assert_eq!(routes.items.len(), scene.theirs.endpoints.len());
    }
}
