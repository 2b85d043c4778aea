//! A call's whole life: events of the SIP, media, menu and router machines in, commands for the others out, every step into the journal.
//! Does not know sockets, threads, clocks, the database or HTTP: the shell tells it the time and carries what it says.

mod ask;
mod by_hand;
mod call;
mod callback;
mod closing;
mod desk;
mod engine;
mod figures;
mod foretell;
mod hang_up;
mod hosts;
mod journal;
mod leg;
mod live_clock;
mod menu;
mod moving;
mod offer;
mod outside;
mod owner;
mod pick_up;
mod prompts;
mod reach;
mod recover;
mod resume;
mod sounds;
mod talk;
mod transfer;
mod trunks;
mod wish;
mod world;

pub use ask::{Answer, AskId, HostTrouble, Question, Trouble};
pub use engine::{Config, Engine, Input, Output};
pub use figures::{Counters, Figures, QueueFigures, TrunkFigures};
pub use journal::{binding, profile, registration};
pub use prompts::Prompts;
