//! `hotline.toml`: technology, not business. Every key has a default; an unknown key or a wrong value is an error with its place.

mod wrong;

use anyhow::{Context, anyhow};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use wrong::Spot;

/// The whole configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[sip]`
    pub sip: Sip,
    /// `[rtp]`
    pub rtp: Rtp,
    /// `[http]`
    pub http: Http,
    /// `[data]`
    pub data: Data,
    /// `[rules]`
    pub rules: Rules,
    /// `[router]`
    pub router: Router,
    /// `[log]`
    pub log: Log,
    /// `[limits]`
    pub limits: Limits,
}

/// `[sip]`: where calls come in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sip {
    /// UDP listeners.
    pub udp: Addresses,
    /// TCP listeners.
    pub tcp: Addresses,
    /// `host` or `host:port` told to peers; needed when a listener is on 0.0.0.0 or ::.
    pub advertise: Option<String>,
    /// Digest realm.
    pub realm: String,
    /// User-Agent and Server; empty for none.
    pub product: String,
    /// Networks whose INVITEs are taken without a password.
    pub trunks: Vec<Trunk>,
}

/// A network whose INVITEs are taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    /// Its name in records.
    pub name: String,
    /// `203.0.113.0/24`, or one address.
    pub net: String,
    /// Most new calls per second; unlimited if absent.
    pub per_second: Option<u32>,
}

/// `[rtp]`: where sound comes in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rtp {
    /// The address bound.
    pub address: IpAddr,
    /// The address told to peers instead.
    pub advertise: Option<IpAddr>,
    /// The ports, `first-last`; the even ones are used, a call takes one per leg.
    pub ports: PortRange,
}

/// `[http]`: where the control API is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Its address, or `off`.
    pub listen: Listen,
}

/// An address, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Listen(pub Option<SocketAddr>);

impl Default for Listen {
    fn default() -> Self {
        Self(Some(SocketAddr::from(([127, 0, 0, 1], 8080))))
    }
}

impl TryFrom<String> for Listen {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        text.parse().map(|address| Self(Some(address))).map_err(|_| {
            format!("`{text}` is no address with a port; write \"127.0.0.1:8080\" (port 0: any free one), or \"off\" for none")
        })
    }
}

/// `[data]`: where the journal, the database and the state are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Data {
    /// The directory; made if absent.
    pub dir: Option<PathBuf>,
    /// Kept free on disk for the journal, in MiB.
    pub reserve_mib: u64,
    /// A journal segment's size in MiB.
    pub segment_mib: u64,
    /// Kept in memory at most while the disk is full, in MiB.
    pub memory_mib: usize,
}

/// `[rules]`: where the business is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// The directory of the rules' files; prompts in its folder `prompts/LANGUAGE/NAME.wav` replace the built-in ones.
    pub dir: Option<PathBuf>,
    /// What the tests in its folder `tests` are for when rules are loaded again: `require` (rules whose tests fail are refused), `warn`
    /// (the log tells of them), `off` (they are not run). A start does not wait for them.
    pub tests: TestsBeforeLoad,
}

/// What tests of the rules are for before they are loaded again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestsBeforeLoad {
    /// Rules whose tests fail are refused.
    #[default]
    Require,
    /// They are loaded, and the log tells of it.
    Warn,
    /// They are not run.
    Off,
}

/// `[router]`: who brings calls and seats together.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Router {
    /// How many threads do, 1 to 8: the engine's for the queues that name no `group`, and each further `group` has one of its own while there
    /// are so many. The queues of groups beyond are the engine's.
    pub threads: u8,
}

impl Default for Router {
    fn default() -> Self {
        Self { threads: 1 }
    }
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,hotline::serve=debug`.
    pub level: String,
    /// `auto` (people on a terminal, JSON lines otherwise), `human`, `json`.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Human,
    /// JSON lines.
    Json,
}

/// `[limits]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Most live calls; one more gets 503 with Retry-After.
    pub calls: usize,
    /// Most TCP connections.
    pub connections: usize,
    /// How long SIGTERM waits for live calls, in seconds.
    pub drain_seconds: u64,
}

impl Default for Sip {
    fn default() -> Self {
        let local = Addresses(vec![SocketAddr::from(([127, 0, 0, 1], 5060))]);
        Self { udp: local.clone(), tcp: local, advertise: None, realm: "hotline".into(), product: String::new(), trunks: Vec::new() }
    }
}

impl Default for Rtp {
    fn default() -> Self {
        Self { address: IpAddr::from([127, 0, 0, 1]), advertise: None, ports: PortRange { first: 20_000, last: 29_999 } }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self { dir: None, reserve_mib: 64, segment_mib: 64, memory_mib: 64 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Auto }
    }
}

impl Log {
    /// A bare word must be a level; a filter names targets.
    fn is_known(&self) -> bool {
        self.level.contains(['=', ',']) || ["error", "warn", "info", "debug", "trace", "off"].contains(&self.level.as_str())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { calls: 20_000, connections: 10_000, drain_seconds: 900 }
    }
}

/// One address or a list of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "OneOrMany")]
pub struct Addresses(pub Vec<SocketAddr>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected an address such as \"127.0.0.1:5060\", or a list of them")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl TryFrom<OneOrMany> for Addresses {
    type Error = String;
    fn try_from(value: OneOrMany) -> Result<Self, String> {
        let texts = match value {
            OneOrMany::One(text) if text.is_empty() => Vec::new(),
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        };
        let parse = |text: &String| {
            text.parse().map_err(|_| format!("`{text}` is no address with a port; write \"127.0.0.1:5060\" or \"[::1]:5060\""))
        };
        texts.iter().map(parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Ports, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PortRange {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

impl TryFrom<String> for PortRange {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no range of ports; write \"20000-29999\"");
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        let port = |text: &str| text.trim().parse::<u16>().map_err(|_| wrong());
        let range = Self { first: port(first)?, last: port(last)? };
        if range.first == 0 || range.first >= range.last { Err(wrong()) } else { Ok(range) }
    }
}

impl PortRange {
    /// The even ports, which RTP takes.
    pub fn even(self) -> impl Iterator<Item = u16> {
        (self.first..=self.last).filter(|port| port % 2 == 0)
    }
}

impl Config {
    /// Reads `--config`, else `$HOTLINE_CONFIG`, else `./hotline.toml`, else `/etc/hotline/hotline.toml`, else the defaults; then
    /// `HOTLINE__SECTION__KEY` from the environment. Relative paths in a file count from the file.
    ///
    /// # Errors
    /// A file that can't be read, an unknown key (with the nearest known one), a wrong value, each with its place.
    pub fn read(given: Option<&Path>) -> anyhow::Result<Self> {
        let named = given.map(Path::to_path_buf).or_else(|| std::env::var_os("HOTLINE_CONFIG").map(PathBuf::from));
        let usual = || ["hotline.toml", "/etc/hotline/hotline.toml"].into_iter().map(PathBuf::from).find(|path| path.exists());
        let path = named.or_else(usual);
        let text = match &path {
            Some(path) => std::fs::read_to_string(path).with_context(|| format!("cannot read the configuration {}", path.display()))?,
            None => String::new(),
        };
        let place = path.as_deref().unwrap_or(Path::new("hotline.toml"));
        let mut config = Self::parse(&text, &place.display().to_string(), std::env::vars())?;
        let base = path.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        for dir in [&mut config.data.dir, &mut config.rules.dir].into_iter().flatten() {
            *dir = base.join(&*dir);
        }
        config.check().with_context(|| format!("in {}", place.display()))?;
        Ok(config)
    }

    fn parse(text: &str, place: &str, vars: impl Iterator<Item = (String, String)>) -> anyhow::Result<Self> {
        let located = |at, message: &str| located(place, text, at, message);
        let start = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
        let mut table: toml::Table = toml::from_str(text).map_err(|error| located(start(&error), error.message()))?;
        if let Some(key) = wrong::misshapen(&table) {
            return Err(located(wrong::place_of(text, key).unwrap_or(0), ""));
        }
        let mut config: Self = toml::from_str(text).map_err(|error| located(start(&error), error.message()))?;
        for (name, value) in vars {
            let Some(path) = name.strip_prefix("HOTLINE__").map(str::to_lowercase) else { continue };
            config = Self::overridden(&mut table, &path, &value).map_err(|error| anyhow!("{name}: {error}"))?;
        }
        Ok(config)
    }

    fn overridden(table: &mut toml::Table, path: &str, value: &str) -> anyhow::Result<Self> {
        let (section, name) = path.split_once("__").ok_or_else(|| anyhow!("write HOTLINE__SECTION__KEY, e.g. HOTLINE__SIP__UDP"))?;
        let key = format!("{section}.{name}");
        let value = typed(value).filter(|value| value.is_str() || !wrong::takes_text(&key)).unwrap_or_else(|| value.into());
        let spot = Spot::of(&key, &value);
        let section = table.entry(section).or_insert_with(|| toml::Table::new().into());
        section.as_table_mut().expect("a section of the file is a table, and so is a new one").insert(name.to_owned(), value);
        if wrong::misshapen(table).is_some() {
            anyhow::bail!(spot.say(""));
        }
        Self::deserialize(toml::Value::Table(table.clone())).map_err(|error| anyhow!(said(error.message(), Some(spot))))
    }

    fn check(&self) -> anyhow::Result<()> {
        let wildcard = self.sip.udp.0.iter().chain(&self.sip.tcp.0).any(|address| address.ip().is_unspecified());
        if wildcard && self.sip.advertise.is_none() {
            anyhow::bail!(
                "sip.udp or sip.tcp listens on every address: set sip.advertise to the host that peers reach (0.0.0.0 must never appear in a Contact)"
            );
        }
        if self.rtp.address.is_unspecified() && self.rtp.advertise.is_none() {
            anyhow::bail!("rtp.address is every address: set rtp.advertise to the one that peers reach");
        }
        if let Some(advertise) = &self.sip.advertise {
            check_advertised(advertise)?;
        }
        if let Some(advertise) = self.rtp.advertise
            && (advertise.is_unspecified() || advertise.is_ipv4() != self.rtp.address.is_ipv4())
        {
            anyhow::bail!(
                "rtp.advertise: {advertise} can't stand for rtp.address {}; write one address of the same family",
                self.rtp.address
            );
        }
        if self.sip.realm.contains(['"', '\\']) || self.sip.realm.chars().any(char::is_control) {
            anyhow::bail!("sip.realm: `{}` can't stand between quotes; leave out quotes and backslashes", self.sip.realm.escape_debug());
        }
        for (key, number) in [("limits.calls", self.limits.calls as u64), ("data.segment_mib", self.data.segment_mib)] {
            anyhow::ensure!(number > 0, "{key} is 0: at least 1 is needed");
        }
        let most = hotline_rules::MOST_GROUPS;
        anyhow::ensure!((1..=most).contains(&usize::from(self.router.threads)), "router.threads is {}: 1 to {most}", self.router.threads);
        if self.sip.udp.0.is_empty() && self.sip.tcp.0.is_empty() {
            anyhow::bail!("sip.udp and sip.tcp are both empty: no call could come in");
        }
        if !self.log.is_known() {
            anyhow::bail!(
                "log.level: `{}` is no level; one of error, warn, info, debug, trace, or a filter such as \"info,hotline::serve=debug\"",
                self.log.level
            );
        }
        for trunk in &self.sip.trunks {
            trunk.network()?;
        }
        Ok(())
    }

    /// The directory of data.
    pub fn data_dir(&self) -> PathBuf {
        self.data.dir.clone().unwrap_or_else(|| usual_dir("data", "/var/lib/hotline"))
    }

    /// The directory of rules.
    pub fn rules_dir(&self) -> PathBuf {
        self.rules.dir.clone().unwrap_or_else(|| usual_dir("routing-rules", "/etc/hotline/routing-rules"))
    }

    /// How long SIGTERM waits for live calls.
    pub fn drain_limit(&self) -> Duration {
        Duration::from_secs(self.limits.drain_seconds)
    }
}

impl Trunk {
    /// Its network: address and prefix length.
    ///
    /// # Errors
    /// Names the trunk when `net` is no network.
    pub fn network(&self) -> anyhow::Result<(IpAddr, u8)> {
        let wrong = || anyhow!("sip.trunks: `{}` of trunk `{}` is no network; write \"203.0.113.0/24\"", self.net, self.name);
        let (address, prefix) = self.net.split_once('/').map_or((self.net.as_str(), None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(longest), |prefix| prefix.parse::<u8>().map_err(|_| wrong()))?;
        if prefix > longest { Err(wrong()) } else { Ok((address, prefix)) }
    }
}

/// `host` or `host:port` as peers are to see it in Contact and Via.
fn check_advertised(text: &str) -> anyhow::Result<()> {
    let uri = hotline_sip::Uri::parse(&format!("sip:{text}")).ok().filter(|uri| uri.user.is_none() && !text.contains([';', '?']));
    let Some(host) = uri.and_then(|uri| uri.host) else {
        anyhow::bail!("sip.advertise: `{text}` is no host; write \"sip.example.com\", \"192.0.2.7\" or \"192.0.2.7:5060\"")
    };
    if host.ip().is_some_and(|ip| ip.is_unspecified()) {
        anyhow::bail!("sip.advertise: {text} leads nowhere; write the host that peers reach (0.0.0.0 must never appear in a Contact)");
    }
    Ok(())
}

fn usual_dir(here: &str, installed: &str) -> PathBuf {
    let installed = Path::new(installed);
    if !Path::new(here).exists() && installed.exists() { installed.to_path_buf() } else { PathBuf::from(here) }
}

fn typed(value: &str) -> Option<toml::Value> {
    toml::from_str::<toml::Table>(&format!("v = {value}")).ok()?.remove("v")
}

fn located(place: &str, text: &str, at: usize, message: &str) -> anyhow::Error {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    anyhow!("{place}:{line}:{column}: {}", said(message, Spot::at(text, at)))
}

/// What the parser or serde said; a file that can't be parsed has no spots.
fn said(message: &str, spot: Option<Spot>) -> String {
    match spot {
        Some(spot) if !message.starts_with("unknown field") => spot.say(message),
        Some(_) | None => with_hint(message),
    }
}

/// serde says ``unknown field `upd`, expected one of `udp`, `tcp` ``: adds the nearest of those as a question.
fn with_hint(message: &str) -> String {
    let mut names = message.split('`').skip(1).step_by(2);
    let (Some(wrong), true) = (names.next(), message.starts_with("unknown field")) else { return message.to_owned() };
    let nearest = names.map(|name| (distance(wrong, name), name)).min();
    match nearest {
        Some((far, name)) if far <= 2.max(wrong.chars().count() / 3) => format!("unknown key `{wrong}`: did you mean `{name}`?"),
        _ => message.replacen("unknown field", "unknown key", 1),
    }
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in b.iter().enumerate() {
            let replace = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn parse(text: &str, vars: &[(&str, &str)]) -> Result<Config, String> {
        let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::parse(text, "hotline.toml", vars).map_err(|error| error.to_string())
    }

    #[test]
    fn no_key_is_needed_and_the_defaults_stay_on_loopback() {
        let config = parse("", &[]).unwrap();
        assert!(config.sip.udp.0.iter().chain(&config.sip.tcp.0).all(|address| address.ip().is_loopback()));
        assert!(config.rtp.address.is_loopback());
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_place_and_the_nearest_known_one() {
        assert_eq!(parse("[sip]\nupd = \"127.0.0.1:1\"", &[]).unwrap_err(), "hotline.toml:2:1: unknown key `upd`: did you mean `udp`?");
        assert!(parse("[nonsense]\n", &[]).unwrap_err().starts_with("hotline.toml:1:2: unknown key `nonsense`"));
    }

    #[test]
    fn a_wrong_value_names_its_place_and_what_to_write() {
        let error = parse("[rtp]\nports = \"twenty\"", &[]).unwrap_err();
        assert_eq!(error, "hotline.toml:2:9: rtp.ports: `twenty` is no range of ports; write \"20000-29999\"");
        assert!(parse("[sip]\nudp = \"localhost\"", &[]).unwrap_err().contains("write \"127.0.0.1:5060\""));
    }

    #[test]
    fn what_peers_are_told_must_lead_somewhere() {
        let wrong = |text: &str| parse(text, &[]).unwrap().check().unwrap_err().to_string();
        for advertise in ["0.0.0.0", "[::]:5", "not a host", "a@b", ""] {
            let error = wrong(&format!("[sip]\nadvertise = \"{advertise}\""));
            assert!(error.starts_with("sip.advertise"), "{advertise}: {error}");
        }
        for good in ["sip.example.com", "192.0.2.7:5060", "[2001:db8::7]"] {
            parse(&format!("[sip]\nadvertise = \"{good}\""), &[]).unwrap().check().unwrap();
        }
        for advertise in ["::1", "0.0.0.0"] {
            assert!(wrong(&format!("[rtp]\nadvertise = \"{advertise}\"")).starts_with("rtp.advertise"), "{advertise}");
        }
        assert!(wrong("[sip]\nrealm = 'a\"b'").starts_with("sip.realm"));
        assert_eq!(wrong("[limits]\ncalls = 0"), "limits.calls is 0: at least 1 is needed");
        for threads in [0, 9] {
            assert_eq!(wrong(&format!("[router]\nthreads = {threads}")), format!("router.threads is {threads}: 1 to 8"));
        }
        assert_eq!(wrong("[data]\nsegment_mib = 0"), "data.segment_mib is 0: at least 1 is needed");
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config =
            parse("[sip]\nudp = \"127.0.0.1:1\"", &[("HOTLINE__SIP__UDP", "127.0.0.1:7000"), ("HOTLINE__LIMITS__CALLS", "7")]).unwrap();
        assert_eq!(config.sip.udp.0, [SocketAddr::from(([127, 0, 0, 1], 7000))]);
        assert_eq!(config.limits.calls, 7);
        assert_eq!(parse("", &[("HOTLINE__SIP__UPD", "x")]).unwrap_err(), "HOTLINE__SIP__UPD: unknown key `upd`: did you mean `udp`?");
    }

    #[test]
    fn a_listener_on_every_address_needs_an_advertised_one() {
        let config = parse("[sip]\nudp = \"0.0.0.0:5060\"", &[]).unwrap();
        assert!(config.check().unwrap_err().to_string().contains("sip.advertise"));
    }
}
