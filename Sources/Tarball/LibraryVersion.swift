internal import CArchive
import Diagnostics

/// libarchive's own words for what it is and was built with; nil where it is not installed.
package var libarchiveVersion: String? {
    archive_is_loaded() ? String(cString: loaded_archive_version_details()) : nil
}

/// - Throws: `unexpected` where the library is not installed.
func requireLibarchive() throws(TarballError) {
    guard archive_is_loaded() else {
        throw TarballError(
            .unexpected, "libarchive.so.13, which reads and writes tars, is not installed.")
    }
}
