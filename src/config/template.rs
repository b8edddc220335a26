//! A file of settings to begin with: the reference of all settings, of which only what almost everybody sets is in effect.

use super::DEFAULTS;

/// What stands at the top instead of the introduction of the defaults.
const INTRODUCTION: &str = "\
# The settings of rocketchat-engagement. A line that begins with #, directly followed by a key, is a default: to change it, take the #
# away. What almost everybody sets is in effect already: mongo_url, time_zone, http.port and http.root_url.
#
# An environment variable, named behind each key, wins over this file, and a command-line flag over both. After a change the service
# has to be started again. `rocketchat-engagement config --config THIS-FILE` says what is in effect.
";

/// What is in effect, and its value. The port is another than Rocket.Chat's, which is on the same machine.
const IN_EFFECT: [(&str, &str); 4] = [
    ("mongo_url", "\"mongodb://127.0.0.1:27017/rocketchat\""),
    ("time_zone", "\"\""),
    ("port", "3100"),
    ("root_url", "\"http://localhost:3000\""),
];

/// The file. Read as it is, it makes the settings be the defaults, but for the port.
pub fn template() -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut section = "";
    for line in DEFAULTS.lines().skip_while(|line| line.starts_with('#')) {
        if line.starts_with('[') {
            section = line;
        }
        let key = line.split_once(" = ").map_or("", |(key, _)| key);
        // Keys of other sections have the same names as these.
        let is_here = matches!(section, "" | "[http]");
        let line = match IN_EFFECT.iter().find(|(name, _)| is_here && *name == key) {
            Some((name, value)) => format!("{name} = {value}"),
            None if line.is_empty() || line.starts_with(['#', '[']) => line.to_owned(),
            None => format!("#{line}"),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::config::Layers;

    /// The effective settings of a file, without where each comes from.
    fn effective(text: &str) -> Vec<String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        let layers = Layers::read(Some(file.path()), &HashMap::new(), &[]).expect("settings that hold");
        let lines = layers.to_string();
        lines.lines().map(|line| line.split(" # ").next().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn the_template_is_the_defaults_on_another_port() {
        let expected = effective("http.port = 3100");
        assert_eq!(effective(&template()), expected);
        let in_effect = template();
        let in_effect = in_effect.lines().filter(|line| line.contains(" = ") && !line.starts_with('#'));
        assert_eq!(in_effect.count(), IN_EFFECT.len());
    }

    #[test]
    fn the_template_chooses_no_time_zone_so_that_check_can_warn_of_utc() {
        let chosen = |text: &str| {
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(file.path(), text).expect("written");
            let layers = Layers::read(Some(file.path()), &HashMap::new(), &[]).expect("settings that hold");
            layers.is_chosen("time_zone")
        };
        assert!(!chosen(&template()));
        assert!(chosen(&template().replace("time_zone = \"\"", "time_zone = \"UTC\"")));
    }

    #[test]
    fn with_every_number_sign_taken_away_that_is_followed_by_a_key_it_holds_as_well() {
        let is_key = |line: &str| {
            line.strip_prefix('#').is_some_and(|rest| {
                rest.starts_with("    ") || rest == "]" || rest.starts_with(|first: char| first.is_ascii_lowercase())
            })
        };
        let template = template();
        let lines = template.lines().map(|line| if is_key(line) { &line[1..] } else { line });
        let uncommented = lines.collect::<Vec<_>>().join("\n");
        assert_eq!(effective(&uncommented), effective(&template));
        let keys = uncommented.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')).count();
        assert_eq!(keys, crate::config::KEYS.len());
    }
}
