internal import CArchive

/// libarchive's own words for what it is and was built with.
package var libarchiveVersion: String { String(cString: archive_version_details()) }
