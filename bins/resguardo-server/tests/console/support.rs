//! A filled demonstration, and visitors of it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, HttpBody as _, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use clinic_runtime::{Database, ExampleClinic, HomeOptions, KeyAccess, Runtime, example_clinic, open_home};
use postgres_store::Clock;
use postgres_store::embedded::Login;
use postgres_store::testing::TestDatabase;
use records_model::Vocabulary as _;
use resguardo_server::{App, AppParts, DEMO_PASSWORD, Serving, fill, router, sign_ins};
use tower::ServiceExt as _;

/// A clinic filled with the invented data.
pub(crate) struct Demo {
    pub(crate) runtime: Arc<Runtime>,
    app: Arc<App>,
    router: Router,
    keys: Arc<Keys>,
}

/// The filled database, and the key file that opens it; filled once, copied by every test.
static FILLED: OnceLock<(TestDatabase, String)> = OnceLock::new();

async fn open(database: &TestDatabase, keys: &Path) -> Arc<Runtime> {
    let options = HomeOptions {
        database: Database::Urls {
            app: database.target(Login::App).to_keywords(),
            sequencer: database.target(Login::Sequencer).to_keywords(),
            keys: keys.to_owned(),
        },
        documents: example_clinic(ExampleClinic::Elicells),
        keys: KeyAccess::default(),
        clock: Clock::At("2025-06-01T15:00:00Z".parse().unwrap()),
        connections: 4,
    };
    Arc::new(open_home(options).await.unwrap().runtime)
}

/// The folder of a clinic's key, which goes with the last who serves it.
pub(crate) struct Keys(PathBuf);

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn key_folder(name: &str) -> PathBuf {
    let keys = std::env::temp_dir().join(format!("resguardo-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&keys).unwrap();
    keys
}

/// Fills the first database on a runtime of its own: connections belong to the runtime that opened them.
fn filled() -> (TestDatabase, String) {
    let filling = std::thread::spawn(|| {
        let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        threads.block_on(async {
            let database = TestDatabase::create("console_filled").await.unwrap();
            let keys = key_folder("console_filled");
            fill(&open(&database, &keys).await).await.unwrap();
            let key = std::fs::read_to_string(keys.join("epoch.key")).unwrap();
            std::fs::remove_dir_all(keys).unwrap();
            (database, key)
        })
    });
    filling.join().unwrap()
}

fn write_key(path: &Path, key: &str) {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    file.write_all(key.as_bytes()).unwrap();
}

impl Demo {
    pub(crate) async fn filled(name: &str) -> Self {
        let (database, key) = tokio::task::spawn_blocking(|| FILLED.get_or_init(filled)).await.unwrap();
        let database = database.copy(name).await.unwrap();
        let keys = key_folder(name);
        write_key(&keys.join("epoch.key"), key);
        let runtime = open(&database, &keys).await;
        Self::serving(runtime, Serving::Demonstration(sign_ins()), Arc::new(Keys(keys)))
    }

    fn serving(runtime: Arc<Runtime>, serving: Serving, keys: Arc<Keys>) -> Self {
        let parts = AppParts { runtime: Arc::clone(&runtime), clock: Clock::Database, serving };
        let app = App::new(parts);
        Self { runtime, app: Arc::clone(&app), router: router(app), keys }
    }

    /// The same clinic, served in earnest.
    pub(crate) fn in_earnest(&self) -> Self {
        Self::serving(Arc::clone(&self.runtime), Serving::InEarnest, Arc::clone(&self.keys))
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor { router: self.router.clone(), cookie: None, token: String::new() }
    }

    pub(crate) async fn signed_in(&self, login: &str) -> Visitor {
        let mut visitor = self.visitor();
        let page = visitor.sign_in(login, DEMO_PASSWORD).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
        visitor.get("/today").await;
        visitor
    }
}

impl Demo {
    /// The outcomes of every log entry of this kind, in the order of the log.
    pub(crate) async fn entries(&self, event: &str) -> Vec<&'static str> {
        let (store, clinic) = (self.runtime.store(), self.runtime.clinic());
        self.app.settled().await;
        self.runtime.sequence(Clock::Database).await.unwrap();
        let page = store.log_page(clinic, 0, u32::MAX).await.unwrap();
        let leaves = page.iter().map(|entry| audit_log::Leaf::decode(&entry.leaf).unwrap().into_parts());
        leaves.filter(|parts| parts.event.code() == event).map(|parts| parts.outcome.code()).collect()
    }
}

/// A page as a visitor got it.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    /// The cookies that it sets.
    pub(crate) cookies: Vec<String>,
    /// The header that keeps browsers to TLS.
    pub(crate) tls_only: Option<String>,
    /// Whether its length was known before it was sent.
    pub(crate) is_sized: bool,
    /// What a browser may load for it.
    pub(crate) policy: Option<String>,
    pub(crate) text: String,
}

/// A browser that keeps one cookie and the token of the last page.
pub(crate) struct Visitor {
    router: Router,
    cookie: Option<String>,
    token: String,
}

impl Visitor {
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = Request::get(path).header(header::ACCEPT_LANGUAGE, "en");
        self.send(request.body(Body::empty()).unwrap(), self.cookie.clone()).await
    }

    /// Tries to sign in.
    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) -> Page {
        self.post("/sign-in", &[("login", login), ("password", password)]).await
    }

    /// Posts a form from the last page, with its token.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.token.clone();
        let with_token: Vec<(&str, &str)> =
            fields.iter().copied().chain([("token", token.as_str())]).collect();
        self.post_bare(path, &with_token, &[]).await
    }

    /// Sends any request, with these headers.
    pub(crate) async fn ask(&mut self, method: Method, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap(), self.cookie.clone()).await
    }

    /// Posts exactly these fields, with these headers.
    pub(crate) async fn post_bare(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Page {
        let mut request = Request::post(path).header(header::ACCEPT_LANGUAGE, "en");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Body::from(serde_urlencoded::to_string(fields).unwrap());
        self.send(request.body(body).unwrap(), self.cookie.clone()).await
    }

    async fn send(&mut self, mut request: Request<Body>, cookie: Option<String>) -> Page {
        if let Some(cookie) = cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let text_of = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
        let location = response.headers().get(header::LOCATION).map(text_of);
        let cookies: Vec<String> =
            response.headers().get_all(header::SET_COOKIE).iter().map(text_of).collect();
        let tls_only = response.headers().get(header::STRICT_TRANSPORT_SECURITY).map(text_of);
        for cookie in cookies.iter().filter(|cookie| cookie.contains("resguardo_session=")) {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        let is_sized = response.body().size_hint().exact().is_some();
        let policy = response.headers().get(header::CONTENT_SECURITY_POLICY).map(text_of);
        let bytes = to_bytes(response.into_body(), 8 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        if let Some((_, rest)) = text.split_once("name=\"token\" value=\"") {
            rest.split('"').next().unwrap().clone_into(&mut self.token);
        }
        Page { status, location, cookies, tls_only, is_sized, policy, text }
    }
}

/// The first address on a page that begins so.
pub(crate) fn link(page: &Page, prefix: &str) -> String {
    let start = page.text.find(&format!("\"{prefix}")).unwrap_or_else(|| panic!("no {prefix} on the page"));
    page.text[start + 1..].split('"').next().unwrap().to_owned()
}
