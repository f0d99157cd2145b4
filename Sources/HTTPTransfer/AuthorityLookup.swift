internal import CCurl

/// Where the authorities are looked for that a server's certificate is checked by.
///
/// Debian's libcurl knows the system's twice: as one file, which it reads whole for each connection
/// (about 140 certificates, 20 ms), and as a folder, in which OpenSSL finds each by the hash of its name
/// (openssl-rehash(1)). So the folder is asked first. A certificate that it does not vouch for is
/// shown to both: a container may have an authority in the file alone.
enum AuthorityLookup {
    case systemFolder
    /// The folder, and the file of the configuration or of the system.
    case folderAndFile

    /// Where a client begins.
    init(_ configuration: HTTPClientConfiguration) {
        // The first version of the structure that has both.
        let library = curl_version_info(CURLVERSION_SEVENTH).pointee
        let knowsBoth = library.capath != nil && library.cainfo != nil
        self = configuration.caFile == nil && knowsBoth ? .systemFolder : .folderAndFile
    }
}

extension Transfer {
    /// Whether the server's certificate was refused, and may be trusted by the file that was left
    /// out.
    ///
    /// Nothing went over the connection that was refused. What curl had sent over an older one, which
    /// broke, it repeats by itself as well.
    func wantsFile(after result: CURLcode) -> Bool {
        let isProxy = easy.number(CURLINFO_PROXY_SSL_VERIFYRESULT) > 1
        return authorities == .systemFolder && !isProxy
            && (result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_ISSUER_ERROR)
    }

    /// Whether it ended well where the folder alone was not enough.
    func neededFile(_ result: CURLcode) -> Bool { outcomeByFolder != nil && result == CURLE_OK }
}
