//! The door: who may come in, what every answer carries, and where each request goes.

use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, MatchedPath, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zhengming::Lang;

use super::answer::{Answer, Tally, work};
use super::body::{Meter, drain};
use super::refusal::Refusal;
use super::request::{Act, Ask, Content, Draft, language, read};
use super::{Server, figures, page, rules};

/// What the page may load: its own files, and nothing that a draft says.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a report in HTML may do: show itself.
const REPORT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/// The longest text that is linted where it was read, in bytes.
const SMALL: usize = 32 << 10;

/// The description of the interface.
const OPENAPI: &str = include_str!("openapi.json");

/// The routes, as logs and figures call them.
const ROUTES: &[&str] = &[
    "/",
    "/assets/{file}",
    "/v1/check",
    "/v1/fix",
    "/v1/annotate",
    "/v1/rules",
    "/v1/rules/{*id}",
    "/healthz",
    "/metrics",
    "/openapi.json",
];

/// What is asked of whoever comes in.
pub(super) enum Door {
    /// A request for this machine, from a page of this server or from no page at all.
    Local(SocketAddr),
    /// SHA-256 of the token.
    Token([u8; 32]),
}

impl Door {
    pub(super) fn new(addr: SocketAddr, token: Option<String>) -> Self {
        match token {
            Some(token) => Self::Token(Sha256::digest(token.as_bytes()).into()),
            None => Self::Local(addr),
        }
    }

    fn admit(&self, headers: &HeaderMap, route: &str) -> Result<(), Refusal> {
        match self {
            Self::Local(addr) => admit_local(*addr, headers),
            // The page must come up before it can ask for the token.
            Self::Token(_)
                if ["/", "/assets/{file}", "/openapi.json", "/healthz"].contains(&route) =>
            {
                Ok(())
            }
            Self::Token(hash) if knows(hash, headers) => Ok(()),
            Self::Token(_) => Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "需要口令：Authorization: Bearer …",
                "a token is needed: Authorization: Bearer …",
            )
            .with(header::WWW_AUTHENTICATE, "Bearer")),
        }
    }

    /// Whether this request may know how the server is.
    fn trusts(&self, headers: &HeaderMap) -> bool {
        match self {
            Self::Local(_) => true,
            Self::Token(hash) => knows(hash, headers),
        }
    }
}

/// Both sides are hashed, so that neither time nor length tells anything.
fn knows(hash: &[u8; 32], headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION);
    let value = value.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let Some((scheme, token)) = value.split_once(' ') else {
        return false;
    };
    let given: [u8; 32] = Sha256::digest(token.trim().as_bytes()).into();
    scheme.eq_ignore_ascii_case("bearer") && bool::from(given.ct_eq(hash))
}

/// Other sites must not reach the server through a browser: neither under a name of theirs that leads here, nor from a
/// page of theirs.
fn admit_local(addr: SocketAddr, headers: &HeaderMap) -> Result<(), Refusal> {
    let host = only(headers, header::HOST);
    let host = host.filter(|host| is_own(host, addr)).ok_or_else(|| {
        Refusal::new(
            StatusCode::MISDIRECTED_REQUEST,
            "host",
            format!("Host 应为 {addr} 或 localhost:{}", addr.port()),
            format!("the Host must be {addr} or localhost:{}", addr.port()),
        )
    })?;
    let foreign = || {
        Refusal::new(
            StatusCode::FORBIDDEN,
            "origin",
            "不接受其他网站的请求",
            "requests from other sites are not served",
        )
    };
    if headers.contains_key(header::ORIGIN) {
        let own = only(headers, header::ORIGIN).and_then(|o| o.strip_prefix("http://"));
        if own != Some(host) {
            return Err(foreign());
        }
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let mode = headers.get("sec-fetch-mode").map(HeaderValue::as_bytes);
    // To follow a link from elsewhere to the page is fine.
    let is_foreign = matches!(site, Some(b"cross-site" | b"same-site"));
    if is_foreign && mode != Some(b"navigate") {
        return Err(foreign());
    }
    Ok(())
}

/// The value of a header that stands there once: of two that contradict each other none is believed.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

/// Whether a Host names this server.
fn is_own(host: &str, addr: SocketAddr) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
        _ => (host, Some(80)),
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |ip: IpAddr| ip == addr.ip() || ip.is_loopback() && addr.ip().is_loopback();
    port == Some(addr.port())
        && (name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(is_loopback))
}

pub(super) fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/", get(async || file("index.html")))
        .route(
            "/assets/{file}",
            get(async |name: Result<Path<String>, PathRejection>| {
                // What is no text names no file.
                file(&name.map(|Path(name)| name).unwrap_or_default())
            }),
        )
        .route("/v1/check", post(check))
        .route("/v1/fix", post(fix))
        .route("/v1/annotate", post(annotate))
        .route("/v1/rules", get(all_rules))
        .route("/v1/rules/{*id}", get(one_rule))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .route(
            "/openapi.json",
            get(async || plain(OPENAPI, "application/json")),
        )
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(&server), guard))
        .layer(DefaultBodyLimit::disable())
        .with_state(server)
}

/// Stands before every route: lets in, counts, logs, and dresses the answer.
async fn guard(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let matched = request.extensions().get::<MatchedPath>();
    let matched = matched.map_or("", MatchedPath::as_str);
    let route = ROUTES.iter().find(|r| **r == matched).copied();
    let route = route.unwrap_or("other");
    let method = request.method().clone();
    let head = request.headers();
    let lang = language(head, server.lang);
    server.figures.in_flight.inc();
    let _in_flight = Leaving(&server);
    let mut response = match server.door.admit(head, route) {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            drain(request.into_body());
            refusal.into_response(lang)
        }
    };
    dress(&mut response);
    let took = start.elapsed();
    let status = response.status().as_u16();
    server.figures.answered(route, status, took);
    if server.logs {
        let millis = took.as_secs_f64() * 1000.0;
        let tally = response.extensions().get::<Tally>();
        let tally = tally.map(Tally::to_string).unwrap_or_default();
        server.log(&format!("{method} {route} {status} {millis:.1}ms{tally}"));
    }
    response
}

/// Counts a request out, also when its client goes away in the middle.
struct Leaving<'a>(&'a Server);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.figures.in_flight.dec();
    }
}

fn dress(response: &mut Response) {
    let headers = response.headers_mut();
    let is_html = |v: &HeaderValue| v.as_bytes().starts_with(b"text/html");
    let is_report = headers.contains_key(header::CONTENT_DISPOSITION)
        && headers.get(header::CONTENT_TYPE).is_some_and(is_html);
    let policy = if is_report { REPORT_POLICY } else { POLICY };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
}

async fn check(State(server): State<Arc<Server>>, request: Request) -> Response {
    serve(server, Act::Check, request).await
}

async fn fix(State(server): State<Arc<Server>>, request: Request) -> Response {
    serve(server, Act::Fix, request).await
}

async fn annotate(State(server): State<Arc<Server>>, request: Request) -> Response {
    serve(server, Act::Annotate, request).await
}

async fn serve(server: Arc<Server>, act: Act, request: Request) -> Response {
    let lang = language(request.headers(), server.lang);
    match attend(server, act, request, lang).await {
        Ok(answer) => answer_with(answer),
        Err(refusal) => refusal.into_response(lang),
    }
}

async fn attend(
    server: Arc<Server>,
    act: Act,
    request: Request,
    lang: Lang,
) -> Result<Answer, Refusal> {
    // Told at once, and not only when the drafts have been sent.
    if server.working.load(Ordering::Relaxed) >= server.limits.requests {
        drain(request.into_body());
        return Err(Refusal::busy());
    }
    let meter = Meter::new(&server);
    let (drafts, ask) = read(&server, act, request, &meter, lang).await?;
    if is_small(&drafts, &ask) {
        let work = AssertUnwindSafe(|| perform(&server, drafts, &ask));
        return catch_unwind(work).map_err(|_| Refusal::internal())?;
    }
    let place = Place::take(&server).ok_or_else(Refusal::busy)?;
    let core = Arc::clone(&server.cores).acquire_owned();
    let core = tokio::time::timeout(server.limits.time, core).await;
    let core = core.map_err(|_| Refusal::busy())?;
    let core = core.map_err(|_| Refusal::internal())?;
    let done = tokio::task::spawn_blocking(move || {
        let answer = perform(&server, drafts, &ask);
        // Kept until the work is done, also when the client has gone away and nobody waits for the answer.
        drop((core, place, meter));
        answer
    });
    done.await.map_err(|_| Refusal::internal())?
}

/// Whether the work takes less than a millisecond or so: then it costs more to hand it to another thread than it holds up
/// the requests beside it. A docx can be large however small it is.
fn is_small(drafts: &[Draft], ask: &Ask) -> bool {
    let is_short = |d: &Draft| matches!(&d.content, Content::Text(text) if text.len() <= SMALL);
    ask.act == Act::Check && drafts.iter().all(is_short)
}

fn perform(server: &Server, drafts: Vec<Draft>, ask: &Ask) -> Result<Answer, Refusal> {
    let sent = drafts.len();
    let answer = work(&server.engine.now(), drafts, ask)?;
    server.figures.checked(sent, &answer.summary);
    Ok(answer)
}

/// A place among the requests that have a core or wait for one.
struct Place(Arc<Server>);

impl Place {
    fn take(server: &Arc<Server>) -> Option<Self> {
        let place = Self(Arc::clone(server));
        let others = server.working.fetch_add(1, Ordering::Relaxed);
        (others < server.limits.requests).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::Relaxed);
    }
}

fn answer_with(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.bytes));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(answer.media_type),
    );
    if let Some(name) = answer.attached {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    }
    response.extensions_mut().insert(answer.tally);
    response
}

fn plain(text: impl Into<Body>, media_type: &'static str) -> Response {
    let mut response = Response::new(text.into());
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn file(name: &str) -> Response {
    match page::FILES.iter().find(|file| file.0 == name) {
        Some((_, media_type, content)) => plain(*content, media_type),
        None => missing().into_response(Lang::default()),
    }
}

async fn all_rules(State(server): State<Arc<Server>>) -> Response {
    let rules = rules::all(&server.engine.now());
    plain(rules.to_string(), "application/json")
}

async fn one_rule(
    State(server): State<Arc<Server>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let lang = language(&headers, server.lang);
    // What is no text names no rule.
    let id = id.map(|Path(id)| id).unwrap_or_default();
    match rules::one(&server.engine.now(), &id) {
        Some(rule) => plain(rule.to_string(), "application/json"),
        None => Refusal::new(
            StatusCode::NOT_FOUND,
            "no_such_rule",
            "没有这条规则；/v1/rules 列出所有规则",
            "there is no such rule: /v1/rules lists them",
        )
        .into_response(lang),
    }
}

async fn health(State(server): State<Arc<Server>>, headers: HeaderMap) -> Response {
    let problem = server.engine.problem();
    let status = if problem.is_some() { "degraded" } else { "ok" };
    let mut body = json!({"status": status});
    // What is wrong names files, and is for those who may come in.
    if server.door.trusts(&headers) {
        let id = server.engine.now().checker.id();
        body["version"] = env!("CARGO_PKG_VERSION").into();
        body["lexicon"] = json!({"digest": id.digest, "entries": id.entries});
        body["problem"] = problem.into();
    }
    plain(body.to_string(), "application/json")
}

async fn metrics(State(server): State<Arc<Server>>) -> Response {
    match server.figures.text() {
        Ok(text) => plain(text, figures::MEDIA_TYPE),
        Err(_) => Refusal::internal().into_response(server.lang),
    }
}

fn missing() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "没有这个地址；/openapi.json 列出所有地址",
        "there is nothing here: /openapi.json lists what there is",
    )
}

async fn nothing_here(State(server): State<Arc<Server>>, request: Request) -> Response {
    let lang = language(request.headers(), server.lang);
    drain(request.into_body());
    missing().into_response(lang)
}

async fn wrong_method(State(server): State<Arc<Server>>, request: Request) -> Response {
    let lang = language(request.headers(), server.lang);
    let method: Method = request.method().clone();
    drain(request.into_body());
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        format!("这个地址不接受 {method}"),
        format!("{method} is not for this address"),
    )
    .into_response(lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_the_server_s_own() {
        for (addr, host, want) in [
            ("127.0.0.1:8787", "127.0.0.1:8787", true),
            ("127.0.0.1:8787", "localhost:8787", true),
            ("127.0.0.1:8787", "LOCALHOST:8787", true),
            ("127.0.0.1:8787", "[::1]:8787", true),
            ("[::1]:8787", "[::1]:8787", true),
            ("127.0.0.1:80", "localhost", true),
            ("[::1]:80", "[::1]", true),
            ("127.0.0.1:8787", "localhost", false),
            ("127.0.0.1:8787", "localhost:87870", false),
            ("127.0.0.1:8787", "localhost.:8787", false),
            ("127.0.0.1:8787", "127.0.0.1.evil.example:8787", false),
            ("127.0.0.1:8787", "10.0.0.1:8787", false),
            ("127.0.0.1:8787", "evil.example:8787", false),
            ("127.0.0.1:8787", "", false),
        ] {
            assert_eq!(is_own(host, addr.parse().unwrap()), want, "{addr} {host}");
        }
    }

    #[test]
    fn every_route_is_known_to_logs_and_described() {
        let described: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        for route in ROUTES.iter().filter(|r| !r.starts_with("/assets")) {
            let path = route.replace("{*id}", "{id}");
            assert!(described["paths"].get(&path).is_some(), "{route}");
        }
    }

    #[test]
    fn the_page_has_all_its_files() {
        let names = |text: &str| -> Vec<String> {
            let from = text.split(['"', '\'']);
            let own =
                from.filter_map(|s| s.strip_prefix("/assets/").or_else(|| s.strip_prefix("./")));
            own.map(str::to_owned).collect()
        };
        for (name, _, content) in page::FILES {
            for wanted in names(content) {
                let is_there = page::FILES.iter().any(|file| file.0 == wanted);
                assert!(is_there, "{name} wants {wanted}");
            }
        }
    }
}
