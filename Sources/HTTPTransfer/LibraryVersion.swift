internal import CCurl

/// libcurl's own words for what it is and was built with.
package var libcurlVersion: String { String(cString: curl_version()) }
