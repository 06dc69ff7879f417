//! Starts everything, serves, and stops it again.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use clinic_runtime::{
    ClinicFiles, ExampleClinic, FolderChoice, Home, HomeOptions, KeyAccess, Runtime, RuntimeError,
    example_clinic, open_home, read_clinic_folder,
};
use postgres_store::Clock;
use postgres_store::embedded::{FolderKind, Occupant};
use thiserror::Error;

use crate::app::{App, AppParts};
use crate::demo::{self, DemoError};
use crate::serving::Serving;
use crate::{Options, console, fields, guard};

/// Why the server could not serve.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Anybody on the way could read what is sent in the clear.
    #[error(
        "{0} is no loopback address, and this server speaks no TLS of its own yet; listen on 127.0.0.1 and put a TLS proxy in front"
    )]
    NotLoopback(std::net::IpAddr),
    /// The port cannot be had.
    #[error("port {port} cannot be used: {why}; choose another with --port, or 0 for a free one")]
    Port {
        /// Which.
        port: u16,
        /// What the system said.
        why: std::io::Error,
    },
    /// A demonstration keeps to a folder of its own.
    #[error("--demo fills a folder of its own; unset DATABASE_URL, or leave --demo out")]
    DemoOnDatabase,
    /// The clinic could not be opened.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The invented data could not be made.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// The system did not let the server run.
    #[error("the server stopped: {0}")]
    Io(#[from] std::io::Error),
}

/// Connections of the application's pool.
const CONNECTIONS: usize = 8;
/// How often committed log entries get their place and a signed head.
const SEQUENCE_EVERY: Duration = Duration::from_secs(2);

/// Serves until it is told to stop (interrupt or terminate).
///
/// # Errors
///
/// [`ServeError`] with what to do next.
pub async fn serve(options: Options) -> Result<(), ServeError> {
    let listener = listen(&options)?;
    let home = open(&options).await?;
    let Home { runtime, cluster, .. } = home;
    let runtime = Arc::new(runtime);
    let served = run(&options, Arc::clone(&runtime), listener).await;
    // What was decided last gets its place before the database goes.
    let _ = runtime.sequence(Clock::Database).await;
    drop(runtime);
    if let Some(cluster) = cluster {
        let left = tokio::task::spawn_blocking(move || cluster.leave()).await;
        if let Ok(Err(error)) = left {
            tracing::warn!(%error, "the private Postgres could not be left in order");
        }
    }
    served
}

/// Says at every start that the keys could not be brought back, until somebody tried and they could.
async fn warn_of_recovery(runtime: &Runtime) -> Result<(), RuntimeError> {
    if let Some(warning) = runtime.recovery_warning(Clock::Database).await? {
        tracing::warn!("{warning}");
    }
    Ok(())
}

fn listen(options: &Options) -> Result<TcpListener, ServeError> {
    if !options.listen.is_loopback() {
        return Err(ServeError::NotLoopback(options.listen));
    }
    let bound = TcpListener::bind(SocketAddr::new(options.listen, options.port));
    let listener = bound.map_err(|why| ServeError::Port { port: options.port, why })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

async fn open(options: &Options) -> Result<Home, ServeError> {
    if options.demo && options.database_url.is_some() {
        return Err(ServeError::DemoOnDatabase);
    }
    let kind = if options.demo { FolderKind::Demo } else { FolderKind::Production };
    let clock = if options.demo { Clock::At(demo::opening_day()) } else { Clock::Database };
    let environment = |name: &str| std::env::var(name).ok();
    let keys = KeyAccess::gather(options.keys.as_deref(), options.passphrase_file.as_deref(), environment)?;
    Ok(open_home(HomeOptions {
        database: options.place().database(Occupant::Server, FolderChoice::Only(kind))?,
        documents: documents(options)?,
        keys,
        clock,
        connections: CONNECTIONS,
    })
    .await?)
}

fn documents(options: &Options) -> Result<ClinicFiles, RuntimeError> {
    match (&options.clinic, &options.profiles) {
        (Some(clinic), Some(profiles)) => read_clinic_folder(clinic, profiles),
        _ => Ok(example_clinic(ExampleClinic::Elicells)),
    }
}

async fn run(options: &Options, runtime: Arc<Runtime>, listener: TcpListener) -> Result<(), ServeError> {
    warn_of_recovery(&runtime).await?;
    let serving = if options.demo {
        demo::fill(&runtime).await?;
        Serving::Demonstration(demo::sign_ins())
    } else {
        Serving::InEarnest
    };
    let sequencing = tokio::spawn(keep_sequencing(Arc::clone(&runtime)));
    let app = App::new(AppParts { runtime, clock: Clock::Database, serving });
    let address = listener.local_addr()?;
    announce(&app, address, options)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let served = axum::serve(listener, router(Arc::clone(&app))).with_graceful_shutdown(told_to_stop()).await;
    app.settled().await;
    sequencing.abort();
    Ok(served?)
}

/// Says where it listens, and in a demonstration how to sign in.
fn announce(app: &App, address: SocketAddr, options: &Options) -> Result<(), ServeError> {
    let mut out = std::io::stdout().lock();
    if !app.serving.sign_ins().is_empty() {
        writeln!(out, "Invented data. Sign in with the password `{}` as:", demo::DEMO_PASSWORD)?;
        for sign_in in app.serving.sign_ins() {
            writeln!(out, "  {:<14} {}", sign_in.login, sign_in.role)?;
        }
    }
    writeln!(out, "listening on http://{address}")?;
    out.flush()?;
    if options.demo && !options.no_open {
        open_browser(address);
    }
    Ok(())
}

/// Opens the desktop's browser where there is a desktop; elsewhere the printed line is enough.
fn open_browser(address: SocketAddr) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let has_desktop = cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if has_desktop {
        let mut browser = std::process::Command::new(program);
        let quiet = std::process::Stdio::null;
        let _ = browser.arg(format!("http://{address}")).stdout(quiet()).stderr(quiet()).spawn();
    }
}

/// Every page, behind the guard.
pub fn router(app: Arc<App>) -> Router {
    console::routes()
        .fallback(console::nowhere)
        .layer(from_fn_with_state(Arc::clone(&app), guard::guard))
        .layer(DefaultBodyLimit::max(fields::FORM_BYTES_MAX))
        .with_state(app)
}

async fn keep_sequencing(runtime: Arc<Runtime>) {
    let mut every = tokio::time::interval(SEQUENCE_EVERY);
    loop {
        every.tick().await;
        if let Err(error) = runtime.sequence(Clock::Database).await {
            tracing::error!(%error, "log entries could not be placed");
        }
    }
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut stream) => {
                stream.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
