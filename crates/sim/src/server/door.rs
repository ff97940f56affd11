//! Who may ask. The account checks no credentials, so a page in a browser on this machine must not reach it: neither
//! straight from another site, nor by a name of its own that leads to the loopback (DNS rebinding).

use std::net::IpAddr;

use http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use http::request::Parts;

use super::Reach;
use crate::call::Fault;

/// A browser says in it whether a page of another site asks.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The longest name that a refusal repeats.
const SHOWN: usize = 80;

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It names no host, or several.
    NoHost,
    /// It names a host that is not the loopback.
    ForeignHost(String),
    /// A page of another site sent it.
    ForeignPage(String),
}

impl Refusal {
    /// In the words of an answer.
    pub(super) fn fault(self) -> Fault {
        const DENIED: &str = "AccessDeniedException";
        match self {
            Self::NoHost => Fault::new(
                400,
                "InvalidRequest",
                "The request must name one host in its Host header",
            ),
            Self::ForeignHost(host) => {
                let why = format!(
                    "The simulated account answers to localhost, 127.0.0.1 and [::1], not to {host}: to let others in, serve it with --listen-anywhere"
                );
                Fault::new(403, DENIED, why)
            }
            Self::ForeignPage(page) => {
                let why = format!("The simulated account answers no pages of other sites, and {page} sent this");
                Fault::new(403, DENIED, why)
            }
        }
    }
}

/// Lets a request in, or says why not.
pub(super) fn admit(head: &Parts, reach: Reach) -> Result<(), Refusal> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) else {
        return Err(Refusal::NoHost);
    };
    // A request to a proxy has a host in its first line, too.
    for host in head
        .uri
        .authority()
        .map(http::uri::Authority::as_str)
        .into_iter()
        .chain([host])
    {
        if reach == Reach::Loopback && !is_loopback(host) {
            return Err(Refusal::ForeignHost(shown(host)));
        }
    }
    page(&head.headers, host, reach)
}

/// Refuses what a browser sends for a page of another site.
fn page(headers: &HeaderMap, host: &str, reach: Reach) -> Result<(), Refusal> {
    for origin in headers.get_all(ORIGIN) {
        let origin = origin.to_str().unwrap_or("?");
        let from = origin.split_once("://").map(|(_, from)| from);
        let own = from.is_some_and(|from| match reach {
            Reach::Loopback => is_loopback(from),
            Reach::Anywhere => from.eq_ignore_ascii_case(host),
        });
        if !own {
            return Err(Refusal::ForeignPage(shown(origin)));
        }
    }
    // An image or a form of another site names no origin.
    let other = |site: &[u8]| !matches!(site, b"same-origin" | b"none");
    if headers.get_all(SITE).iter().any(|site| other(site.as_bytes())) && !headers.contains_key(ORIGIN) {
        return Err(Refusal::ForeignPage("one of them".to_owned()));
    }
    Ok(())
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// Whether a host, with its port or without, is a name of the loopback. `bucket.localhost` is one (RFC 6761).
fn is_loopback(authority: &str) -> bool {
    let name = match authority.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((name, "")) => name,
            Some((name, port)) if port.strip_prefix(':').is_some_and(is_port) => name,
            _ => return false,
        },
        None => match authority.split_once(':') {
            Some((name, port)) if is_port(port) => name,
            Some(_) => return false,
            None => authority,
        },
    };
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    match name.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn names_of_the_loopback() {
        for host in [
            "localhost",
            "LOCALHOST:1",
            "localhost.",
            "b.localhost:4566",
            "127.0.0.1",
            "127.8.9.10:80",
            "[::1]",
            "[::1]:4566",
            "[::ffff:127.0.0.1]:1",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "127.0.0.1.evil.example:80",
            "notlocalhost",
            "localhost:port",
            "localhost:80@evil.example",
            "localhost@evil.example",
            "evil.example#localhost",
            "[::1",
            "[::1]x",
            "[::2]",
            "10.0.0.1",
            "0.0.0.0",
            "2130706433",
            "0x7f.1",
            "localhost:+1",
            "::1",
            "b.s3.us-east-1.amazonaws.com",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    fn admitted(uri: &str, headers: &[(&str, &str)], reach: Reach) -> Result<(), Refusal> {
        let request = headers
            .iter()
            .fold(Request::builder().uri(uri), |r, (k, v)| r.header(*k, *v));
        admit(&request.body(()).expect("a request").into_parts().0, reach)
    }

    #[test]
    fn pages_of_other_sites_are_refused_whatever_the_reach() {
        let evil = Err(Refusal::ForeignPage("http://evil.example".to_owned()));
        for (reach, own) in [(Reach::Loopback, "localhost:1"), (Reach::Anywhere, "lab.example:1")] {
            let origin = format!("http://{own}");
            assert_eq!(admitted("/", &[("host", own), ("origin", &origin)], reach), Ok(()));
            assert_eq!(
                admitted("/", &[("host", own), ("origin", "http://evil.example")], reach),
                evil
            );
            assert_eq!(
                admitted("/", &[("host", own), ("sec-fetch-site", "none")], reach),
                Ok(())
            );
            for site in ["cross-site", "same-site"] {
                assert!(
                    admitted("/", &[("host", own), ("sec-fetch-site", site)], reach).is_err(),
                    "{site}"
                );
            }
        }
    }

    #[test]
    fn the_first_line_names_a_host_too() {
        let foreign = Err(Refusal::ForeignHost("evil.example".to_owned()));
        let local = [("host", "localhost")];
        assert_eq!(admitted("http://evil.example/", &local, Reach::Loopback), foreign);
        assert_eq!(admitted("http://localhost/", &local, Reach::Loopback), Ok(()));
        assert_eq!(admitted("/", &[], Reach::Anywhere), Err(Refusal::NoHost));
    }
}
