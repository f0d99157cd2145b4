internal import COpenSSL

/// OpenSSL's own words for what it is.
package var openSSLVersion: String { String(cString: OpenSSL_version(OPENSSL_VERSION)) }
