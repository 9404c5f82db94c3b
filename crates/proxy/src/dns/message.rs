//! One DNS message to another. No state, no I/O.

use std::net::IpAddr;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA};
use hickory_proto::rr::{DNSClass, RData, Record, RecordType};

use crate::limits::DNS_TTL;

/// Payload size that the gate announces; its own answers fit into 512 bytes.
const PAYLOAD: u16 = 1232;

/// What a query is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The name as asked, with escapes where a label holds odd bytes.
    pub name: String,
    /// The record type, such as `A` or `HTTPS`.
    pub kind: String,
}

/// What the gate says about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Connections to the name are to come to this address.
    Steer(IpAddr),
    /// The name does not exist.
    Deny,
}

/// The answer to `query`, or `None` for what is not a query at all.
///
/// `judge` is asked about well-formed questions only. For a steered name every type but the
/// address's own is empty: no `HTTPS` or `SVCB` record means no ECH keys and no HTTP/3 hint, and
/// `TXT`, `MX` or `ANY` carry no data in.
pub fn answer(query: &[u8], judge: impl FnOnce(&Question) -> Verdict) -> Option<Vec<u8>> {
    let (id, is_response) = header(query)?;
    if is_response {
        return None; // Answering answers makes loops.
    }
    let Ok(query) = Message::from_vec(query) else {
        return error(id, OpCode::Query, ResponseCode::FormErr);
    };
    if query.metadata.op_code != OpCode::Query {
        return error(id, query.metadata.op_code, ResponseCode::NotImp);
    }
    let [question] = query.queries.as_slice() else {
        return error(id, OpCode::Query, ResponseCode::FormErr);
    };
    respond(&query, question, judge)
}

fn respond(query: &Message, question: &Query, judge: impl FnOnce(&Question) -> Verdict) -> Option<Vec<u8>> {
    let mut response = Message::response(query.metadata.id, OpCode::Query);
    response.metadata.recursion_desired = query.metadata.recursion_desired;
    // Not true, but without it stub resolvers look for another server.
    response.metadata.recursion_available = true;
    response.add_query(question.clone());
    if let Some(edns) = &query.edns {
        let mut own = Edns::new();
        own.set_max_payload(PAYLOAD);
        response.set_edns(own);
        if edns.version() > 0 {
            response.metadata.response_code = ResponseCode::BADVERS;
            return response.to_vec().ok();
        }
    }
    if question.query_class() != DNSClass::IN {
        response.metadata.response_code = ResponseCode::Refused;
        return response.to_vec().ok();
    }
    let asked = Question { name: question.name().to_ascii(), kind: question.query_type().to_string() };
    match judge(&asked) {
        Verdict::Deny => response.metadata.response_code = ResponseCode::NXDomain,
        Verdict::Steer(address) => {
            let data = match (address, question.query_type()) {
                (IpAddr::V4(ip), RecordType::A) => Some(RData::A(A(ip))),
                (IpAddr::V6(ip), RecordType::AAAA) => Some(RData::AAAA(AAAA(ip))),
                _ => None,
            };
            if let Some(data) = data {
                // The name keeps the spelling of the question: clients use its case as a nonce.
                response.add_answer(Record::from_rdata(question.name().clone(), DNS_TTL, data));
            }
        }
    }
    response.to_vec().ok()
}

/// Id and direction, which are readable even when the rest is not.
fn header(query: &[u8]) -> Option<(u16, bool)> {
    let header = query.first_chunk::<12>()?;
    Some((u16::from_be_bytes([header[0], header[1]]), header[2] & 0x80 != 0))
}

fn error(id: u16, op_code: OpCode, code: ResponseCode) -> Option<Vec<u8>> {
    let mut response = Message::new(id, MessageType::Response, op_code);
    response.metadata.response_code = code;
    response.to_vec().ok()
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use hickory_proto::rr::Name;
    use proptest::prelude::*;

    use super::*;

    const OWN: Verdict = Verdict::Steer(IpAddr::V4(std::net::Ipv4Addr::new(198, 18, 0, 2)));

    fn query(name: &str, kind: RecordType) -> Vec<u8> {
        let mut message = Message::new(77, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        // `from_str` would fold the case.
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        message.to_vec().unwrap()
    }

    fn ask(name: &str, kind: RecordType, verdict: Verdict) -> Message {
        let bytes = answer(&query(name, kind), |_| verdict).unwrap();
        assert!(bytes.len() <= 512);
        Message::from_vec(&bytes).unwrap()
    }

    #[test]
    fn steers_an_allowed_name_and_keeps_its_case() {
        let reply = ask("dOcS.eXaMpLe.", RecordType::A, OWN);
        assert_eq!(reply.metadata.response_code, ResponseCode::NoError);
        assert_eq!((reply.metadata.id, reply.metadata.message_type), (77, MessageType::Response));
        let [record] = reply.answers.as_slice() else { panic!("{reply:?}") };
        assert_eq!(record.name.to_ascii(), "dOcS.eXaMpLe.");
        assert_eq!((record.ttl, record.data.to_string().as_str()), (DNS_TTL, "198.18.0.2"));
    }

    #[test]
    fn pitfall_8_and_18_no_https_records_and_no_ipv6() {
        for kind in [
            RecordType::AAAA,
            RecordType::HTTPS,
            RecordType::SVCB,
            RecordType::TXT,
            RecordType::MX,
            RecordType::ANY,
            RecordType::CNAME,
            RecordType::SRV,
            RecordType::NULL,
        ] {
            let reply = ask("docs.example.", kind, OWN);
            assert_eq!(reply.metadata.response_code, ResponseCode::NoError, "{kind}");
            assert!(reply.answers.is_empty() && reply.authorities.is_empty(), "{kind}");
        }
    }

    #[test]
    fn pitfall_19_every_type_of_a_denied_name_is_nxdomain() {
        for kind in [RecordType::A, RecordType::AAAA, RecordType::TXT, RecordType::HTTPS] {
            let reply = ask("secret-data.evil.example.", kind, Verdict::Deny);
            assert_eq!(reply.metadata.response_code, ResponseCode::NXDomain, "{kind}");
            assert!(reply.answers.is_empty());
        }
    }

    #[test]
    fn answers_edns_with_edns() {
        let mut message = Message::from_vec(&query("docs.example.", RecordType::A)).unwrap();
        message.set_edns(Edns::new());
        let reply = answer(&message.to_vec().unwrap(), |_| OWN).unwrap();
        assert!(Message::from_vec(&reply).unwrap().edns.is_some());
    }

    #[test]
    fn what_is_not_one_question_is_not_judged() {
        let judged = |_: &Question| -> Verdict { panic!("judged") };
        let mut two = Message::from_vec(&query("a.example.", RecordType::A)).unwrap();
        two.add_query(Query::query(Name::from_str("b.example.").unwrap(), RecordType::A));
        let mut notify = Message::from_vec(&query("a.example.", RecordType::A)).unwrap();
        notify.metadata.op_code = OpCode::Notify;
        let mut chaos = Message::from_vec(&query("version.bind.", RecordType::TXT)).unwrap();
        chaos.queries[0].set_query_class(DNSClass::CH);
        for (bytes, code) in [
            (two.to_vec().unwrap(), ResponseCode::FormErr),
            (notify.to_vec().unwrap(), ResponseCode::NotImp),
            (chaos.to_vec().unwrap(), ResponseCode::Refused),
            ([&query("a.example.", RecordType::A)[..12], &[0xc0, 0x0c]].concat(), ResponseCode::FormErr),
        ] {
            let reply = answer(&bytes, judged).unwrap();
            assert_eq!(Message::from_vec(&reply).unwrap().metadata.response_code, code);
        }
        let reply = ask("a.example.", RecordType::A, OWN).to_vec().unwrap();
        assert_eq!(answer(&reply, judged), None, "answers are not answered");
        assert_eq!(answer(b"short", judged), None);
    }

    #[test]
    fn odd_bytes_in_a_label_stay_escaped() {
        // The single label `docs.example`, with a dot inside.
        let name = Name::from_labels([&b"docs.example"[..]]).unwrap();
        let mut message = Message::new(1, MessageType::Query, OpCode::Query);
        message.add_query(Query::query(name, RecordType::A));
        let mut seen = String::new();
        answer(&message.to_vec().unwrap(), |question| {
            seen.clone_from(&question.name);
            Verdict::Deny
        });
        assert!(drawbridge_policy::Host::parse(&seen).is_err(), "{seen}");
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(reply) = answer(&bytes, |_| OWN) {
                prop_assert!(Message::from_vec(&reply).is_ok());
            }
        }
    }
}
