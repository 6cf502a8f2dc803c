//! The store in memory is the model: every other store answers a sequence of requests as it does.

use methodical_methods::method::Method;
use proptest::{prop_assert_eq, proptest};

use crate::{
    generated::{cases, implemented, sequence},
    laws::state,
    world::World,
};

proptest! {
    #![proptest_config(cases(SEQUENCES))]

    #[test]
    fn house_7_every_store_answers_a_sequence_of_requests_alike(sequence in sequence()) {
        let (case, requests) = sequence;
        let worlds = [World::in_memory(), World::in_folder()].map(|world| case.made(world));
        let methods: Vec<&Method> = implemented().collect();
        for (place, next) in requests {
            let method = methods[place % methods.len()];
            let [one, other] = worlds.each_ref().map(|world| {
                let request = next.request(method, world);
                let answer = world.send(&request);
                (request, answer.status, state(world))
            });
            prop_assert_eq!((one.1, &one.2), (other.1, &other.2), "{} {}", one.0, other.0);
        }
    }
}

/// Sequences of requests that are tried.
const SEQUENCES: u32 = 60;
