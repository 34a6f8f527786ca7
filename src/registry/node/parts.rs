//! What capabilities keep in the memory of this process, one value per type. The node holds the values without knowing their types.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;

use foldhash::fast::FixedState;

/// The values, added before the registry is shared and kept until it ends.
#[derive(Default)]
pub(super) struct Parts(HashMap<TypeId, Box<dyn Any + Send + Sync>, FixedState>);

impl Parts {
    pub(super) fn add<T: Any + Send + Sync>(&mut self, part: T) {
        self.0.insert(TypeId::of::<T>(), Box::new(part));
    }

    /// Returns the value of a type.
    ///
    /// # Panics
    /// If `assemble` did not add a value of this type: a programming error that appears at every start.
    #[expect(clippy::panic, reason = "which parts there are is fixed in `assemble`, and no request has a say in it")]
    pub(super) fn get<T: Any>(&self) -> &T {
        let found = self.0.get(&TypeId::of::<T>()).and_then(|part| part.downcast_ref());
        found.unwrap_or_else(|| panic!("`assemble` adds no {}", type_name::<T>()))
    }

    #[expect(clippy::panic, reason = "as above")]
    pub(super) fn get_mut<T: Any>(&mut self) -> &mut T {
        let found = self.0.get_mut(&TypeId::of::<T>()).and_then(|part| part.downcast_mut());
        found.unwrap_or_else(|| panic!("`assemble` adds no {}", type_name::<T>()))
    }
}
