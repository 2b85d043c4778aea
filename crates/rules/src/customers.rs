//! `[[customer]]`: who is known by the number, and what follows from it (R36, R45, R46).

use crate::declare::Item;
use crate::finding::{At, Findings};
use crate::menus::changes_in;
use crate::said::{both, said};
use crate::scope::Scope;
use crate::{Customer, numbers};
use hotline_model::{LookupMap, NumberingPlan, SeatId};

const KEYS: [&str; 10] =
    ["name", "numbers", "agent", "preferred", "customer_type", "customer_level", "priority", "language", "skills", "sensitive"];
/// Most numbers of one customer.
const MOST_NUMBERS: usize = 1_000;

pub(crate) fn customers(
    items: &[Item<'_>],
    plan: &NumberingPlan,
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> (Vec<Customer>, LookupMap<String, u32>) {
    let mut numbers = LookupMap::default();
    let mut customers = Vec::new();
    for (place, item) in (0u32..).zip(items) {
        let table = &item.table;
        table.only(&KEYS, both("a customer", "客户"), findings);
        let own = numbers_of(item, plan, findings);
        let number = own.first().map(|number| number.value.clone());
        for number in own {
            if numbers.get(&number.value).is_some_and(|other| *other != place) {
                let message = said!("`{}` is the number of two customers", "`{}` 是两个客户的号码", number.value);
                findings
                    .error("HL008", &number.place, message, both("the other comes before", "前面已有客户用它"))
                    .help(both("a number tells one customer", "一个号码只能对应一个客户"));
            } else {
                numbers.insert(number.value, place);
            }
        }
        let mut seat = |key: &str| {
            let name = table.text(key, findings)?;
            scope.seats.find(name.value, &name.place, findings).and_then(|id| u32::try_from(id).ok()).map(SeatId)
        };
        let (agent, preferred) = (seat("agent"), seat("preferred"));
        customers.push(Customer { name: item.name.value.clone(), number, set: changes_in(table, scope, findings), agent, preferred });
    }
    (customers, numbers)
}

fn numbers_of(item: &Item<'_>, plan: &NumberingPlan, findings: &mut Findings) -> Vec<At<String>> {
    let nodes = item.table.need("numbers", both("a customer", "客户"), findings).map(|node| node.list(findings)).unwrap_or_default();
    if let Some(node) = nodes.get(MOST_NUMBERS) {
        findings.error(
            "HL009",
            &node.place(),
            said!("more than {MOST_NUMBERS} numbers of one customer", "一个客户的号码超过 {MOST_NUMBERS} 个"),
            both("one too many", "多出的一个"),
        );
    }
    nodes.iter().take(MOST_NUMBERS).filter_map(|node| numbers::callers(node, plan, findings)).collect()
}
