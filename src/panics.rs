//! Panics in the log, where a supervisor of machines looks: in its format, with the thread, the place and the message.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;

/// From now on panics are told in the log instead of on stderr.
pub fn to_log() {
    std::panic::set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let (thread, place) = (std::thread::current(), panic.location().map(ToString::to_string));
    let trace = Backtrace::capture();
    let backtrace = (trace.status() == BacktraceStatus::Captured).then(|| trace.to_string());
    tracing::error!(thread = thread.name(), place, panic = panic.payload_as_str(), backtrace, "a fault of the hotline: please report it");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Result, Write};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<u8>>>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_told_in_the_log_with_its_thread_place_and_message() {
        let told = Told::default();
        let writer = told.clone();
        let log = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
        let before = std::panic::take_hook();
        to_log();
        let panics = move || tracing::subscriber::with_default(log, || panic!("{} too many", 3));
        let thread = std::thread::Builder::new().name("group-1".into()).spawn(panics).unwrap();
        assert!(thread.join().is_err());
        std::panic::set_hook(before);
        let text = String::from_utf8(told.0.lock().unwrap().clone()).unwrap();
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((&line["level"], &line["fields"]["panic"]), (&"ERROR".into(), &"3 too many".into()), "{text}");
        assert_eq!(line["fields"]["thread"], "group-1");
        assert!(line["fields"]["place"].as_str().unwrap().starts_with("src/panics.rs:"), "{text}");
    }
}
