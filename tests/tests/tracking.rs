//! Client tracking with a connection that is told in place of the one that tracks: the same messages come
//! as from Redis, in both protocols, and the same is said when that connection is gone.

use redarium_core::resp::split_words;
use redarium_tests::client::Client;
use redarium_tests::pair::Pair;
use redarium_tests::server::Server;
use redarium_tests::server::eventually;
use redarium_tests::value::Value;

#[test]
fn another_connection_is_told() {
    let pair = Pair::start(&[]);
    for tracker in ["2", "3"] {
        for target in ["2", "3"] {
            let told = |server| redirected(server, tracker, target);
            assert_eq!(told(&pair.redarium), told(&pair.redis), "{tracker} to {target}");
        }
    }
}

#[test]
fn a_connection_that_is_gone_is_not_told() {
    let pair = Pair::start(&[]);
    for protocol in ["2", "3"] {
        let (ours, theirs) = (broken(&pair.redarium, protocol), broken(&pair.redis, protocol));
        assert_eq!(ours, theirs, "RESP{protocol}");
    }
}

/// What two connections get that speak these protocols, one of which tracks keys for the other.
fn redirected(server: &Server, tracker: &str, target: &str) -> Vec<Value> {
    let [mut tracker, mut target] = [open(server, tracker), open(server, target)];
    let mut writer = server.client();
    let target_id = run(&mut target, "CLIENT ID").integer();
    let mut got = vec![
        run(&mut tracker, &format!("CLIENT TRACKING ON REDIRECT {target_id}")),
        run(&mut tracker, &format!("CLIENT TRACKING ON REDIRECT {target_id} REDIRECT {target_id}")),
        run(&mut tracker, "MGET a b c d"),
    ];
    run(&mut writer, "SET a 1");
    got.extend(until_pong(&mut target));
    got.push(run(&mut target, "SUBSCRIBE __redis__:invalidate"));
    for line in ["SET b 1", "FLUSHALL", "SET c 1"] {
        run(&mut writer, line);
        got.extend(until_pong(&mut target));
    }
    got.push(run(&mut tracker, "MGET c d"));
    got.push(run(&mut tracker, "SET d 1"));
    got.extend(until_pong(&mut target));
    let redirect = run(&mut tracker, "CLIENT GETREDIR").integer();
    assert_eq!(redirect, target_id);
    got.extend([run(&mut tracker, "CLIENT TRACKING OFF"), run(&mut tracker, "CLIENT GETREDIR")]);
    got
}

/// What a connection gets whose messages go to one that has left, but for that one's number.
fn broken(server: &Server, protocol: &str) -> Vec<String> {
    let [mut tracker, mut target] = [open(server, protocol), open(server, "3")];
    let id = run(&mut target, "CLIENT ID").integer();
    run(&mut tracker, &format!("CLIENT TRACKING ON REDIRECT {id}"));
    run(&mut tracker, "MGET a b");
    drop(target);
    let mut writer = server.client();
    eventually("the connection is gone", || {
        let list = run(&mut writer, &format!("CLIENT LIST ID {id}"));
        !list.text().contains("addr=")
    });
    run(&mut writer, "MSET a 1 b 1");
    let mut got = until_pong(&mut tracker);
    got.push(run(&mut tracker, "CLIENT TRACKINGINFO").sorted());
    let own = run(&mut tracker, "CLIENT ID").integer();
    let line = run(&mut writer, &format!("CLIENT LIST ID {own}")).text();
    let flags = line.split(' ').find(|word| word.starts_with("flags=")).unwrap_or_default();
    let mut got: Vec<String> = got.iter().map(|value| format!("{value:?}")).collect();
    got.push(flags.to_owned());
    got.iter().map(|text| text.replace(&id.to_string(), "ID")).collect()
}

/// What has come to a client, and the reply to a PING behind it.
fn until_pong(client: &mut Client) -> Vec<Value> {
    let mut values = vec![run(client, "PING end")];
    while !values.last().is_some_and(|value| format!("{value:?}").contains("end")) {
        values.push(client.read().expect("a reply behind the messages"));
    }
    values
}

fn open(server: &Server, protocol: &str) -> Client {
    let mut client = server.client();
    run(&mut client, &format!("HELLO {protocol}"));
    client
}

fn run(client: &mut Client, line: &str) -> Value {
    client.call(&split_words(line.as_bytes()).expect("balanced quotes"))
}
