//! `tieout-online serve`.

use crate::arguments::Serve;
use crate::outbound::Outbound;
use crate::sandbox::{AheadClock, ChildSandbox};
use crate::{dev, listen, risk, signers, tls};
use connectors_embedded::objects::FolderObjects;
use desk::config::Config;
use desk::failure::{Failure, Result};
use desk::{House, installation};
use online::App;
use online::limits::Limits;
use online::sandbox::Sandbox;
use online::webhooks::runner;
use online::webhooks::sender::Sender;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

/// Where `--dev` makes its installation where nothing is said.
const DEV_DIR: &str = "./tieout-dev";

/// How long the end waits for who sends webhooks: it only gives back its lease.
const LAST: Duration = Duration::from_secs(2);

/// Opens an installation and serves it until the process is told to end.
///
/// # Errors
/// What stands in the way of the installation, the address or the certificates.
pub async fn serve(asked: Serve) -> Result<()> {
    serve_over(asked, |_| ()).await
}

/// The same, over what `change` makes of the desks: the bench holds the same API over another
/// store.
///
/// # Errors
/// As [`serve`].
pub async fn serve_over(asked: Serve, change: impl FnOnce(&mut House)) -> Result<()> {
    // First of all: where somebody else listens, nothing is made and nobody's key is touched.
    let (listener, at) = bound(asked.listen).await?;
    let tls = match (&asked.tls_cert, &asked.tls_key) {
        (Some(certificates), Some(key)) => Some(tls::acceptor(certificates, key)?),
        _ => None,
    };
    let mut config = Config::read(asked.config.as_deref())?;
    let dir = asked.dir.clone().or(asked.dev.then(|| DEV_DIR.into()));
    if let Some(dir) = &dir {
        config = config.moved(dir)?;
    }
    if let (true, Some(dir)) = (asked.dev, &dir) {
        dev::installation(dir).await?;
    }
    let issuers = signers::issuers(std::mem::take(&mut config.issuers))?;
    let mut house = house(config).await?;
    // Those outside have no sandbox's clock.
    let outside = Arc::clone(&house.home.ports.clock);
    change(&mut house);
    let sandbox = match (asked.dev, &dir) {
        (true, Some(dir)) => Some(sandbox(&mut house, dir)?),
        _ => None,
    };
    let now = house.home.ports.clock.now();
    let key = match (asked.dev, &dir) {
        (true, Some(dir)) => Some(dev::key(&*house.home.ports.documents, dir, now).await?),
        _ => None,
    };
    let limits = Limits {
        at_a_time: asked.at_a_time,
        per_second: asked.per_second,
        request: Limits::default().request,
    };
    let app = App::with(house, limits, sandbox, issuers);
    if let Some(rules) = asked.risk {
        let files = risk::Files {
            rules,
            model: asked.risk_model,
            blocklist: asked.risk_blocklist,
            geo: asked.geo,
        };
        risk::begin(&app, files).await?;
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let mut said = json!({ "listening": format!("{scheme}://{at}") });
    if let Some(key) = key {
        said["api_key"] = json!(key);
    }
    println!("{said}");
    // Nobody has set one before.
    let _ = app.hooks.clock.set(outside);
    let webhooks = send(&app, asked.webhooks_to_localhost);
    let ending = Arc::clone(&app);
    let stop = async move {
        told_to_end().await;
        ending.hooks.end();
    };
    listen::listen(app, listener, tls, stop).await;
    // What it was about to keep of webhooks is kept; a task that hangs is not waited for.
    let _ = tokio::time::timeout(LAST, webhooks).await;
    Ok(())
}

/// Listens, and where.
async fn bound(listen: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let failed = |e: std::io::Error| {
        Failure::could_not(format!("{listen}: {e}")).remedy("name another --listen")
    };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let at = listener.local_addr().map_err(failed)?;
    Ok((listener, at))
}

/// Begins to send webhooks.
fn send(app: &Arc<App>, local: bool) -> JoinHandle<()> {
    let sender: Arc<dyn Sender> = Arc::new(Outbound::of_this_machine(local));
    let _ = app.hooks.sender.set(Arc::clone(&sender));
    tokio::spawn(runner::run(Arc::clone(app), sender))
}

/// The sandbox of an installation, whose clock all of its desks have from now on.
fn sandbox(house: &mut House, dir: &Path) -> Result<Arc<dyn Sandbox>> {
    let clock = Arc::new(AheadClock::new(Arc::clone(&house.home.ports.clock), dir));
    for desk in [&mut house.home].into_iter().chain(&mut house.others) {
        desk.ports.clock = Arc::<AheadClock>::clone(&clock);
    }
    Ok(Arc::new(ChildSandbox {
        tieout: dev::tieout()?,
        dir: dir.to_path_buf(),
        clock,
    }))
}

/// The desks of an installation.
///
/// # Errors
/// What stands in the way of opening it.
pub async fn house(config: Config) -> Result<House> {
    let others = config.others.iter();
    let others: Vec<_> = others
        .map(|one| (one.place.clone(), one.addresses.clone()))
        .collect();
    // What a newer program keeps there is not looked into.
    for one in [&config].into_iter().chain(&config.others) {
        let at = &one.addresses;
        let objects = FolderObjects::over(&at.folder("objects", at.objects.as_ref(), "objects")?);
        installation::before_opening(&objects).await?;
    }
    // Nor is what an older one keeps changed by opening it, or a place of another installation.
    connectors_embedded::is_there(&config.addresses)?;
    let at = &config.addresses;
    let objects = FolderObjects::over(&at.folder("objects", at.objects.as_ref(), "objects")?);
    installation::current_at(&objects, &connectors_embedded::places(at)?, &config.bank).await?;
    let (home, others) = connectors_embedded::open_all(&config.addresses, &others)?;
    let house = House::over(home, others, config);
    for desk in house.desks() {
        installation::current(desk).await?;
        installation::has_its_payments(desk).await?;
    }
    Ok(house)
}

/// Waits until the process is told to end.
async fn told_to_end() {
    let kinds = [SignalKind::terminate(), SignalKind::interrupt()];
    let [terminate, interrupt] = kinds.map(|kind| signal(kind).ok());
    let until = async |signal: Option<tokio::signal::unix::Signal>| match signal {
        Some(mut signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    };
    tokio::select! {
        () = until(terminate) => {}
        () = until(interrupt) => {}
    }
}
