//! What proxies hold back, and what they leave to the service to refuse.

use std::time::Duration;

use futures::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{interval, timeout},
};

use crate::{
    site::{Kind, Site},
    support::{
        Workspace,
        answers::{NO_MESSAGES, PERIOD, assert_all_agree, difference, no_json_error},
        send,
    },
};

/// Before nginx's own default would cut a slow client off, or Caddy's of later versions.
const MOST: Duration = Duration::from_secs(45);

/// Sends a head that never ends, a byte a second, until the connection is closed.
async fn drip(mut stream: TcpStream) {
    let (mut reader, mut writer) = stream.split();
    let closed = async { while reader.read(&mut [0; 1024]).await.is_ok_and(|length| length > 0) {} };
    let dripping = async {
        let mut second = interval(Duration::from_secs(1));
        for byte in b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".iter().chain(std::iter::repeat(&b'x')) {
            second.tick().await;
            if writer.write_all(&[*byte]).await.is_err() {
                // What the reader will see as well.
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = closed => {}
        () = dripping => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_a_byte_a_second_is_cut_off() {
    let slow = async |kind| {
        let site = Site::start(kind).await;
        let streams = [TcpStream::connect(site.http).await, TcpStream::connect(site.http).await];
        let [dripping, silent] = streams.map(|stream| stream.expect("a connection"));
        let mut silent = silent;
        timeout(MOST, drip(dripping)).await.unwrap_or_else(|_| panic!("{kind:?} puts up with a slow client"));
        let silent = timeout(MOST, silent.read(&mut [0; 1024])).await;
        silent.map(drop).unwrap_or_else(|_| panic!("{kind:?} puts up with a silent client"));
    };
    // A host's own nginx has its own limits.
    join_all(Kind::whole().into_iter().map(slow)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_up_to_the_limits_pass_the_proxies_and_larger_ones_get_the_services_error() {
    let workspace = Workspace::with_admin().await.without_rate_limit().await;
    for kind in Kind::whole() {
        let (site, service) = Site::on(kind, &workspace).await;
        let admin = Workspace::admin();
        let target = |length: usize| {
            let target = site.asking(&format!("{PERIOD}&x="));
            format!("{target}{}", "x".repeat(length - target.len()))
        };
        let large = |length: usize| {
            let headers = [("X-Large", "x".repeat(length)), ("X-Larger", "x".repeat(length))];
            admin.map(|(name, value)| (name, value.to_owned())).into_iter().chain(headers).collect::<Vec<_>>()
        };
        let ask = async |target: String, headers: Vec<(&str, String)>| {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
            send(site.http, "GET", &target, &headers, b"").await
        };

        let longest = ask(target(8 * 1024), large(1)).await;
        let too_long = ask(target(8 * 1024 + 1), large(1)).await;
        let largest = ask(target(1024), large(15_000)).await;
        let too_large = ask(target(1024), [large(16_000), large(1_000)].concat()).await;

        service.stop().await;
        let row = format!("{kind:?}");
        assert_all_agree(
            [
                difference(&row, &longest, 200, NO_MESSAGES),
                no_json_error(&row, &too_long, 414),
                difference(&row, &largest, 200, NO_MESSAGES),
                no_json_error(&row, &too_large, 431),
            ]
            .into_iter()
            .flatten(),
        );
    }
}

// nginx of Compose has only memory to keep an upload in.
#[tokio::test(flavor = "multi_thread")]
async fn in_compose_an_upload_arrives_while_it_is_being_sent() {
    let site = Site::start(Kind::NginxInCompose).await;
    let mut stream = TcpStream::connect(site.http).await.expect("a connection");
    let head = "POST /api/v1/rooms.media/GENERAL HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("a head");
    stream.write_all(&[b'x'; 100_000]).await.expect("a part of the body");
    // The stand-in answers when it has the head.
    let mut answer = [0; 12];
    let arrived = timeout(MOST, stream.read_exact(&mut answer)).await;
    assert!(matches!(arrived, Ok(Ok(_))) && answer == *b"HTTP/1.1 200", "{arrived:?}: {}", answer.escape_ascii());
}
