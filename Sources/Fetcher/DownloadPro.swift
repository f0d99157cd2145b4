import Diagnostics
package import FoundationEssentials
import Licensing
package import Logging
import Packages
package import SystemPackage

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
///
/// Whatever a step waits for, a lock, a database, the network, it waits no longer than until one
/// deadline for the whole run (``Settings/timeout``). What was downloaded by then is still verified and
/// installed.
package struct DownloadPro: Sendable {
    package struct Options: Sendable {
        package var isDryRun = false
        /// Whether mismatches are the exit code.
        package var isStrict = false
        package var trustsOnFirstUse = false
        /// What stands in the gateway's place; nil: the gateway.
        package var bundle: FilePath?
        /// Told how far the downloads are.
        package var watch: DownloadWatch = { _ in }
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
        report.run = log[metadataKey: "run"].map { "\($0)" }
        report.isDryRun = options.isDryRun
        report.isStrict = options.isStrict
        guard !settings.isDownloadDisabled || options.isDryRun || options.bundle != nil else {
            report.notices.append("Nothing is done: DISABLE_PKG_DOWNLOAD is set.")
            for notice in report.notices { log.warning("\(notice)") }
            return report
        }
        var isClosed = false
        do {
            if options.isDryRun {
                try await run(&report, deadline: start + settings.timeout)
            } else {
                try await StorageLock.hold(
                    settings.storage, patience: lockPatience, waiting: announceWaiting
                ) {
                    do {
                        try await run(&report, deadline: start + settings.timeout)
                    } catch {
                        await stop(&report, because: error)
                    }
                    report.failures += link(isAlone: true)
                    close(&report, after: clock.now - start)
                    isClosed = true
                    // Before another run owns the folder, whose report is the newer one.
                    save(report)
                }
            }
        } catch {
            // Whoever holds the lock in our place keeps a report of its own there.
            await stop(&report, because: error)
            report.failures += link(isAlone: false)
        }
        if !isClosed { close(&report, after: clock.now - start) }
        for notice in report.notices { log.warning("\(notice)") }
        for failure in report.failures { log.error("\(failure)") }
        return report
    }

    private func stop(_ report: inout Report, because error: any Error) async {
        // By a clock that is years ahead the lease is over as well: first the cause.
        let isClock = anyFailure(error).code == .trustExpired
        report.failures.insert(anyFailure(error), at: isClock ? 0 : report.failures.count)
        await addRowsOfInstalled(to: &report)
    }

    private func close(_ report: inout Report, after duration: Duration) {
        report.failures = report.failures.map(reason)
        report.end(by: options.endSignal())
        report.seconds = duration / .seconds(1)
    }

    private func run(_ report: inout Report, deadline: ContinuousClock.Instant) async throws {
        let seen = try await lookAround(&report)
        if let bundle = options.bundle {
            return try await run(from: bundle, seen, &report, deadline: deadline)
        }
        // Needs neither the license nor the gateway: done while these are asked.
        async let installed = installedPlugins(unless: seen)
        var session = try await identify(&report, deadline: deadline)
        if let license = try licenseWithoutNetwork(session, after: nil, &report) {
            return try await stay(with: license, installed, &report)
        }
        let gateway = try GatewayClient(settings, deadline: deadline)
        let result: Result<Void, any Error>
        do {
            let vendor = try await refreshMetadata(&session, gateway, &report)
            var license = try await checkIn(&session, vendor, gateway, &report)
            var plan = try await resolve(license, vendor, installed, &report)
            if plan.removesPlugins, !license.isStatedAfresh, !options.isDryRun {
                license = await confirmRemovals(&session, license, vendor, gateway, &report)
                plan = try await resolve(license, vendor, installed, &report)
            }
            try await carryOut(
                plan, installed, license, vendor, gateway,
                LicenseRenewal(session, vendor, gateway), &report)
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
        try await stay(with: license, installed, &report)
    }

    /// Steps 5 and 6; with `--dry-run` only what they would do.
    func carryOut(
        _ plan: Plan, _ installed: [InstalledPlugin], _ license: CurrentLicense,
        _ vendor: TrustedVendor,
        _ source: some ReleaseSource, _ renewal: LicenseRenewal?, _ report: inout Report
    ) async throws {
        report.plan = plan
        report.notices += plan.advice
        guard !options.isDryRun else {
            report.rows = []
            for item in plan.items { report.rows.append(await planned(item, source)) }
            return
        }
        let staged = await downloadAndVerify(plan, license, vendor, source, renewal)
        try endIfTold()
        report.rows = try install(plan, staged, over: installed)
        report.failures += prune(plan)
    }

    private func planned(_ item: PlanItem, _ source: some ReleaseSource) async -> Report.Row {
        if item.needsTarball, let release = item.release {
            do {
                try await source.check(release)
            } catch {
                return Report.Row(item, heldBackBy: anyFailure(error), visible: item.installed)
            }
        }
        let missing = item.release.map {
            $0.length - $0.lengthPresent(in: settings.storage.tarballs)
        }
        return Report.Row(planned: item, downloadBytes: item.needsTarball ? missing ?? 0 : 0)
    }

    /// What comes before everything else: ends what a killed run began.
    ///
    /// A dry run looks, while nobody changes the plugins, and then keeps nobody waiting: what it asks
    /// the network for may take as long as it wants.
    ///
    /// - Returns: the installed plugins that a dry run saw
    private func lookAround(_ report: inout Report) async throws -> [InstalledPlugin]? {
        guard options.isDryRun else {
            try recover(&report)
            return nil
        }
        return try await StorageLock.share(
            settings.storage, patience: lockPatience, waiting: announceWaiting
        ) {
            try recover(&report)
            return try await installedPlugins(keepingTimes: false)
        }
    }

    func installedPlugins(unless seen: [InstalledPlugin]?) async throws -> [InstalledPlugin] {
        if let seen { return seen }
        return try await installedPlugins(keepingTimes: true)
    }

    private var lockPatience: Duration { min(.seconds(30), settings.timeout) }

    private func announceWaiting(for owner: String) {
        log.notice("Waiting for another run of pkg, process \(owner).")
    }
}
