//! Reading a user agent: woothee, and a table for what it does not know.

use woothee::parser::Parser;

/// What a user agent says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Agent {
    pub(crate) browser: Option<String>,
    /// The major version.
    pub(crate) browser_version: Option<String>,
    pub(crate) os: Option<String>,
    /// `desktop`, `mobile` or `tablet`.
    pub(crate) device: Option<&'static str>,
    pub(crate) bot: bool,
}

/// Crawlers, previewers and monitors that do not say "bot", or pass for a browser.
const BOTS: [(&str, &str); 23] = [
    ("HeadlessChrome/", "HeadlessChrome"),
    ("Chrome-Lighthouse", "Lighthouse"),
    ("PTST/", "WebPageTest"),
    ("PhantomJS", "PhantomJS"),
    ("Applebot", "Applebot"),
    ("AhrefsBot", "AhrefsBot"),
    ("AhrefsSiteAudit", "AhrefsSiteAudit"),
    ("ChatGPT-User", "ChatGPT-User"),
    ("Claude-User", "Claude-User"),
    ("Perplexity-User", "Perplexity-User"),
    ("GoogleOther", "GoogleOther"),
    ("Google-InspectionTool", "Google-InspectionTool"),
    ("Mediapartners-Google", "Mediapartners-Google"),
    ("APIs-Google", "APIs-Google"),
    ("BingPreview", "BingPreview"),
    ("meta-externalagent", "meta-externalagent"),
    ("facebookexternalhit", "facebookexternalhit"),
    ("Bytespider", "Bytespider"),
    ("WhatsApp/", "WhatsApp"),
    ("SkypeUriPreview", "SkypeUriPreview"),
    ("Pingdom", "Pingdom"),
    ("DatadogSynthetics", "DatadogSynthetics"),
    ("GTmetrix", "GTmetrix"),
];

/// Browsers that woothee takes for the one they are built on: a token, with the version behind it, and the name.
const BROWSERS: [(&str, &str); 9] = [
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Mi Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("OPT/", "Opera"),
    ("OPX/", "Opera"),
    ("Whale/", "Whale"),
    ("UCBrowser/", "UC Browser"),
    ("QQBrowser/", "QQ Browser"),
];

impl Agent {
    /// Reads the user agent `text`. Of a program that is no browser and no known bot nothing is said: servers send
    /// events too.
    pub(crate) fn of(text: &str) -> Self {
        if let Some(name) = bot_name(text) {
            return Self { browser: Some(name.to_owned()), bot: true, ..Self::default() };
        }
        let Some(read) = Parser::new().parse(text) else { return Self::default() };
        match read.category {
            "crawler" => Self { browser: known(read.name).map(str::to_owned), bot: true, ..Self::default() },
            "pc" | "smartphone" | "mobilephone" | "appliance" | "UNKNOWN" => {
                let own = BROWSERS.iter().find_map(|(token, name)| Some((*name, text.split_once(token)?.1)));
                // A web view's version is of nothing that anybody knows.
                let version = if read.name == "Webview" { "" } else { read.version };
                let (name, version) = own.unwrap_or((read.name, version));
                Self {
                    browser: known(name).map(|name| browser_name(name, text).to_owned()),
                    browser_version: major(version),
                    os: known(read.os).map(|os| os_name(os).to_owned()),
                    device: device(read.category, text),
                    bot: false,
                }
            }
            _ => Self::default(),
        }
    }
}

/// The name of a bot that is in the table, or calls itself one.
fn bot_name(text: &str) -> Option<&str> {
    if let Some((_, name)) = BOTS.iter().find(|(token, _)| text.contains(token)) {
        return Some(name);
    }
    // "… compatible; GPTBot/1.2; +https://…": a word that ends like one, before a version or the end of its part.
    let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '(' | ')' | ','));
    words.find_map(|word| {
        let (name, version) = word.split_once('/').unwrap_or((word, ""));
        let lower = name.to_ascii_lowercase();
        let says = ["bot", "crawler", "spider"].iter().any(|ending| lower.ends_with(ending));
        // A phone's model, such as "CUBOT", has no version behind it.
        let versioned = version.starts_with(|c: char| c.is_ascii_digit()) || text.contains("+http");
        (says && versioned && !lower.starts_with("http") && !lower.starts_with("+http")).then_some(name)
    })
}

fn known(text: &str) -> Option<&str> {
    (!text.is_empty() && text != "UNKNOWN").then_some(text)
}

fn browser_name<'a>(name: &'a str, text: &str) -> &'a str {
    match name {
        "SamsungBrowser" => "Samsung Internet",
        "Webview" if text.contains("Instagram") => "Instagram",
        "Webview" if text.contains("FBAN") || text.contains("FBAV") => "Facebook",
        "Webview" => "WebView",
        name => name,
    }
}

fn os_name(os: &str) -> &str {
    match os {
        "Mac OSX" | "Mac OS Classic" => "macOS",
        "iPhone" | "iPod" => "iOS",
        "iPad" => "iPadOS",
        os if os.starts_with("Windows Phone") => "Windows Phone",
        os if os.starts_with("Windows") => "Windows",
        os => os,
    }
}

fn device(category: &str, text: &str) -> Option<&'static str> {
    match category {
        _ if text.contains("iPad") || text.contains("Tablet;") => Some("tablet"),
        // Android on a tablet leaves "Mobile" out.
        "smartphone" if text.contains("Android") && !text.contains("Mobile") => Some("tablet"),
        "smartphone" | "mobilephone" => Some("mobile"),
        "pc" if text.contains("TV") => None,
        "pc" => Some("desktop"),
        _ => None,
    }
}

fn major(version: &str) -> Option<String> {
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    (1..=6).contains(&digits.len()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = include_str!("../../data/agents.tsv");

    #[test]
    fn current_user_agents_are_read() {
        let mut rows = 0;
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let [browser, version, os, device, bot, text] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("not six columns: {line}");
            };
            let read = Agent::of(text);
            let say = |field: Option<&str>| field.unwrap_or("-").to_owned();
            let got = [say(read.browser.as_deref()), say(read.browser_version.as_deref()), say(read.os.as_deref())];
            assert_eq!(got, [browser, version, os], "{text}");
            assert_eq!((say(read.device), read.bot), (device.to_owned(), bot == "bot"), "{text}");
            rows += 1;
        }
        assert!(rows > 40, "{rows}");
    }

    #[test]
    fn nonsense_is_nobody() {
        for text in ["", "-", "Mozilla", "\u{0}", "ÄÖÜ/1"] {
            assert!(!Agent::of(text).bot, "{text}");
        }
    }
}
