/// One check-in in the middle of a run, for a token that the gateway no longer takes: its lease ended
/// while others were downloaded, or the vendor changed the license.
///
/// However many downloads are refused, the gateway is asked once.
actor LicenseRenewal {
    private let session: LicenseSession
    private let vendor: TrustedVendor
    private let gateway: GatewayClient
    private var answer: Task<CurrentLicense, any Error>?

    init(_ session: LicenseSession, _ vendor: TrustedVendor, _ gateway: GatewayClient) {
        self.session = session
        self.vendor = vendor
        self.gateway = gateway
    }

    /// The license as the gateway states it now.
    ///
    /// - Throws: why the check-in failed.
    func license() async throws -> CurrentLicense {
        let asking =
            answer
            ?? Task { [session, vendor, gateway] in
                var session = session
                let outcome = try await session.checkIn(gateway, vendor, .all)
                if let failure = outcome.failures.first { throw failure }
                return outcome.license
            }
        answer = asking
        return try await withTaskCancellationHandler {
            try await asking.value
        } onCancel: {
            asking.cancel()
        }
    }
}
