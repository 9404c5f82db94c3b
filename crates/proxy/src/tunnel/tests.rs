use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use super::*;
use crate::live::Live;

/// Both ends of a connection.
async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
    (near.unwrap(), far.unwrap().0)
}

async fn tunnel(mut client: TcpStream, mut upstream: TcpStream, idle: Duration) -> (End, u64, u64, usize) {
    let (traffic, buffers, live) = (Traffic::default(), Buffers::default(), Live::default().enter());
    let end = run(&mut client, &mut upstream, &traffic, &buffers, &live, idle).await;
    let spare = buffers.0.lock().unwrap().len();
    (end, traffic.up.load(Ordering::Relaxed), traffic.down.load(Ordering::Relaxed), spare)
}

#[tokio::test]
async fn bulk_arrives_whole_in_both_directions_at_once() {
    let (near, client) = pair().await;
    let (upstream, far) = pair().await;
    let running = tokio::spawn(tunnel(client, upstream, Duration::from_mins(1)));
    let bulk: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let send = async |mut stream: TcpStream, bulk: &[u8]| {
        let (mut reader, mut writer) = stream.split();
        let mut read = Vec::new();
        let (written, count) = tokio::join!(
            async {
                writer.write_all(bulk).await?;
                writer.shutdown().await
            },
            reader.read_to_end(&mut read)
        );
        written.unwrap();
        count.unwrap();
        read
    };
    let (one, other) = tokio::join!(send(near, &bulk), send(far, &bulk));
    assert!(one == bulk && other == bulk);
    let (end, up, down, spare) = running.await.unwrap();
    assert_eq!((end, up, down), (End::Closed, 12_000_000, 12_000_000));
    assert!((1..=2).contains(&spare), "buffers are given back: {spare}");
}

#[tokio::test]
async fn pitfall_21_an_idle_tunnel_ends_and_one_that_moves_does_not() {
    let (mut near, client) = pair().await;
    let (upstream, mut far) = pair().await;
    let idle = Duration::from_secs(1);
    let started = Instant::now();
    let running = tokio::spawn(tunnel(client, upstream, idle));
    for _ in 0..10 {
        tokio::time::sleep(idle / 8).await;
        near.write_all(b"x").await.unwrap();
        far.read_exact(&mut [0]).await.unwrap();
    }
    assert!(started.elapsed() >= idle);
    let (end, up, ..) = running.await.unwrap();
    assert_eq!((end, up), (End::Idle, 10));
    assert!(near.read(&mut [0]).await.is_err(), "a reset, not the end of the data");
}

#[tokio::test]
async fn a_reset_of_one_side_is_one_of_the_other() {
    let (near, client) = pair().await;
    let (upstream, mut far) = pair().await;
    let running = tokio::spawn(tunnel(client, upstream, Duration::from_mins(1)));
    near.set_zero_linger().unwrap();
    drop(near);
    assert_eq!(running.await.unwrap().0, End::Reset);
    assert!(far.read(&mut [0]).await.is_err());
}
