//! `[[customer]]`: who is known by the number, and what follows from it (R36, R45, R46).

use crate::declare::Item;
use crate::finding::{At, Findings, Place};
use crate::menus::changes_in;
use crate::read::Node;
use crate::said::{both, said};
use crate::scope::Scope;
use crate::{Customer, numbers};
use hotline_model::{LookupMap, Number, NumberingPlan, SeatId};
use std::collections::BTreeMap;

const KEYS: [&str; 10] =
    ["name", "numbers", "agent", "preferred", "customer_type", "customer_level", "priority", "language", "skills", "sensitive"];
/// Most numbers of one customer.
pub(crate) const MOST_NUMBERS: usize = 1_000;

/// What the files say about customers.
#[derive(Debug, Default)]
pub(crate) struct Customers {
    /// Those of the TOML files first.
    pub(crate) all: Vec<Customer>,
    pub(crate) numbers: LookupMap<String, u32>,
    /// Where the numbers of the TOML files are.
    places: BTreeMap<String, Place>,
    /// Where the rows of the CSV files begin that the last ones come from.
    pub(crate) rows: Vec<Place>,
    /// The headers of columns that name preferred agents.
    pub(crate) preferred: Vec<Place>,
}

impl Customers {
    /// Notes a number of the next customer; `false` if another has it.
    pub(crate) fn take(&mut self, number: String) -> bool {
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let free = self.numbers.get(&number).is_none_or(|other| *other == place);
        if free {
            self.numbers.insert(number, place);
        }
        free
    }
}

impl Customers {
    /// Where a number that is taken stands; of the CSV files, where its row begins.
    pub(crate) fn first(&self, number: &str) -> Option<&Place> {
        let row = || {
            let of = usize::try_from(*self.numbers.get(number)?).ok()?;
            self.rows.get(of.checked_sub(self.all.len() - self.rows.len())?)
        };
        self.places.get(number).or_else(row)
    }
}

pub(crate) fn customers(items: &[Item<'_>], plan: &NumberingPlan, scope: &Scope<'_>, findings: &mut Findings) -> Customers {
    let mut customers = Customers::default();
    for item in items {
        let table = &item.table;
        table.only(&KEYS, both("a customer", "客户"), findings);
        let own = numbers_of(item, plan, findings);
        let number = own.first().map(|(_, number)| number.value.clone());
        for (written, number) in own {
            if !customers.take(number.value.clone()) {
                taken(&written, &number.place, customers.first(&number.value), findings);
            } else {
                customers.places.entry(number.value).or_insert(number.place);
            }
        }
        let mut seat = |key: &str| {
            let name = table.text(key, findings)?;
            scope.seats.find(name.value, &name.place, findings).and_then(|id| u32::try_from(id).ok()).map(SeatId)
        };
        let (agent, preferred) = (seat("agent"), seat("preferred"));
        let set = changes_in(table, scope, findings);
        customers.all.push(Customer { name: item.name.value.clone(), number, set, agent, preferred });
    }
    customers
}

pub(crate) fn taken(written: &Number, place: &Place, first: Option<&Place>, findings: &mut Findings) {
    let message = said!("`{written}` is the number of two customers", "`{written}` 是两个客户的号码");
    let more = findings
        .error("HL008", place, message, both("the other comes before", "前面已有客户用它"))
        .help(both("a number tells one customer", "一个号码只能对应一个客户"));
    if let Some(first) = first {
        more.first(first);
    }
}

/// The numbers, as they are written and as they are compared.
fn numbers_of(item: &Item<'_>, plan: &NumberingPlan, findings: &mut Findings) -> Vec<(Number, At<String>)> {
    let nodes = item.table.need("numbers", both("a customer", "客户"), findings).map(|node| node.list(findings)).unwrap_or_default();
    if let Some(node) = item.table.get("numbers").filter(|node| node.as_list().is_some_and(|list| list.is_empty())) {
        let message = said!("customer `{}` has no number", "客户 `{}` 没有号码", item.name.value);
        findings
            .error("HL004", &node.place(), message, both("nobody is known by it", "谁也认不出"))
            .help(both("write the numbers from which the customer calls, or remove the customer", "请写客户来电的号码，或删去这个客户"));
    }
    if let Some(node) = nodes.get(MOST_NUMBERS) {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_NUMBERS} numbers of one customer", "一个客户的号码超过 {MOST_NUMBERS} 个"),
            both("one too many", "多出的一个"),
        );
    }
    let one = |node: &Node<'_>| {
        let number = numbers::callers(node, plan, findings)?;
        Some((Number::new(node.as_text().unwrap_or_default()), number))
    };
    nodes.iter().take(MOST_NUMBERS).filter_map(one).collect()
}
