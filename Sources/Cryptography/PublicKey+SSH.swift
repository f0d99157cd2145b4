internal import COpenSSL

extension PublicKey {
    /// The key as SSH writes it, which npm's key IDs are the SHA-256 of.
    ///
    /// Source: RFC 8709, section 4 (Ed25519); RFC 5656, section 3.1 (P-256); RFC 4253,
    /// section 6.6 (RSA).
    package var sshWireBlob: [UInt8] {
        switch type {
        case .ed25519: sshString("ssh-ed25519".utf8) + sshString(rawEd25519 ?? [])
        case .ecdsaP256:
            sshString("ecdsa-sha2-nistp256".utf8) + sshString("nistp256".utf8)
                + sshString(rawP256 ?? [])
        case .rsa:
            sshString("ssh-rsa".utf8) + sshInteger(OSSL_PKEY_PARAM_RSA_E)
                + sshInteger(OSSL_PKEY_PARAM_RSA_N)
        }
    }

    /// One number of an RSA key as `mpint` (RFC 4251, section 5).
    private func sshInteger(_ parameter: String) -> [UInt8] {
        guard let key = try? OpenSSLKey(spkiDER: spkiDER) else {
            fatalError("a public key that was read once cannot be read again")
        }
        var number: OpaquePointer?
        requireSuccess(
            EVP_PKEY_get_bn_param(key.pointer, parameter, &number) == 1, "EVP_PKEY_get_bn_param")
        defer { BN_free(number) }
        let byteCount = (Int(BN_num_bits(number)) + 7) / 8
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            count = Int(BN_bn2bin(number, buffer.baseAddress))
        }
        // A first bit that is set would mean a negative number.
        return sshString((bytes.first ?? 0) >= 0x80 ? [0] + bytes : bytes)
    }
}

private func sshString(_ bytes: some Collection<UInt8>) -> [UInt8] {
    let count = UInt32(bytes.count)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + Array(bytes)
}
