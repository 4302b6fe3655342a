//! Connections: accepted within bounds, and ended in good order.

use crate::silent::Heard;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use online::limits::HEADERS;
use online::router;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

/// Connections at a time; one more waits until another ends.
const CONNECTIONS: usize = 10_000;

/// For how long the head of a request may come, and a handshake take.
const HEAD: Duration = Duration::from_secs(10);

/// Bytes of a request's head.
const HEAD_BYTES: usize = 32 << 10;

/// Requests at a time on one connection of HTTP/2.
const STREAMS: u32 = 128;

/// For how long what was accepted may take once the server is to end.
const END: Duration = Duration::from_secs(15);

/// How long nothing is accepted after the system refused to give a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves `app` on `listener` until `stop` is over; what was accepted by then is finished.
pub async fn listen(
    app: Arc<online::App>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    stop: impl Future<Output = ()>,
) {
    let routes = router(app);
    let graceful = GracefulShutdown::new();
    let open = Arc::new(Semaphore::new(CONNECTIONS));
    tokio::pin!(stop);
    loop {
        let turn = Arc::clone(&open).acquire_owned();
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = async { (turn.await, listener.accept().await) } => accepted,
        };
        let (Ok(turn), Ok((stream, _))) = accepted else {
            tracing::warn!("a connection could not be accepted");
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // Small answers leave at once.
        let _ = stream.set_nodelay(true);
        let (routes, watcher) = (routes.clone(), graceful.watcher());
        let tls = tls.clone();
        tokio::spawn(async move {
            let _turn = turn;
            match tls {
                None => connection(stream, routes, watcher).await,
                Some(tls) => {
                    let shaken = tokio::time::timeout(HEAD, tls.accept(stream)).await;
                    if let Ok(Ok(stream)) = shaken {
                        connection(stream, routes, watcher).await;
                    }
                }
            }
        });
    }
    drop(listener);
    let ended = tokio::time::timeout(END, graceful.shutdown()).await;
    if ended.is_err() {
        tracing::warn!("connections were still open at the end");
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    routes: axum::Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD_BYTES as u32)
        .keep_alive_interval(Some(HEAD));
    let service = TowerToHyperService::new(routes);
    let stream = Heard::new(stream, HEAD);
    let work = builder.serve_connection(TokioIo::new(stream), service);
    // A client that goes away, or speaks no HTTP, is nobody's fault here.
    let _ = watcher.watch(work.into_owned()).await;
}
