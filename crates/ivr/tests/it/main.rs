//! The IVR as a caller meets it.

mod any_input;
mod collect;
mod expecting;
mod gates;
mod hours;
mod house;
mod menu;
mod self_service;
mod speech;
mod survey;
