use std::net::Ipv4Addr;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

use crate::testing::{World, within};

fn query(name: &str, kind: RecordType) -> Vec<u8> {
    let mut message = Message::new(9, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message.to_vec().unwrap()
}

async fn ask(world: &World, name: &str, kind: RecordType) -> Message {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(&query(name, kind), world.bound().dns).await.unwrap();
    let mut bytes = [0; 512];
    let count = within(socket.recv(&mut bytes)).await.unwrap();
    Message::from_vec(&bytes[..count]).unwrap()
}

async fn ask_tcp(world: &World, name: &str, kind: RecordType) -> Message {
    let mut stream = TcpStream::connect(world.bound().dns).await.unwrap();
    let query = query(name, kind);
    stream.write_u16(u16::try_from(query.len()).unwrap()).await.unwrap();
    stream.write_all(&query).await.unwrap();
    let mut bytes = vec![0; usize::from(within(stream.read_u16()).await.unwrap())];
    stream.read_exact(&mut bytes).await.unwrap();
    Message::from_vec(&bytes).unwrap()
}

#[tokio::test]
async fn pitfall_19_allowed_names_are_the_gate_and_nothing_is_forwarded() {
    let world = World::allowing(&["docs.example", "*.cdn.example", "ssh://git.example"]).await;
    for name in ["docs.example.", "DOCS.example.", "a.b.cdn.example.", "git.example."] {
        for reply in [ask(&world, name, RecordType::A).await, ask_tcp(&world, name, RecordType::A).await] {
            let [answer] = reply.answers.as_slice() else { panic!("{name}: {reply:?}") };
            assert_eq!(answer.data, RData::A(Ipv4Addr::LOCALHOST.into()), "{name}");
        }
        assert!(ask(&world, name, RecordType::AAAA).await.answers.is_empty());
    }
    for name in ["evil.example.", "c2VjcmV0.evil.example.", "cdn.example.", "db.", "drawbridge.", "."] {
        for kind in [RecordType::A, RecordType::TXT] {
            let reply = ask(&world, name, kind).await;
            assert_eq!(reply.metadata.response_code, ResponseCode::NXDomain, "{name}");
        }
    }
    let line = world.denial("evil.example").await;
    assert_eq!((&line["phase"], &line["reason"]), (&"dns".into(), &"host-not-allowed".into()));
    // Labels below a wildcard are a channel too: they leave only with a connection.
    assert!(world.outside.resolved().is_empty());
}

#[tokio::test]
async fn queries_follow_the_policy_in_force() {
    let world = World::allowing(&["docs.example"]).await;
    world.set_policy(r#"{"version":1}"#);
    world.tick(0);
    let reply = ask(&world, "docs.example.", RecordType::A).await;
    assert_eq!(reply.metadata.response_code, ResponseCode::NXDomain);
}

#[tokio::test]
async fn denied_names_can_be_steered_too_so_that_the_refusal_explains_itself() {
    let world = World::personal(r#"{"version":1,"deniedNames":"explain"}"#).await;
    let reply = ask(&world, "evil.example.", RecordType::A).await;
    assert_eq!(reply.answers.len(), 1);
    assert_eq!(world.denial("evil.example").await["phase"], "dns");
    let answer = world.ask_http("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("blocked_by"), "{answer}");
}
