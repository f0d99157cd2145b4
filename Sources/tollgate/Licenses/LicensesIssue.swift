import ArgumentParser
import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Gateway
import Licensing
import Packages
import Storage
import SystemPackage
import TerminalOutput

extension Licenses {
    /// `tollgate licenses issue`: makes a license and shows its key, once.
    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issue a license and print its key, which is shown this once.")

        @OptionGroup var data: DataFolderOption

        @Option(help: "The licensee.")
        var account: String

        @Option(help: "Plugins with the end of their update periods: @acme/a,@acme/b@2026-12-31.")
        var plugins: String?

        @Flag(help: "All plugins that are published now.")
        var allPlugins = false

        @Option(name: .customLong("plan"), help: "A JSON file with plugins, features and limits.")
        var planFile: String?

        @Option(
            help: "The last day of the term, in the customer's time zone; without it, perpetual.")
        var expires: String?

        @Option(help: "How many days it works on after the term.")
        var graceDays = 14

        @Option(help: "The customer's time zone, such as Europe/Berlin.")
        var timezone = "UTC"

        @Option(help: "What becomes of plugins after term and grace: keep or pause.")
        var afterTerm = AfterTerm.keep

        @Option(help: "standard, or airgapped for one activation and no check-ins.")
        var mode = LicenseMode.standard

        @Flag(help: "It is a trial.")
        var trial = false

        @Option(help: "How many hours a token holds without a check-in.")
        var leaseHours = 48

        @Option(help: "How many users may be active.")
        var seats: Int64?

        @Option(
            name: .customLong("channel"),
            help: "A channel whose releases it may have besides those of the vendor's first.")
        var channels: [String] = []

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard mode == .standard || expires != nil else {
                throw ValidationError("An airgapped license needs --expires.")
            }
            guard (0...LicenseTerms.maximumGraceDays).contains(graceDays) else {
                throw ValidationError("Grace is 0 to \(LicenseTerms.maximumGraceDays) days.")
            }
            guard (1...LicenseTerms.maximumLeaseHours).contains(leaseHours) else {
                throw ValidationError("A lease is 1 to \(LicenseTerms.maximumLeaseHours) hours.")
            }
        }

        func run() async throws {
            let vendor = try data.openVendor()
            let zone = try timeZone(timezone)
            let plan = try plan(zone)
            let grants = try await grants(plan, zone, vendor)
            guard !grants.isEmpty else {
                throw UsageError(
                    "The license would grant no plugin.",
                    remedy: "Name some by --plugins, --plan or --all-plugins.")
            }
            try await vendor.checkPublished(grants.map(\.plugin))
            let expires = try expires.map { try moment($0, ofDay: .end, in: zone) }
            var limits = plan?.limits ?? [:]
            if let seats { limits["seats"] = seats }
            let terms = LicenseTerms(
                mode: mode, plan: plan?.name, isTrial: trial, expires: expires,
                graceDays: graceDays, timezone: timezone, afterTerm: afterTerm,
                checkIn: LicenseTerms.checkIn(leaseHours: leaseHours), grants: grants,
                features: plan?.features ?? [:], limits: limits, channels: Set(channels))
            let (license, key) = try await vendor.issueLicense(
                to: account, terms, by: DataFolderOption.actor)
            show(license, key)
        }

        private func show(_ license: LicenseRecord, _ key: LicenseKey) {
            if json {
                var members = license.shown.object ?? [:]
                members["key"] = .string(key.text.reveal())
                Terminal.print(.object(members))
                return
            }
            Terminal.print(
                """
                Issued license \(license.id) to \(license.account.name).

                license key    \(key.text.reveal())
                               Shown this once; the gateway keeps only its digest.
                """)
        }

        private func plan(_ zone: TimeZone) throws -> Plan? {
            guard let planFile else { return nil }
            guard let bytes = try readFile(FilePath(planFile)) else {
                throw UsageError("There is no file \(planFile).")
            }
            return try Plan(bytes, file: planFile, in: zone)
        }

        /// The plan's plugins and those named, which win.
        private func grants(
            _ plan: Plan?, _ zone: TimeZone, _ vendor: Vendor
        ) async throws -> [LicenseTerms.Grant] {
            var grants: [String: LicenseTerms.Grant] = [:]
            if allPlugins {
                for name in try await vendor.records.releases.plugins() {
                    grants[name.description] = LicenseTerms.Grant(
                        plugin: name.description, updatesUntil: nil)
                }
            }
            for grant in plan?.grants ?? [] { grants[grant.plugin] = grant }
            for text in plugins?.split(separator: ",") ?? [] {
                let grant = try GrantArgument(text).grant(in: zone)
                grants[grant.plugin] = grant
            }
            return Array(grants.values)
        }
    }
}
