//! Turns the text of `routing-rules/*.toml` into a checked [`Plan`], or into diagnostics that name the place and the way out.
//! Does not know where files come from, when they are loaded again, SIP, or how the tests inside the files are run.

mod analysis;
mod announcements;
mod assign;
mod blocks;
mod calendar;
mod callback;
mod check;
mod closing;
mod codes;
mod contact;
mod customer_lists;
mod customers;
mod deadlines;
mod declare;
mod desk;
mod diagnostic;
mod exceptions;
mod expression;
mod extensions;
mod files;
mod finding;
mod fix;
mod fixes;
mod format;
mod grammar;
mod groups;
mod hidden;
mod hours;
mod indicators;
mod let_in;
mod load;
mod lookups;
mod menus;
mod names;
mod noqa;
mod not_text;
mod not_toml;
mod numbers;
mod one_select;
mod outside;
mod pattern;
mod people;
mod places;
mod predicate;
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
mod settings;
mod sheet;
mod speech;
pub mod spoken;
mod steps;
mod suggest;
mod survey;
mod syntax;
mod timers;
mod transfer;
pub mod trial;
mod values;
mod voicemail;
mod way_out;
mod zones;

pub use calendar::{Calendar, Exception};
pub use codes::{Example, Explanation, explain_code, explained_codes, nearest_code};
pub use diagnostic::{Diagnostic, Related, Severity, Style, render, summary};
pub use expression::{ExpressionError, parse_expression, print_expression};
pub use files::{
    FileFault, FileKind, LookupFault, MOST_BYTES, MOST_FILE_BYTES, MOST_FILES, RecordingFault, failed_lookup, failed_test, is_unread,
    tests_gone, unfinished_tests,
};
pub use fix::{Edit, Fix, Mended, found, found_alone, mend, revision_diff, unified_diff};
pub use format::format;
pub use groups::MOST_GROUPS;
pub use hidden::{redacted, redacted_source};
pub use load::{Loaded, Options, Source, load, load_with, revision_of};
pub use lookups::http_parts;
pub use not_text::{NotText, text};
pub use places::{Place, Places, Spot};
pub use predicate::{parse_predicate, print_predicate};
pub use rule_set::{
    Access, Announcement, AnswerClockStart, Assign, Basis, Block, Branch, CODES, CalendarId, Callback, Callee, CallerFacts, Changes,
    Classification, Closing, Code, Collect, Compare, ComplaintLimits, ConnectRate, Customer, Deadlines, Delays, Desk, DeskPrompt, DialRole,
    DialledNumber, DidFrom, Digits, Disposition, Door, EmptyQueues, Expression, Facts, Gate, Go, GroupId, Helper, Indicators, Key,
    LONGEST_LOOK_UP, Label, Language, Limits, Looked, Lookup, LookupSource, MAIN_GROUP, Menu, MenuId, Moments, Network, Nobody, NumberId,
    Origin, Outbound, Outside, OutsideOverflow, Outward, PIN_DIGITS, Passage, Pattern, Phone, PickUp, Pin, Plan, Predicate, Prefixes,
    Priorities, Question, Queue, QueueFacts, Ranking, Receiver, Region, Reserve, Retention, Rona, RonaAction, Route, Say, Seat, SeatDesk,
    Secret, SelfService, Serves, Settings, Skill, Step, Survey, SurveyPiece, Test, Tier, Timers, Transfer, TransferTarget, Trunk,
    Understood, Voicemail, VoicemailId, WaitFor, WayOut, WayOutId, When, Written, pass,
};
pub use said::Said;
pub use values::duration;
