use crate::Engine;
use hotline_model::Name;
use hotline_router::{Layout, Leftovers, Wanted};
use hotline_rules::{Plan, Secret};
use hotline_sip::{Account, Accounts};
use std::sync::Arc;

/// What of new rules is made beside the engine's steps, to be handed over before they come ([`Engine::prepare`]). Nothing of it is an input:
/// it changes nothing that is said, only how soon.
#[derive(Debug)]
pub struct Prepared {
    plan: Arc<Plan>,
    layout: Layout,
    accounts: Accounts,
}

impl Prepared {
    /// The layout is the one for the engine's own router.
    pub fn new(plan: &Arc<Plan>, layout: Layout) -> Self {
        Self { plan: Arc::clone(plan), layout, accounts: accounts(plan) }
    }
}

/// What new rules replaced. To drop it takes time: that is for another thread.
#[derive(Debug)]
pub struct Replaced {
    _accounts: Accounts,
    _leftovers: Option<Leftovers>,
}

impl Engine {
    /// For which calls new rules are to be laid out ([`Layout::new`]).
    pub fn wanted(&self) -> Wanted {
        self.world.router.wanted()
    }

    /// Takes what was made for rules that come next.
    pub fn prepare(&mut self, prepared: Prepared) {
        let Prepared { plan, layout, accounts } = prepared;
        self.world.router.prepare(layout);
        self.accounts_ahead = Some((plan, accounts));
    }

    /// What the last rules replaced.
    pub fn replaced(&mut self) -> Option<Replaced> {
        let accounts = self.old_accounts.take()?;
        Some(Replaced { _accounts: accounts, _leftovers: self.world.router.leftovers() })
    }

    pub(crate) fn renew_accounts(&mut self, plan: &Arc<Plan>) {
        let ahead = self.accounts_ahead.take().filter(|(other, _)| Arc::ptr_eq(other, plan));
        let accounts = ahead.map_or_else(|| accounts(plan), |(_, accounts)| accounts);
        self.old_accounts = Some(self.world.sip.set_accounts(accounts));
    }
}

fn accounts(plan: &Plan) -> Accounts {
    let live = plan.seats.iter().filter(|seat| !seat.retired);
    let seats = live.filter_map(|seat| account(&seat.name, &seat.secret, seat.sha256));
    let phones = plan.phones.values().filter_map(|phone| account(&phone.name, &phone.secret, phone.sha256));
    seats.chain(phones).collect::<Vec<_>>().into()
}

fn account(name: &Name, secret: &Secret, sha256: bool) -> Option<Account> {
    let secret = match secret {
        Secret::None => return None,
        Secret::Password(password) => hotline_sip::Secret::Password(password.clone()),
        Secret::Ha1 { md5, sha256 } => hotline_sip::Secret::Ha1 { md5: md5.clone(), sha256: sha256.clone() },
    };
    Some(Account { name: name.clone(), secret, sha256, ping: true })
}
