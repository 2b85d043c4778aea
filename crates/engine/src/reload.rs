use crate::Engine;
use hotline_router::{Layout, Leftovers, Wanted};

/// What of new rules is done beside the engine's steps. Nothing of it is an input: it changes nothing that is said, only how soon.
impl Engine {
    /// For which calls new rules are to be laid out ([`Layout::new`]).
    pub fn wanted(&self) -> Wanted {
        self.world.router.wanted()
    }

    /// Takes what was laid out for the engine's own router, before the rules come.
    pub fn prepare(&mut self, layout: Layout) {
        self.world.router.prepare(layout);
    }

    /// What the last rules replaced, to be dropped by another thread.
    pub fn leftovers(&mut self) -> Option<Leftovers> {
        self.world.router.leftovers()
    }
}
