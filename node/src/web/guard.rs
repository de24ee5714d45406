//! Who may speak to the node.
//!
//! The node answers on this machine alone, but so can a page of any site that is open in a browser
//! here. A foreign page gives itself away: its requests carry its own origin, and one that rebound
//! its name to this address carries a foreign host. Requests that change something, and sockets,
//! must say where they come from.

/// What a request says about where it comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    pub host: Option<&'a str>,
    pub origin: Option<&'a str>,
    /// True for everything but plain reads: POST, OPTIONS and sockets.
    pub needs_origin: bool,
}

/// Where an admitted request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From<'a> {
    /// The node's own page, or a read that names no origin.
    Here,
    /// A front end that the member admitted by its origin.
    Admitted(&'a str),
}

/// The door of one node.
#[derive(Clone, Debug)]
pub struct Guard {
    hosts: [String; 2],
    origins: [String; 2],
    admitted: Vec<String>,
}

impl Guard {
    /// A guard for the node at `port` that admits these other origins too.
    pub fn new(port: u16, admitted: &[String]) -> Self {
        let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        let origins = hosts.clone().map(|host| format!("http://{host}"));
        let admitted =
            admitted.iter().map(|origin| origin.trim_end_matches('/').to_string()).collect();
        Self { hosts, origins, admitted }
    }

    /// Where the node's own page and command line come from.
    pub fn own_origin(&self) -> &str {
        &self.origins[0]
    }

    /// Is this the origin of the node's own page and command line?
    pub fn is_own(&self, origin: &str) -> bool {
        self.origins.iter().any(|own| own == origin)
    }

    /// Admits a request, or says in one line why not.
    pub fn admit<'a>(&self, asked: Asked<'a>) -> Result<From<'a>, &'static str> {
        match asked.host {
            Some(host) if self.hosts.iter().any(|own| own == host) => {}
            _ => return Err("This address is not the one of this node."),
        }
        match asked.origin {
            None if asked.needs_origin => Err("This request does not say where it comes from."),
            None => Ok(From::Here),
            Some(origin) if self.is_own(origin) => Ok(From::Here),
            Some(origin) if self.admitted.iter().any(|other| other == origin) => {
                Ok(From::Admitted(origin))
            }
            Some(_) => Err("Another site's page has no business here."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(host: &str, origin: Option<&'static str>, needs_origin: bool) -> bool {
        let guard = Guard::new(4500, &["http://localhost:5173/".to_string()]);
        guard.admit(Asked { host: Some(host), origin, needs_origin }).is_ok()
    }

    #[test]
    fn the_own_page_is_admitted_by_both_names() {
        assert!(admit("127.0.0.1:4500", Some("http://127.0.0.1:4500"), true));
        assert!(admit("localhost:4500", Some("http://localhost:4500"), true));
        assert!(admit("localhost:4500", None, false));
    }

    #[test]
    fn a_rebound_name_is_refused() {
        assert!(!admit("evil.example:4500", Some("http://evil.example:4500"), true));
        assert!(!admit("evil.example:4500", None, false));
        assert!(!admit("127.0.0.1", None, false));
        assert!(!admit("127.0.0.1:4501", None, false));
        let guard = Guard::new(4500, &[]);
        assert!(guard.admit(Asked::default()).is_err());
    }

    #[test]
    fn another_sites_page_is_refused_and_so_is_one_that_hides_its_origin() {
        assert!(!admit("127.0.0.1:4500", Some("https://evil.example"), false));
        assert!(!admit("127.0.0.1:4500", Some("http://127.0.0.1:4501"), true));
        assert!(!admit("127.0.0.1:4500", Some("null"), true));
        assert!(!admit("127.0.0.1:4500", None, true));
    }

    #[test]
    fn an_admitted_front_end_is_told_apart() {
        let guard = Guard::new(4500, &["http://localhost:5173/".to_string()]);
        let origin = Some("http://localhost:5173");
        let asked = Asked { host: Some("127.0.0.1:4500"), origin, needs_origin: true };
        assert_eq!(guard.admit(asked), Ok(From::Admitted("http://localhost:5173")));
        assert!(!guard.is_own("http://localhost:5173"));
        assert!(guard.is_own("http://localhost:4500"));
    }
}
