//! `hotline doctor`: looks for the usual faults and says what to do about each.

use crate::api::client::Client;
use crate::api::nouns::RulesShown;
use crate::cli::kept_out;
use crate::cli::words::lang_of_environment;
use crate::config::Config;
use crate::folder::{self, Refused};
use crate::live::seats;
use crate::{past_rules, rules_history};
use hotline_model::{Intent, Lang, Revision, WallTime};
use rustix::process::{Resource, getrlimit};
use std::io::Write;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::ExitCode;

/// Receive buffer that holds a burst of some 2,000 INVITEs, in bytes.
const RECEIVE_BUFFER: usize = 4 << 20;

/// Looks for the usual faults and says what to do about each; exit 1 if there is one.
#[derive(clap::Args)]
pub struct DoctorArgs {
    /// The language of the sentences; else that of $HOTLINE_LANG, $LC_ALL or $LANG.
    #[arg(long, value_name = "zh|en", default_value_t = lang_of_environment())]
    lang: Lang,
}

struct Report {
    lang: Lang,
    faults: usize,
}

impl Report {
    fn good(&self, what: impl AsRef<str>) {
        self.line(self.lang.of("ok   ", "正常"), what.as_ref());
    }

    fn bad(&mut self, what: impl AsRef<str>, help: impl AsRef<str>) {
        self.faults += 1;
        self.line(self.lang.of("FAULT", "故障"), what.as_ref());
        self.line(self.lang.of("     ", "    "), &format!("-> {}", help.as_ref()));
    }

    fn more(&self, text: impl AsRef<str>) {
        self.line(self.lang.of("     ", "    "), &format!("   {}", text.as_ref()));
    }

    fn line(&self, mark: &str, text: &str) {
        // A reader that went away needs no more lines.
        let _ = writeln!(std::io::stdout().lock(), "{mark} {text}");
    }
}

/// Checks and reports; exit 1 if something is wrong.
pub fn run(args: &DoctorArgs, config: &Config) -> ExitCode {
    let lang = args.lang;
    let mut report = Report { lang, faults: 0 };
    let running = seats::all(&config.data_dir()).ok().and_then(Result::ok);
    if let Some(seats) = &running {
        let seats = seats.len();
        report.good(lang.of(
            format!("a hotline runs here with {seats} seats; it has the ports"),
            format!("本机有热线在运行，{seats} 个坐席；端口由它使用"),
        ));
    } else {
        check_ports(config, &mut report);
        check_rtp(config, &mut report);
    }
    let works = running.is_some_and(|seats| seats.iter().any(|(_, seat)| seat.intent != Intent::SignedOut));
    check_files(config, &mut report);
    check_buffer(&mut report);
    check_addresses(config, &mut report);
    check_rules(config, &mut report, works);
    check_data(config, &mut report);
    if report.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check_ports(config: &Config, report: &mut Report) {
    for address in &config.sip.udp.0 {
        port("UDP", *address, "SIP", UdpSocket::bind(address).err(), ("ss -ulpn", "sip.udp"), report);
    }
    if let Some(address) = config.http.listen.0 {
        port("TCP", address, "HTTP", TcpListener::bind(address).err(), ("ss -tlpn", "http.listen"), report);
    }
    for address in &config.sip.tcp.0 {
        port("TCP", *address, "SIP", TcpListener::bind(address).err(), ("ss -tlpn", "sip.tcp"), report);
    }
}

fn port(
    transport: &str,
    address: SocketAddr,
    protocol: &str,
    wrong: Option<std::io::Error>,
    (look, key): (&str, &str),
    report: &mut Report,
) {
    let lang = report.lang;
    match wrong {
        None => report.good(
            lang.of(format!("{transport} {address} is free for {protocol}"), format!("{transport} {address} 空闲，可用于 {protocol}")),
        ),
        Some(error) => report.bad(
            format!("{transport} {address}{}{error}", lang.of(": ", "：")),
            lang.of(
                format!("stop what listens there (`{look}`), or change {key}"),
                format!("停掉占用该端口的程序（用 `{look}` 查看），或修改 {key}"),
            ),
        ),
    }
}

fn check_rtp(config: &Config, report: &mut Report) {
    let (lang, at) = (report.lang, config.rtp.address);
    let (mut free, mut taken) = (0usize, Vec::new());
    for port in config.rtp.ports.even() {
        match UdpSocket::bind(SocketAddr::new(at, port)) {
            Ok(_) => free += 1,
            Err(_) => taken.push(port),
        }
    }
    let (calls, gone, all) = (free / 2, taken.len(), free + taken.len());
    match taken.first() {
        None => report.good(lang.of(
            format!("{free} RTP ports on {at}: enough for {calls} calls with two legs"),
            format!("{at} 上有 {free} 个 RTP 端口，可供 {calls} 路双方通话"),
        )),
        Some(first) if free <= gone => report.bad(
            lang.of(
                format!("{gone} of {all} RTP ports are taken, {first} first"),
                format!("{all} 个 RTP 端口中有 {gone} 个被占用，第一个是 {first}"),
            ),
            lang.of("change rtp.ports to a free range", "把 rtp.ports 改为空闲的范围"),
        ),
        Some(first) => report.good(lang.of(
            format!("{free} RTP ports on {at}; {gone} are taken ({first} first) and left out"),
            format!("{at} 上有 {free} 个 RTP 端口；{gone} 个被占用（第一个是 {first}），不使用"),
        )),
    }
}

fn check_files(config: &Config, report: &mut Report) {
    let lang = report.lang;
    let limit = getrlimit(Resource::Nofile).maximum;
    let needed = config.rtp.ports.even().count() as u64 + config.limits.connections as u64 + 64;
    match limit {
        Some(limit) if limit < needed => report.bad(
            lang.of(
                format!("at most {limit} files may be open, {needed} are needed"),
                format!("最多可打开 {limit} 个文件，需要 {needed} 个"),
            ),
            lang.of(
                "LimitNOFILE=65536 in the systemd unit, or a smaller rtp.ports or limits.connections",
                "在 systemd 单元中写 LimitNOFILE=65536，或减小 rtp.ports 或 limits.connections",
            ),
        ),
        Some(limit) => report.good(
            lang.of(format!("up to {limit} files may be open, {needed} are needed"), format!("可打开 {limit} 个文件，需要 {needed} 个")),
        ),
        None => report.good(lang.of("any number of files may be open", "可打开的文件数不限")),
    }
}

fn check_buffer(report: &mut Report) {
    let lang = report.lang;
    let Ok(socket) = UdpSocket::bind("127.0.0.1:0") else { return };
    let forced = rustix::net::sockopt::set_socket_recv_buffer_size_force(&socket, RECEIVE_BUFFER).is_ok();
    let set = forced || rustix::net::sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER).is_ok();
    let size = rustix::net::sockopt::socket_recv_buffer_size(&socket).unwrap_or(0);
    let kib = size / 1024;
    if set && size >= RECEIVE_BUFFER {
        report.good(lang.of(format!("SIP receive buffer: {kib} KiB"), format!("SIP 接收缓冲区：{kib} KiB")));
    } else {
        report.bad(
            lang.of(
                format!("SIP receive buffer: only {kib} KiB; a burst of calls would be lost and repeated"),
                format!("SIP 接收缓冲区只有 {kib} KiB；来电集中时会丢包重发"),
            ),
            "sysctl -w net.core.rmem_max=4194304",
        );
    }
}

fn check_addresses(config: &Config, report: &mut Report) {
    let lang = report.lang;
    let loopback = config.sip.udp.0.iter().chain(&config.sip.tcp.0).all(|address| address.ip().is_loopback());
    let rtp = config.rtp.advertise.unwrap_or(config.rtp.address);
    let sip = config.sip.advertise.as_deref().unwrap_or(lang.of("the listener's address", "监听地址"));
    match (loopback, rtp.is_loopback()) {
        (true, _) => report.good(lang.of(
            "listens on this machine only (set sip.udp, sip.tcp and rtp.address to be reached from elsewhere)",
            "只在本机监听（要让外部能连接，请设置 sip.udp、sip.tcp 和 rtp.address）",
        )),
        (false, true) => report.bad(
            lang.of(
                format!("SIP is reachable from elsewhere, but {rtp} is told for sound: calls would be silent"),
                format!("外部能连接 SIP，但告知的语音地址是 {rtp}：通话会没有声音"),
            ),
            lang.of("set rtp.address, or rtp.advertise behind NAT", "设置 rtp.address；在 NAT 之后则设置 rtp.advertise"),
        ),
        (false, false) => report.good(
            lang.of(format!("peers are told {sip} for SIP and {rtp} for sound"), format!("告知对方的地址：SIP 为 {sip}，语音为 {rtp}")),
        ),
    }
}

/// Which rules run, if they are not those in the folder; or would after a start.
fn check_running_rules(config: &Config, report: &mut Report, refused: bool) {
    let (lang, data, dir) = (report.lang, config.data_dir(), config.rules_dir());
    let dir = dir.display();
    let says = Client::open(&data, lang.code()).and_then(|client| client.get::<RulesShown>("/api/v1/rules"));
    match says {
        Ok(Ok(rules)) if rules.refused => {
            let (revision, why) = (rules.revision, rules.refused_for.unwrap_or_default().in_brackets(lang));
            report.bad(
                lang.of(
                    format!("the hotline runs on {revision}: the files in {dir} were refused{why}"),
                    format!("热线正在使用 {revision}：{dir} 中的文件未被采用{why}"),
                ),
                lang.of(
                    "mend them, they are loaded when they are saved; or `hotline rules rollback running` puts the files of what runs back, but no recordings",
                    "改好后保存即加载；或用 `hotline rules rollback running` 恢复正在使用的文件（录音除外）",
                ),
            );
        }
        Ok(Ok(RulesShown { changing: Some(file), revision, .. })) => report.bad(
            lang.of(
                format!("the hotline runs on {revision}: {file} in {dir} keeps changing, so that no file is loaded"),
                format!("热线正在使用 {revision}：{dir} 中的 {file} 一直在变化，暂不加载"),
            ),
            lang.of("end what writes to it, or move it out of the folder", "停掉写入它的程序，或把它移出该文件夹"),
        ),
        Ok(_) => {}
        Err(_) if refused => {
            let kept = |ran: Vec<Revision>| ran.into_iter().find(|name| past_rules::find(&data, *name).is_some());
            match rules_history::ran(&data).ok().and_then(kept) {
                Some(last) => report.more(lang.of(
                    format!("a start would go on with {last}, which ran last, unless it is `hotline serve --strict`"),
                    format!("启动时会使用上次运行的 {last}；`hotline serve --strict` 则不会"),
                )),
                None => report.more(lang.of("a start would exit with 2", "启动会失败，退出码为 2")),
            }
        }
        Err(_) => {}
    }
}

fn check_rules(config: &Config, report: &mut Report, works: bool) {
    let (lang, dir) = (report.lang, config.rules_dir());
    let listeners: Vec<SocketAddr> = config.sip.udp.0.iter().chain(&config.sip.tcp.0).copied().collect();
    let loaded = folder::load(&dir, &listeners, None);
    let refused = loaded.is_err();
    let shown = dir.display();
    match loaded {
        Ok(revision) => {
            let (files, seats) = (revision.sources.len(), revision.plan.seats.len());
            report.good(lang.of(
                format!("rules in {shown}: {files} files, {seats} seats"),
                format!("{shown} 中的规则：{files} 个文件，{seats} 个坐席"),
            ));
            if revision.plan.settings.access == hotline_rules::Access::default() {
                report.good(lang.of(
                    "working time, networks and telephones are not checked: set [access] in the rules to keep others out (R138)",
                    "未检查工作时间、网络和话机：要限制登录，请在规则中设置 [access]（R138）",
                ));
            }
            let now = WallTime(jiff::Timestamp::now().as_microsecond());
            if let Some(why) = kept_out::while_callers_wait(&revision.plan, now).filter(|_| !works) {
                let help =
                    lang.of("seats that are signed in stay; after a restart all sign in anew", "已登录的坐席不受影响；重启后都要重新登录");
                report.bad(why.of(lang), help);
            }
            for (language, name) in revision.missing_prompts() {
                report.bad(
                    lang.of(format!("prompt {language}/{name} is missing"), format!("缺少提示音 {language}/{name}")),
                    lang.of(
                        format!("put a WAV (8 kHz, mono) at {shown}/prompts/{language}/{name}.wav"),
                        format!("请把 WAV（8 kHz、单声道）放到 {shown}/prompts/{language}/{name}.wav"),
                    ),
                );
            }
        }
        Err(Refused::Unreadable(why)) => report.bad(why.of(lang), lang.of("see `hotline rules check`", "见 `hotline rules check`")),
        Err(Refused::Tests(tests)) => report.bad(tests.summary(lang), lang.of("see `hotline rules test`", "见 `hotline rules test`")),
        Err(Refused::Findings(findings, sources)) => {
            report.bad(hotline_rules::summary(&findings, &sources, lang), lang.of("see `hotline rules check`", "见 `hotline rules check`"))
        }
    }
    check_running_rules(config, report, refused);
}

fn check_data(config: &Config, report: &mut Report) {
    let (lang, dir) = (report.lang, config.data_dir());
    let probe = dir.join(".doctor");
    let written = std::fs::create_dir_all(&dir).and_then(|()| std::fs::write(&probe, b"x")).and_then(|()| std::fs::remove_file(&probe));
    let dir = dir.display();
    match written {
        Ok(()) => report.good(lang.of(format!("data directory {dir} can be written"), format!("数据目录 {dir} 可以写入"))),
        Err(error) => report.bad(
            lang.of(format!("data directory {dir}: {error}"), format!("数据目录 {dir}：{error}")),
            lang.of("set data.dir, or give the user of the service the right to write", "设置 data.dir，或给运行服务的用户写权限"),
        ),
    }
}
