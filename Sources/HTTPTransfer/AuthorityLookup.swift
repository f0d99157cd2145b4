internal import CCurl

/// Where the authorities are looked for that a server's certificate is checked by.
///
/// Debian's libcurl knows the system's twice: as one file, which it reads whole for each connection
/// (140 certificates, 20 ms), and as a folder, in which OpenSSL finds each by the hash of its name
/// (openssl-rehash(1)). So the folder is asked first, and the file as well when the folder does not
/// vouch for a certificate: a container may have an authority in the file alone. What is trusted is
/// what both together trust.
enum AuthorityLookup {
    case systemFolder
    /// The folder, and the file of the configuration or of the system.
    case folderAndFile

    /// Where a client begins.
    init(_ configuration: HTTPClientConfiguration) {
        // The version of the structure that has the folder first.
        let library = curl_version_info(CURLVERSION_SEVENTH).pointee
        let mayLeaveOutFile = configuration.caFile == nil && library.capath != nil
        self = mayLeaveOutFile ? .systemFolder : .folderAndFile
    }
}

extension Transfer {
    /// Whether the certificate may be trusted with the file that was left out.
    ///
    /// Nothing of the request was sent: verification comes before.
    func wantsFile(after result: CURLcode) -> Bool {
        authorities == .systemFolder
            && (result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_ISSUER_ERROR)
    }
}
