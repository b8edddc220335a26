//! What a client's connection does without a service behind it.

use futures::FutureExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// A client, and the connection that it has to the service.
async fn connected(head: Duration) -> io::Result<(TcpStream, Connection)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = TcpStream::connect(listener.local_addr()?).await?;
    let times = Times { head, idle: Duration::from_secs(5) };
    Ok((client, Connection::new(listener.accept().await?.0, times)))
}

#[tokio::test]
async fn a_head_waits_until_the_answer_before_it_is_written() -> io::Result<()> {
    let (mut client, mut connection) = connected(Duration::from_secs(5)).await?;
    let (first, second) = (b"GET /a HTTP/1.1\r\n\r\n", b"GET /b HTTP/1.1\r\n\r\n");
    client.write_all(&[first.as_slice(), second].concat()).await?;
    assert!(connection.first_head().await?);
    let mut received = [0; 100];
    assert_eq!(connection.read(&mut received).await?, first.len());
    let answer = vec![0; 64 << 20];
    let mut written = 0;
    while let Some(length) = connection.write(&answer[written..]).now_or_never() {
        written += length?;
    }
    assert!(written < answer.len() && connection.read(&mut received).now_or_never().is_none());

    let reads = tokio::spawn(async move { client.read_exact(&mut vec![0; 64 << 20]).await });
    connection.write_all(&answer[written..]).await?;
    let length = connection.read(&mut received).await?;

    assert_eq!(&received[..length], second);
    assert_eq!(reads.await??, 64 << 20);
    Ok(())
}

#[tokio::test]
async fn a_large_head_that_is_late_waits_for_no_seat() -> io::Result<()> {
    let (mut client, mut connection) = connected(Duration::from_millis(200)).await?;
    let seats = Seats::new(1);
    let _taken = seats.take().await;
    client.write_all(&[b"GET /".as_slice(), &[b'a'; MOST_KEPT]].concat()).await?;

    assert!(connection.first_head().await?);
    assert!(!connection.take_seat(&seats).await?);

    drop(connection);
    let mut received = vec![0; TOO_LATE.len()];
    client.read_exact(&mut received).await?;
    assert_eq!(received, TOO_LATE);
    Ok(())
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_an_answer_is_given_up() -> io::Result<()> {
    let (client, mut connection) = connected(Duration::from_secs(5)).await?;
    connection.stall_timeout = Duration::from_millis(200);

    let written = connection.write_all(&vec![0; 64 << 20]).await;

    assert_eq!(written.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
    drop(client);
    Ok(())
}
