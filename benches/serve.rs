//! What a request costs beside the lint in it: 5 KB drafts from 64 connections, on Linux.
//!
//! `cargo bench --features serve --bench serve [-- REQUESTS]` measures the CPU time of three things: a request to a bare
//! handler that reads the body, by the same client; reading and linting a draft in a loop on all cores; and a request to
//! `zhengming serve`. They take turns, so that whatever else the machine does weighs on all of them alike. It also prints
//! the latency and the memory of the server, and exits with 1 when a request takes more than one and a half times the sum of
//! the first two, when 1 of 100 answers takes longer than 50 ms, or when memory grows.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::exit,
    reason = "a program that measures prints, and stops when it cannot"
)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::num::NonZeroUsize;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use zhengming::lexicon::Layer;
use zhengming::{Config, Document, Lexicon, Linter, ReadOptions};

const CONNECTIONS: usize = 64;
const LENGTH: usize = 5_000;
const WARM_UP: usize = 5_000;

/// How often the three take turns.
const TURNS: usize = 10;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|a| a == "bare") {
        return bare();
    }
    // `cargo bench -- --test` asks whether it runs at all.
    let is_test = args.iter().any(|a| a == "--test");
    let asked = args.iter().find_map(|a| a.parse().ok());
    let requests = asked.unwrap_or(if is_test { 2_000 } else { 100_000 });
    let drafts = drafts();
    let bodies: Vec<Vec<u8>> = drafts.iter().map(|d| request(d)).collect();

    let linter = linter();
    let (bare, server) = (start_bare(), start_server());
    let (mut own, mut in_bare, mut in_server) = Default::default();
    let mut run = Run::default();
    lint(&linter, &drafts, WARM_UP.min(requests));
    load(&bare, &bodies, WARM_UP.min(requests), &mut Run::default());
    load(&server, &bodies, WARM_UP.min(requests), &mut run);
    let before = memory(server.process.id());
    run = Run::default();
    let turn = requests / TURNS;
    for _ in 0..TURNS {
        own += lint(&linter, &drafts, turn);
        in_bare += load(&bare, &bodies, turn, &mut Run::default());
        in_server += load(&server, &bodies, turn, &mut run);
    }
    let after = memory(server.process.id());
    run.latencies.sort_by(f64::total_cmp);

    let micros = |d: Duration| d.as_secs_f64() * 1e6 / (turn * TURNS) as f64;
    let sum = micros(in_bare) + micros(own);
    let ratio = micros(in_server) / sum;
    println!("drafts of {LENGTH} bytes from {CONNECTIONS} connections, {requests} requests");
    println!(
        "CPU per request: bare handler {:.1} µs and lint {:.1} µs; zhengming serve {:.1} µs, {ratio:.2} times their sum",
        micros(in_bare),
        micros(own),
        micros(in_server),
    );
    println!(
        "latency: median {:.2} ms, 99 of 100 within {:.2} ms, longest {:.2} ms; {:.0} requests a second",
        run.percentile(0.5),
        run.percentile(0.99),
        run.percentile(1.0),
        run.latencies.len() as f64 / run.took.as_secs_f64(),
    );
    println!("memory: {before} kB before, {after} kB after");
    let grown = after.saturating_sub(before);
    let is_right = ratio <= 1.5 && run.percentile(0.99) < 50.0 && grown < 16_000;
    if !is_right && !is_test {
        println!("that is too much");
        std::process::exit(1);
    }
}

/// Drafts cut from the project's own notices, each with a mistake.
fn drafts() -> Vec<String> {
    let texts = [
        include_str!("../tests/corpus/自撰-通知.txt"),
        include_str!("../tests/corpus/自撰-报告.txt"),
        include_str!("../tests/corpus/自撰-方案.txt"),
        include_str!("../tests/corpus/自撰-讲话.txt"),
    ];
    texts
        .iter()
        .map(|text| {
            let mut text =
                format!("学习贯彻习总书记的讲话。\n{text}").repeat(LENGTH / text.len() + 1);
            let end = (0..=LENGTH).rev().find(|&n| text.is_char_boundary(n));
            text.truncate(end.unwrap_or(0));
            text
        })
        .collect()
}

fn request(draft: &str) -> Vec<u8> {
    let body = serde_json::json!({"text": draft, "filename": "通知.txt"}).to_string();
    let length = body.len();
    format!("POST /v1/check HTTP/1.1\r\nhost: localhost:PORT\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// The CPU time of reading and linting so many drafts, on all cores at once.
fn lint(linter: &Linter, drafts: &[String], times: usize) -> Duration {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let before = cpu(std::process::id());
    std::thread::scope(|scope| {
        for core in 0..cores {
            scope.spawn(move || {
                let mine = (core..times).step_by(cores);
                mine.for_each(|n| lint_one(linter, &drafts[n % drafts.len()]));
            });
        }
    });
    cpu(std::process::id()) - before
}

fn linter() -> Linter {
    let lexicon = Lexicon::load(&[Layer::builtin()]).expect("the embedded lexicon is valid");
    let linter = Linter::new(&lexicon, &Config::default()).expect("it compiles");
    linter.prepare();
    linter
}

fn lint_one(linter: &Linter, draft: &str) {
    let bytes = draft.to_owned().into_bytes();
    let document = Document::parse("通知.txt", bytes, &ReadOptions::default());
    std::hint::black_box(linter.lint(&document.expect("a draft")));
}

/// The CPU time of a process so far.
fn cpu(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux");
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or("")
        .split_whitespace()
        .collect();
    let ticks = |n: usize| fields[n].parse::<f64>().unwrap_or(0.0);
    // User and system time, in hundredths of a second.
    Duration::from_secs_f64((ticks(11) + ticks(12)) / 100.0)
}

/// Resident memory in kilobytes.
fn memory(process: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let line = status
        .lines()
        .find(|l| l.starts_with("VmRSS:"))
        .unwrap_or("");
    line.split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(0)
}

struct Server {
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn start_bare() -> Server {
    let this = std::env::current_exe().expect("this program");
    start(Command::new(this).arg("bare"))
}

fn start_server() -> Server {
    let folder = std::env::temp_dir();
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhengming"));
    command.args(["serve", "--isolated", "--addr", "127.0.0.1:0"]);
    start(command.current_dir(folder).stderr(Stdio::null()))
}

fn start(command: &mut Command) -> Server {
    let mut process = command.stdout(Stdio::piped()).spawn().expect("a server");
    let mut line = String::new();
    let out = process.stdout.take().expect("its output");
    BufReader::new(out)
        .read_line(&mut line)
        .expect("its address");
    let port = line.split("127.0.0.1:").nth(1).unwrap_or("");
    let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
    let port = digits.parse().expect("a port");
    Server { process, port }
}

/// How requests went.
#[derive(Default)]
struct Run {
    /// In milliseconds.
    latencies: Vec<f64>,
    took: Duration,
}

impl Run {
    /// With the latencies in order.
    fn percentile(&self, share: f64) -> f64 {
        let last = self.latencies.len() - 1;
        let n = (share * last as f64).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and last"
        )]
        let n = n as usize;
        self.latencies[n]
    }
}

/// Sends requests over all connections: the server's CPU time for them.
fn load(server: &Server, bodies: &[Vec<u8>], requests: usize, run: &mut Run) -> Duration {
    let port = server.port.to_string();
    let with_port = |b: &Vec<u8>| String::from_utf8_lossy(b).replacen("PORT", &port, 1);
    let bodies: Vec<Vec<u8>> = bodies.iter().map(|b| with_port(b).into_bytes()).collect();
    let process = server.process.id();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (before, start) = (cpu(process), Instant::now());
    let latencies = runtime.block_on(all(server.port, &bodies, requests));
    run.latencies.extend(latencies);
    run.took += start.elapsed();
    cpu(process) - before
}

async fn all(port: u16, bodies: &[Vec<u8>], requests: usize) -> Vec<f64> {
    let mut tasks = Vec::new();
    for n in 0..CONNECTIONS {
        let body = bodies[n % bodies.len()].clone();
        let own = requests / CONNECTIONS + usize::from(n < requests % CONNECTIONS);
        tasks.push(tokio::spawn(one(port, body, own)));
    }
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.expect("a connection that holds"));
    }
    latencies
}

async fn one(port: u16, request: Vec<u8>, times: usize) -> Vec<f64> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let mut latencies = Vec::with_capacity(times);
    let mut buffer = vec![0; 1 << 20];
    for _ in 0..times {
        let start = Instant::now();
        stream.write_all(&request).await.expect("to send");
        let mut got = 0;
        loop {
            got += stream.read(&mut buffer[got..]).await.expect("an answer");
            if length(&buffer[..got]).is_some_and(|length| got >= length) {
                break;
            }
        }
        assert!(
            buffer.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&buffer[..got])
        );
        latencies.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    latencies
}

/// How long an answer is, once its head is there.
fn length(answer: &[u8]) -> Option<usize> {
    let head = memchr::memmem::find(answer, b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..head]).ok()?;
    let line = text
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "));
    Some(head + line?.parse::<usize>().ok()?)
}

/// A server that reads bodies and does nothing with them.
fn bare() {
    let read = async |request: axum::extract::Request| {
        let body = axum::body::to_bytes(request.into_body(), 1 << 20).await;
        format!("{{\"length\": {}}}", body.map_or(0, |b| b.len()))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!(
            "127.0.0.1:{}",
            listener.local_addr().expect("an address").port()
        );
        let app = axum::Router::new().route("/v1/check", axum::routing::post(read));
        let service = hyper_util::service::TowerToHyperService::new(app);
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("an option");
            let service = service.clone();
            tokio::spawn(async move {
                let io = TokioIo::new(stream);
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(io, service)
                    .await;
            });
        }
    });
}
