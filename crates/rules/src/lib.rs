//! Turns the text of `routing-rules/*.toml` into a checked [`Plan`], or into diagnostics that name the place and the way out.
//! Does not know where files come from, when they are loaded again, SIP, or how the tests inside the files are run.

mod analysis;
mod assign;
mod calendar;
mod callback;
mod check;
mod closing;
mod codes;
mod contact;
mod customer_lists;
mod customers;
mod declare;
mod desk;
mod diagnostic;
mod expression;
mod extensions;
mod finding;
mod fix;
mod fixes;
mod format;
mod groups;
mod hidden;
mod hours;
mod load;
mod lookups;
mod menus;
mod names;
mod noqa;
mod not_toml;
mod outside;
mod pattern;
mod people;
mod places;
mod prompts;
mod queues;
mod ranking;
mod read;
mod region_lists;
pub mod report;
mod reserve;
mod rule_set;
mod said;
pub mod schema;
mod scope;
mod seat_desk;
mod served;
mod serves;
mod sheet;
mod speech;
pub mod spoken;
mod steps;
mod suggest;
mod timers;
mod transfer;
pub mod trial;
mod values;

pub use calendar::Calendar;
pub use codes::{Example, Explanation, explain_code, explained_codes, nearest_code};
pub use diagnostic::{Diagnostic, Severity, Style, render, summary};
pub use expression::{ExpressionError, parse_expression, print_expression};
pub use fix::{Edit, Fix, Mended, found, mend, unified_diff};
pub use format::format;
pub use groups::MOST_GROUPS;
pub use load::{Loaded, Options, Recording, RecordingFault, Source, load, load_with};
pub use lookups::http_parts;
pub use places::{Place, Places, Spot};
pub use rule_set::{
    AnswerClockStart, Assign, Branch, CODES, CalendarId, Callback, Callee, Changes, Closing, Code, Customer, Delays, Desk, DeskPrompt,
    DialRole, DialledNumber, Disposition, Expression, Facts, Gate, Go, GroupId, Key, LONGEST_LOOK_UP, Label, Language, Lookup,
    LookupSource, MAIN_GROUP, Menu, MenuId, Nobody, NumberId, Origin, Outbound, Outside, OutsideOverflow, Outward, PIN_DIGITS, Pattern,
    Phone, Pin, Plan, Prefixes, Priorities, Queue, Ranking, Receiver, Region, Reserve, Rona, RonaAction, Route, Say, Seat, SeatDesk,
    Secret, Serves, Skill, Step, Tier, Timers, Transfer, TransferTarget, Trunk, Understood, WaitFor, customer_key,
};
pub use said::Said;
