import ArgumentParser
import Diagnostics
import FoundationEssentials
import Gateway
import Licensing
import Storage

/// What `issue` sets and `edit` changes in the same words; what is not said stays as it is.
struct LicenseTermsOptions: ParsableArguments {
    @Option(help: "How many users may be active.")
    var seats: Int64?

    @Option(name: .customLong("limit"), help: "A limit with its number: seats=50.")
    var limits: [NamedInteger] = []

    @Option(name: .customLong("feature"), help: "A feature with its number: sso=1.")
    var features: [NamedInteger] = []

    @Option(
        name: .customLong("domain"),
        help: "Where the application may be served: host, *.host, with :port if need be.")
    var domains: [String] = []

    @Option(help: "Seconds from one check-in to the next.")
    var checkInSeconds: Int64?

    @Option(help: "Seconds from a failed check-in to the next.")
    var retrySeconds: Int64?

    @Option(help: "How many hours a token holds without a check-in.")
    var leaseHours: Int64?

    @Option(help: "The same in seconds, for trying out.")
    var leaseSeconds: Int64?

    @Option(help: "How often the customer may move it to another instance in a year; 0: never.")
    var rebindsPerYear: Int?

    @Option(help: "For how many days an instance that is left may still use it.")
    var rebindWindowDays: Int?

    func validate() throws {
        guard leaseHours == nil || leaseSeconds == nil else {
            throw ValidationError("Say --lease-hours or --lease-seconds, not both.")
        }
        guard (1...Int64(LicenseTerms.maximumLeaseHours)).contains(leaseHours ?? 1) else {
            throw ValidationError("A lease is 1 to \(LicenseTerms.maximumLeaseHours) hours.")
        }
    }

    /// Sets what was said.
    ///
    /// - Throws: ``LicenseError`` `license.domain-format`.
    func apply(to terms: inout LicenseTerms) throws(LicenseError) {
        for limit in limits { terms.limits[limit.name] = limit.value }
        if let seats { terms.limits["seats"] = seats }
        for feature in features { terms.features[feature.name] = feature.value }
        if !domains.isEmpty {
            terms.domains = try domains.map { text throws(LicenseError) in
                try LicenseDomain(text).description
            }
        }
        terms.checkIn = CheckInPolicy(
            interval: checkInSeconds ?? terms.checkIn.interval,
            retry: retrySeconds ?? terms.checkIn.retry,
            lease: leaseSeconds ?? leaseHours.map { $0 * 3600 } ?? terms.checkIn.lease)
        if let rebindsPerYear { terms.rebinding.perYear = rebindsPerYear }
        if let rebindWindowDays { terms.rebinding.windowDays = rebindWindowDays }
    }
}

/// `name=1`.
struct NamedInteger: ExpressibleByArgument {
    let name: String
    let value: Int64

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let value = Int64(parts[1]) else { return nil }
        name = String(parts[0])
        self.value = value
    }
}

extension LicenseMode: ExpressibleByArgument {}

extension AfterTerm: ExpressibleByArgument {}
