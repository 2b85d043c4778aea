//! The rules that the walks share, in parts: a language and a skill, a menu, numbers, queues, seats.

/// One language, one skill.
pub const PREAMBLE: &str = r#"
[[language]]
code = "zh-CN"
[[skill]]
name = "any"
"#;

/// The number `hotline` with a menu in front of the queue `line`.
pub const MENU: &str = r#"
[[number]]
name = "hotline"
menu = "main"
[menu.main]
say = ["main-menu"]
wait = "5s"
invalid = ["invalid-key"]
no_input = ["no-input"]
failed = { queue = "line" }
[menu.main.keys]
1 = { set = { class = "common", kind = "enquiry" }, queue = "line" }
3 = { set = { class = "complex", kind = "complaint", priority = "important" }, queue = "line" }
0 = { queue = "line" }
"#;

/// A number that leads into a queue.
pub fn number(name: &str, queue: &str, facts: &str) -> String {
    format!("[[number]]\nname = \"{name}\"\nqueue = \"{queue}\"\n{facts}\n")
}

/// A queue for seats with the skill.
pub fn queue(name: &str, at_least: u8, facts: &str) -> String {
    format!("[[queue]]\nname = \"{name}\"\n{facts}\n[[queue.step]]\nrequires = \"any >= {at_least}\"\n")
}

/// A seat with its telephone at a port.
pub fn seat(name: &str, port: u16, facts: &str) -> String {
    format!("[[seat]]\nname = \"{name}\"\nagent = \"{name}\"\ncontact = \"sip:{name}@127.0.0.2:{port}\"\n{facts}\n")
}

/// The seat `1001` with its telephone at port 6001.
pub fn first_seat() -> String {
    seat("1001", 6001, "skills = { any = 5 }")
}
