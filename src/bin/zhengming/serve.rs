//! The page in the browser and the HTTP API: another front end of the same linter.
//!
//! A draft lives in memory while it is worked on. It is never written to disk, and of it only counts and a hash are
//! logged.

mod answer;
mod body;
mod door;
mod engine;
mod figures;
mod launch;
mod page;
mod refusal;
mod request;
mod rules;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutWriter;
use zhengming::Lang;
use zhengming::report::visible;

pub(crate) use launch::was_double_clicked;

use crate::Ui;
use crate::args::{self, Command, ServeArgs};
use crate::settings::Known;
use crate::words::today;
use engine::Engine;
use figures::Figures;

/// How long a client may take to send the head of a request; a connection that is kept waits no longer for the next.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How often the files of lexicon and configuration are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// How long requests that have begun may take to end once the server is told to stop.
const LAST_ORDERS: Duration = Duration::from_secs(10);

/// Connections at a time: what comes on top is told to come back later.
const CONNECTIONS: usize = 1024;

/// Requests whose bodies may be in memory at full size.
const FULL_BODIES: usize = 8;

/// The environment variable that the token is taken from where none is given, so that no list of processes shows it.
const TOKEN: &str = "ZHENGMING_TOKEN";

/// A token that can be guessed is none.
const TOKEN_LENGTH: usize = 16;

/// What every request shares.
struct Server {
    lang: Lang,
    engine: Engine,
    figures: Figures,
    door: door::Door,
    limits: Limits,
    /// Linting takes a core.
    cores: Arc<Semaphore>,
    /// Requests that have a core or wait for one.
    working: AtomicUsize,
    /// Bytes of bodies in memory.
    held: Arc<AtomicUsize>,
    /// Whether each request gets a line on standard error.
    logs: bool,
}

/// How much is taken on.
struct Limits {
    /// Bytes of one body.
    body: usize,
    /// Bytes of all bodies in memory.
    bodies: usize,
    /// Requests that have a core or wait for one.
    requests: usize,
    /// How long a body may take to arrive, a request waits for a core, and an answer waits for a client that does not read.
    time: Duration,
}

pub(crate) fn run(args: &ServeArgs, ui: Ui) -> Result<ExitCode> {
    let lang = ui.lang;
    let token = token(args, lang)?;
    if token.is_none() && !args.addr.ip().is_loopback() {
        bail!(lang.pick(
            "这个地址可从其他机器访问，须用 --token 设置口令（或环境变量 ZHENGMING_TOKEN）",
            "other machines can reach this address, so it needs --token (or the environment variable ZHENGMING_TOKEN)"
        ));
    }
    let engine = Engine::start(&args.rules, Known::from(&args.known), lang)?;
    for warning in &engine.now().checker.warnings {
        writeln!(
            io::stderr(),
            "{}{warning}",
            lang.pick("警告：", "warning: ")
        )?;
    }
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let body = usize::try_from(args.max_body).unwrap_or(usize::MAX);
    runtime.block_on(async {
        let listener = listen(args, lang).await?;
        let addr = listener.local_addr()?;
        let server = Arc::new(Server {
            lang,
            figures: Figures::new(&engine),
            engine,
            door: door::Door::new(addr, token),
            limits: Limits {
                body,
                bodies: body.saturating_mul(FULL_BODIES),
                requests: args.max_requests.get(),
                time: Duration::from_secs(args.timeout.get()),
            },
            cores: Arc::new(Semaphore::new(cores)),
            working: AtomicUsize::new(0),
            held: Arc::default(),
            logs: !args.quiet,
        });
        greet(addr, args.open, lang)?;
        serve(listener, &server).await;
        Ok(ExitCode::SUCCESS)
    })
}

/// What `zhengming` without arguments does after a double click: the page on the machine itself.
pub(crate) fn run_page(lang: Lang) -> Result<ExitCode> {
    let words = ["zhengming", "serve", "--open"].map(OsString::from);
    let cli = args::parse(&words, lang)?;
    let Command::Serve(mut args) = cli.command else {
        bail!("serve is no command");
    };
    args.any_port = true;
    let color = cli.color;
    run(&args, Ui { lang, color })
}

fn token(args: &ServeArgs, lang: Lang) -> Result<Option<String>> {
    let from_environment = || std::env::var(TOKEN).ok().filter(|token| !token.is_empty());
    let Some(token) = args.token.clone().or_else(from_environment) else {
        return Ok(None);
    };
    let is_fit = |c: char| c.is_ascii_graphic();
    if token.len() < TOKEN_LENGTH || !token.chars().all(is_fit) {
        bail!(match lang {
            Lang::Zh => format!(
                "口令应为至少 {TOKEN_LENGTH} 个字母、数字或标点，可用 openssl rand -hex 16 生成"
            ),
            Lang::En => format!(
                "a token takes at least {TOKEN_LENGTH} letters, digits or marks: openssl rand -hex 16 makes one"
            ),
        });
    }
    Ok(Some(token))
}

async fn listen(args: &ServeArgs, lang: Lang) -> Result<TcpListener> {
    let about = || match lang {
        Lang::Zh => format!("无法使用 {}，可用 --addr 换一个", args.addr),
        Lang::En => format!("{} cannot be used, --addr takes another", args.addr),
    };
    match TcpListener::bind(args.addr).await {
        // Whoever clicks wants a page, at whichever port.
        Err(error) if args.any_port && error.kind() == io::ErrorKind::AddrInUse => {
            let any = SocketAddr::new(args.addr.ip(), 0);
            TcpListener::bind(any).await.with_context(about)
        }
        bound => bound.with_context(about),
    }
}

/// Says where the page is, on standard output: the port may be one that the system chose.
fn greet(addr: SocketAddr, open: bool, lang: Lang) -> Result<()> {
    let address = format!("http://{addr}/");
    let mut out = io::stdout().lock();
    match lang {
        Lang::Zh => writeln!(out, "正名已在 {address} 运行，按 Ctrl+C 停止")?,
        Lang::En => writeln!(out, "zhengming serves {address} until Ctrl+C stops it")?,
    }
    out.flush()?;
    let ip = match addr.ip() {
        // An address for all of them is none to go to.
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let page = format!("http://{}/", SocketAddr::new(ip, addr.port()));
    if open && open::that_detached(page).is_err() {
        let what = lang.pick(
            "没能打开浏览器，请自行打开上面的地址",
            "no browser could be opened: open the address above",
        );
        writeln!(io::stderr(), "{what}")?;
    }
    Ok(())
}

/// Takes connections until the system says stop, then lets what has begun come to its end.
async fn serve(listener: TcpListener, server: &Arc<Server>) {
    let app = door::router(Arc::clone(server));
    let service = TowerToHyperService::new(app);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(64 << 10);
    let watch = tokio::spawn(look_after(Arc::clone(server)));
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(told_to_stop());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // No more file handles, say: wait for some to come free.
                server.log(&format!("accept: {error}"));
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&connections).try_acquire_owned() else {
            turn_away(&stream);
            continue;
        };
        // Answers are written whole; waiting for more of them only delays.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutWriter::new(stream);
        // A client that does not read its answer is not waited for.
        stream.set_timeout(Some(server.limits.time));
        let stream = TokioIo::new(Box::pin(stream));
        let connection = builder.serve_connection(stream, service.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // That a client went away is no event.
            let _ = connection.await;
            drop(permit);
        });
    }
    drop(listener);
    watch.abort();
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(LAST_ORDERS) => {}
        () = told_to_stop() => {}
    }
}

/// Answers a connection that is one too many, and closes it.
fn turn_away(stream: &TcpStream) {
    let answer = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let _ = stream.try_write(answer);
}

/// Loads lexicon and configuration anew when their files or the day have changed.
async fn look_after(server: Arc<Server>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        let server = Arc::clone(&server);
        let looked = tokio::task::spawn_blocking(move || {
            if let Some(news) = server.engine.refresh(today()) {
                server.figures.reloaded(&server.engine, news.is_ok());
                let lang = server.lang;
                server.tell(&match news {
                    Ok(entries) => match lang {
                        Lang::Zh => format!("词库和配置有改动，已重新载入（{entries} 个词条）"),
                        Lang::En => {
                            format!("lexicon and configuration changed and were loaded anew ({entries} entries)")
                        }
                    },
                    Err(why) => match lang {
                        Lang::Zh => format!("词库或配置有错，仍用原来的：\n{why}"),
                        Lang::En => format!(
                            "lexicon or configuration are broken, the old ones stay in use:\n{why}"
                        ),
                    },
                });
            }
        });
        let _ = looked.await;
    }
}

impl Server {
    /// A line about a request.
    fn log(&self, line: &str) {
        if self.logs {
            self.tell(line);
        }
    }

    /// Something that whoever keeps the server must know.
    fn tell(&self, what: &str) {
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        let lines = what.lines();
        let told: String = lines.map(|l| format!("{now} {}\n", visible(l))).collect();
        // At once, and not word by word: standard error keeps nothing back. Nobody is left to tell when it is gone.
        let _ = io::stderr().write_all(told.as_bytes());
    }
}

/// Ends when the system or a person asks the program to stop.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut end) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = end.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
