import Diagnostics
package import FoundationEssentials
import Licensing
package import Logging
import Packages

/// The main job, `pkg download-pro`: makes the plugins on disk those that the license covers for
/// this version of the application.
///
/// 1. **Identify** this instance and the license that is saved or given. Needs no network, so its
///    failures are told apart from the gateway's.
/// 2. **Refresh the signed metadata**: before anything that a gateway says is believed, because the
///    keys that verify tokens and releases are in it.
/// 3. **Check in**, when it is due. When the gateway does not answer, the saved token holds for its
///    lease. With an offline license alone neither this nor the step before touches the network, and
///    what is installed stays.
/// 4. **Resolve**: entitlements × releases × application version, by the same pure plan online and
///    offline.
/// 5. **Download and verify** next to each other; nothing visible has changed up to here, so
///    whatever fails leaves the installed plugins alone. Unpacked into a staging folder.
/// 6. **Install** all that was staged, each by one exchange.
/// 7. **Report**, also when a step failed.
package struct DownloadPro: Sendable {
    package struct Options: Sendable {
        package var isDryRun = false
        /// Whether mismatches are the exit code.
        package var isStrict = false
        /// After which downloads are given up.
        package var timeout = Duration.seconds(300)
        package var trustsOnFirstUse = false
        /// The signal that cancelled the run's task, once one did.
        package var endSignal: @Sendable () -> EndSignal? = { nil }

        package init() {}
    }

    let settings: Settings
    let options: Options
    let now: Date
    let log: Logger

    /// - Parameters:
    ///   - settings: what the person or the container said
    ///   - options: how to run
    ///   - now: the time that every expiry is compared with
    ///   - log: where progress goes
    package init(_ settings: Settings, _ options: Options, now: Date, log: Logger) {
        self.settings = settings
        self.options = options
        self.now = now
        self.log = log
    }

    /// Does it.
    ///
    /// - Returns: What was done; failures are in it and not thrown.
    package func run() async -> Report {
        let clock = ContinuousClock()
        let start = clock.now
        var report = Report(started: now)
        report.isDryRun = options.isDryRun
        report.isStrict = options.isStrict
        var ownsFolder = false
        do {
            try await StorageLock.hold(
                settings.storage, patience: min(.seconds(30), options.timeout),
                waiting: announceWaiting
            ) {
                ownsFolder = true
                try await run(&report, deadline: start + options.timeout)
            }
        } catch {
            report.add(error)
            addRowsOfInstalled(to: &report)
        }
        report.failures = report.failures.map(reason)
        report.end(by: options.endSignal())
        report.seconds = (clock.now - start) / .seconds(1)
        for notice in report.notices { log.warning("\(notice)") }
        for failure in report.failures { log.error("\(failure)") }
        // Whoever holds the lock in our place keeps a report of its own there.
        if ownsFolder, !options.isDryRun { save(report) }
        return report
    }

    private func run(_ report: inout Report, deadline: ContinuousClock.Instant) async throws {
        if !options.isDryRun { try recover() }
        var session = try await identify(&report)
        if let license = try licenseWithoutNetwork(session, after: nil, &report) {
            return try stay(with: license, &report)
        }
        let gateway = try GatewayClient(settings, deadline: deadline)
        let result: Result<Void, any Error>
        do {
            let vendor = try await refreshMetadata(&session, gateway, &report)
            var license = try await checkIn(&session, vendor, gateway, &report)
            var plan = try await resolve(license, vendor, &report)
            if plan.removesPlugins, !license.isStatedAfresh, !options.isDryRun {
                license = await confirmRemovals(&session, license, vendor, gateway, &report)
                plan = try await resolve(license, vendor, &report)
            }
            report.notices += plan.advice
            if options.isDryRun {
                report.rows = plan.items.map(Report.Row.init(planned:))
            } else {
                let staged = await downloadAndVerify(plan, license, session, vendor, gateway)
                try endIfTold()
                report.rows = try install(plan, staged)
                report.failures += link(plan) + prune(plan)
            }
            result = .success(())
        } catch {
            if !options.isDryRun { discardStaged() }
            result = .failure(error)
        }
        await gateway.shutDown()
        report.add(gateway.costSoFar)
        guard case .failure(let error) = result else { return }
        try endIfTold()
        guard let license = try licenseWithoutNetwork(session, after: error, &report) else {
            throw error
        }
        try stay(with: license, &report)
    }

    private func announceWaiting(for owner: String) {
        log.notice("Waiting for another run of pkg, process \(owner).")
    }
}
