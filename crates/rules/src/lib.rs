//! Turns the text of `routing-rules/*.toml` into a checked [`Plan`], or into diagnostics that name the place and the way out.
//! Does not know where files come from, when they are loaded again, SIP, or how the tests inside the files are run.

mod assign;
mod calendar;
mod callback;
mod check;
mod closing;
mod contact;
mod customers;
mod declare;
mod diagnostic;
mod expression;
mod finding;
mod hours;
mod load;
mod menus;
mod names;
mod outside;
mod pattern;
mod people;
mod places;
mod prompts;
mod queues;
mod read;
mod reserve;
mod rule_set;
mod scope;
mod served;
mod serves;
mod speech;
pub mod spoken;
mod steps;
mod suggest;
mod timers;
mod values;

pub use calendar::Calendar;
pub use diagnostic::{Diagnostic, Severity, Style, render, summary};
pub use expression::{ExpressionError, parse_expression, print_expression};
pub use load::{Loaded, Options, Source, load, load_with};
pub use places::{Place, Places};
pub use rule_set::{
    AnswerClockStart, Assign, Branch, CalendarId, Callback, Callee, Changes, Closing, Customer, Delays, DialledNumber, Expression, Gate,
    Go, Key, Language, Menu, MenuId, Nobody, NumberId, Origin, Outbound, Outside, OutsideOverflow, Outward, Overflow, OverflowTarget,
    Pattern, Plan, Priorities, Queue, Region, Reserve, Rona, RonaAction, Say, Seat, Secret, Serves, Skill, Step, Tier, Timers, Trunk,
    customer_key,
};
