//! The worker's machine, fed with commands, datagrams and a virtual clock.

mod chaos;
mod conferring;
mod desk;
mod digits;
mod peers;
mod playing;
mod quiet;
mod recording;
mod relaying;
mod whispering;
