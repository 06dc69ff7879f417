//! Text as `postgresql.conf` wants it.

use std::path::Path;

/// Longest path of a Unix socket in bytes, without the closing zero.
///
/// Source: `sun_path` of `struct sockaddr_un` holds 108 bytes on Linux (unix(7)) and 104 on macOS and the BSDs.
pub(crate) const SOCKET_PATH_BYTES_MAX: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The name of the socket inside its folder, for the port number that every cluster here uses.
pub(crate) const SOCKET_NAME: &str = ".s.PGSQL.5432";

/// The port number, which only names the socket: nothing listens on the network.
pub(crate) const PORT: u16 = 5432;

/// The folder as the text in which clients ask for it, or nothing where the socket would not fit in it.
pub(crate) fn socket_host(folder: &Path) -> Option<&str> {
    let text = folder.to_str()?;
    let fits = text.len() + 1 + SOCKET_NAME.len() <= SOCKET_PATH_BYTES_MAX;
    // A line feed would end the line of the settings file.
    (fits && !text.contains(['\n', '\r'])).then_some(text)
}

/// The value of `unix_socket_directories`: a quoted list of one quoted folder.
pub(crate) fn folder_setting(folder: &str) -> String {
    let item = folder.replace('"', "\"\"");
    format!("'\"{}\"'", item.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{SOCKET_NAME, SOCKET_PATH_BYTES_MAX, folder_setting, socket_host};

    #[test]
    fn a_folder_is_quoted_twice() {
        assert_eq!(folder_setting("/a b, c"), "'\"/a b, c\"'");
        assert_eq!(folder_setting("/it's\\\"x"), "'\"/it''s\\\\\"\"x\"'");
    }

    #[test]
    fn the_longest_folder_that_fits_is_accepted_and_one_byte_more_is_not() {
        let longest = SOCKET_PATH_BYTES_MAX - SOCKET_NAME.len() - 1;
        let fits = format!("/{}", "a".repeat(longest - 1));
        assert_eq!(socket_host(Path::new(&fits)), Some(fits.as_str()));
        assert_eq!(socket_host(Path::new(&format!("{fits}a"))), None);
        assert_eq!(socket_host(Path::new("/a\nb")), None);
    }
}
